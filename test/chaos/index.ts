import { parseArgs } from 'node:util';
import { type RunReport, run } from './run.ts';
import type { Backend } from './schedule.ts';
import { removeWorld } from './world/world.ts';

const HELP = `npm run chaos -- [options]

Runs a whole deployment in processes of its own, sends it a known history, and meanwhile kills, stops, cuts, floods and
lies to it. Then an independent count says what must stand in both CRMs, and every difference is shown.

  --seed N        which faults, when, and which history (default: chosen, and printed)
  --faults N      how many (default 200)
  --backend B     redis, postgres or both, one after the other (both)
  --accounts N    of the history (default: 1.2 for each fault, at least 40)
  --pace S        mean seconds from one fault to the next (default 5)
  --keep          keep the folder with logs and findings also when all is well
  --json          one JSON object for each backend on standard output; all else on standard error
  --help

Needs redis-server for the backend redis. Exit code: 0 all is well, 1 something is not, 2 wrong usage.
`;

interface Options {
  seed: number;
  faults: number;
  backends: Backend[];
  accounts: number;
  pace: number;
  keep: boolean;
  json: boolean;
}

function read(): Options | string {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      faults: { type: 'string', default: '200' },
      backend: { type: 'string', default: 'both' },
      accounts: { type: 'string' },
      pace: { type: 'string', default: '5' },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    return HELP;
  }
  const faults = Number(values.faults);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const accounts = Number(values.accounts ?? Math.max(40, Math.round(faults * 1.2)));
  const pace = Number(values.pace);
  const backends = { both: ['postgres', 'redis'], redis: ['redis'], postgres: ['postgres'] }[values.backend];
  if (backends === undefined || ![seed, faults, accounts].every(Number.isSafeInteger) || !(pace > 0)) {
    throw new Error(
      '--seed, --faults and --accounts are whole numbers, --pace is seconds, --backend redis, postgres or both',
    );
  }
  return {
    seed,
    faults,
    backends: backends as Backend[],
    accounts,
    pace,
    keep: values.keep,
    json: values.json,
  };
}

function table({
  checks,
  backend,
  seed,
  faults,
  events,
  requests,
  answers,
  seconds,
  amid,
  dir,
}: RunReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, found }) => [
    `  ${name.padEnd(width)}  ${found.length}${found.length === 0 ? '' : '  <---'}`,
    ...found.slice(0, 10).map((one) => `      ${one}`),
    ...(found.length > 10 ? [`      and ${found.length - 10} more: ${dir}/report.json`] : []),
  ]);
  const said = Object.entries(answers).map(([answer, count]) => `${answer}: ${count}`);
  return [
    '',
    `${backend}: seed ${seed}, ${faults} faults, ${events} events in ${requests} requests, ${seconds.traffic} s of traffic, at rest after ${seconds.recovery} s`,
    `  answers to the sender: ${said.join(', ')}; ${amid} % of the CRM writes amid faults`,
    ...lines,
    '',
  ].join('\n');
}

async function main(): Promise<number> {
  const options = read();
  if (typeof options === 'string') {
    process.stdout.write(options);
    return 0;
  }
  const { backends, pace, keep, json, ...plan } = options;
  const stopped = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
    }
  });
  stopped.catch(() => {});
  let passed = true;
  for (const backend of backends) {
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    const report = await run({
      ...plan,
      backend,
      pace: pace * 1000,
      mild: false,
      patience: 900_000,
      say,
      stopped,
    });
    passed &&= report.passed;
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : table(report));
    if (report.passed && !keep) {
      removeWorld(report.dir);
    } else {
      say(
        `${report.passed ? 'kept' : `FAILED; again: npm run chaos -- --backend ${backend} --seed ${report.seed} --faults ${report.faults}; kept`}: ${report.dir}`,
      );
    }
  }
  return passed ? 0 : 1;
}

try {
  // What was interrupted would go on waiting for what is no more.
  process.exit(await main());
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  process.stderr.write(`${message}\n`);
  process.exit(code?.startsWith('ERR_PARSE_ARGS') || message.startsWith('--') ? 2 : 1);
}
