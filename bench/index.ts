import { parseArgs } from 'node:util';
import { backlog } from './backlog.ts';
import { door } from './events/door.ts';
import { flow } from './events/flow.ts';
import { state } from './events/state.ts';
import { trigger } from './events/trigger.ts';
import { fold } from './fold.ts';
import { measuring } from './measure.ts';
import { rescore } from './rescore/index.ts';
import { score } from './score.ts';
import { sync } from './sync.ts';

/** Benchmarks by name. Each prints ratios to baselines of its own run. */
const BENCHES: Record<string, (options: { large: boolean }) => void | Promise<void>> = {
  backlog,
  fold,
  measure: measuring,
  rescore,
  score,
  sync,
  door,
  flow,
  trigger,
  state,
};

const HELP = `npm run bench                     every benchmark
npm run bench -- NAME...          ${Object.keys(BENCHES).join(', ')}
npm run bench -- backlog --large  also a million waiting events: about ten minutes more
npm run bench -- sync --large     also 200,000 changed accounts for each CRM: about five minutes more
npm run bench -- rescore --large  1,000,000 accounts instead of 20,000: about 30 GB of disk and three quarters of an hour
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    large: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (values.help) {
  process.stdout.write(HELP);
} else if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(BENCHES)) {
    if (positionals.length === 0 || positionals.includes(name)) {
      console.log(`\n${name}`);
      await run({ large: values.large });
    }
  }
}
