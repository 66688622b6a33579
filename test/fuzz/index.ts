/**
 * `npm run fuzz -- [--bodies N] [--seed S]`: sends mutated bodies to every route of the receivers, in a process of their own
 * over a real PostgreSQL. Fails on a 5xx that is no 503 with Retry-After, a crash, an unhandled rejection, memory
 * that grows, or something acknowledged that is neither in the journal nor in quarantine. The same seed sends the same.
 */
import { mkdtempSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Random, repeatable } from '../../src/sandbox/traffic/random.ts';
import { openPool } from '../../src/store/db.ts';
import { removePlaces } from '../../src/store/embedded/places.ts';
import { startEmbedded } from '../../src/store/embedded/server.ts';
import { requestOf } from './request.ts';
import { type Answer, send, startTarget, type Target } from './send.ts';
import { missingMarks } from './stored.ts';

const CONCURRENCY = 16;
/** Growth of the live heap (bytes) between a tenth of the run and its end that is no leak: caches that fill. */
const GROWTH_MAX = 16 * 1024 * 1024;

interface Tally {
  byStatus: Record<string, number>;
  problems: string[];
  acknowledged: Set<string>;
}

const { values } = parseArgs({ options: { bodies: { type: 'string' }, seed: { type: 'string' } } });
const bodies = Number(values.bodies ?? 200_000);
const seed = Number(values.seed ?? 1);

const dataDir = mkdtempSync(join(tmpdir(), 'pql-fuzz-'));
const database = await startEmbedded({ dataDir, settings: ['fsync=off', 'full_page_writes=off'] });
try {
  const target = await startTarget(database.url, dataDir);
  const tally: Tally = { byStatus: {}, problems: [], acknowledged: new Set() };
  const started = performance.now();
  const random = repeatable(seed);
  await sendAll(target, random, tally, 1, bodies / 10);
  const early = await target.memory();
  await sendAll(target, random, tally, bodies / 10 + 1, bodies);
  const late = target.crashed() === null ? await target.memory() : early;
  const seconds = Math.round((performance.now() - started) / 1000);
  await target.stop();
  tally.problems.push(...(await problemsAtEnd(target, tally, late.heapUsed - early.heapUsed)));
  report(tally, { early, late, seconds });
  process.exitCode = tally.problems.length === 0 ? 0 : 1;
} finally {
  await database.stop();
  removePlaces(dataDir);
}

async function sendAll(
  target: Target,
  random: Random,
  tally: Tally,
  from: number,
  to: number,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let next = from;
  const sender = async () => {
    while (next <= to && target.crashed() === null) {
      const number = next++;
      const request = requestOf(random, number);
      judge(tally, number, request, await send(target.url, agent, request));
      if (number % 20_000 === 0) {
        process.stderr.write(`${number} of ${bodies}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  agent.destroy();
}

async function problemsAtEnd(target: Target, tally: Tally, growth: number): Promise<string[]> {
  const db = openPool(database.url, 2);
  const missing = await missingMarks(db, tally.acknowledged);
  await db.end();
  const crashed = target.crashed();
  return [
    ...(crashed === null ? [] : [`the receivers crashed: ${crashed}`]),
    ...(growth > GROWTH_MAX ? [`the live heap grew by ${inMb(growth)}`] : []),
    ...missing.slice(0, 20).map((mark) => `acknowledged, and stored nowhere: ${mark}`),
  ];
}

function judge(tally: Tally, number: number, request: ReturnType<typeof requestOf>, answer: Answer): void {
  tally.byStatus[answer.status] = (tally.byStatus[answer.status] ?? 0) + 1;
  const declared = answer.status === 503 && answer.retryAfter;
  if (answer.status >= 500 && !declared) {
    tally.problems.push(`body ${number}: ${answer.status} of ${request.path}`);
  }
  if (answer.status === 0) {
    tally.problems.push(`body ${number}: no answer of ${request.path}`);
  }
  if (answer.status === 200) {
    for (const mark of request.marks) {
      tally.acknowledged.add(mark);
    }
  }
}

interface Figures {
  early: NodeJS.MemoryUsage;
  late: NodeJS.MemoryUsage;
  seconds: number;
}

function report({ byStatus, problems, acknowledged }: Tally, { early, late, seconds }: Figures): void {
  const lines = [
    `${bodies} bodies of seed ${seed} in ${seconds} s`,
    `answers: ${Object.entries(byStatus)
      .map(([status, count]) => `${status === '0' ? 'none' : status} ${count}`)
      .join(', ')}`,
    `acknowledged elements that were looked for: ${acknowledged.size}`,
    `live heap ${inMb(early.heapUsed)} at a tenth, ${inMb(late.heapUsed)} at the end; resident ${inMb(early.rss)}, ${inMb(late.rss)}`,
    ...(problems.length === 0 ? ['nothing wrong'] : problems.slice(0, 50)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function inMb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
