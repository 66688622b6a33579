import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProductEvent } from '../src/events/event.ts';
import { appendEntries } from '../src/events/journal.ts';
import { DAY } from '../src/shared/time.ts';
import { type Db, openPool } from '../src/store/db.ts';
import { postgresJournal } from '../src/store/journal/index.ts';
import { migrate } from '../src/store/migrate.ts';
import { startPostgres } from './postgres.ts';
import { table, whole } from './timing.ts';

const SIZES = [100_000];
const LARGE = 1_000_000;
/** Events of one account, by four people. */
const PER_ACCOUNT = 100;
const APPEND = 5000;
/** How often (ms) the worker's memory is looked at, and after how many looks it is counted what waits: counting a million costs. */
const LOOK_EVERY = 1000;
const COUNT_EVERY = 5;

/**
 * A backlog of events that nobody has folded yet, drained by one worker process of its own (`pql start --role work`) on PostgreSQL
 * alone, with every commit on disk: events a second until all are folded and every account is scored, and the worker's
 * resident memory. Nothing is written to a CRM. Memory must not grow with the backlog.
 */
export async function backlog({ large }: { large: boolean }): Promise<void> {
  const rows = [HEADER];
  for (const size of large ? [...SIZES, LARGE] : SIZES) {
    const row = await drained(size);
    console.log(row.join('   '));
    rows.push(row);
  }
  console.log(table(rows));
  console.log('filled: through the journal, by this process. MB: resident memory of the worker, by ps.');
}

const HEADER = [
  'events waiting',
  'accounts',
  'filled/s',
  'folded/s',
  'all scored after s',
  'MB at the start',
  'MB at a tenth',
  'MB at the most',
  'MB at the end',
  'disk MB',
];

async function drained(size: number): Promise<string[]> {
  const server = await startPostgres();
  const db = openPool(server.url, 4);
  try {
    await migrate(db);
    const filling = performance.now();
    await fill(db, size);
    const filled = performance.now() - filling;
    const worker = startWorker(server.url, server.dir);
    const found = await watch(worker, db, size);
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    const disk = await db.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes');
    return [
      whole(size),
      whole(size / PER_ACCOUNT),
      whole((size / filled) * 1000),
      ...found,
      whole((disk.rows[0]?.bytes ?? 0) / 1e6),
    ];
  } finally {
    await db.end();
    await server.stop();
  }
}

async function fill(db: Db, size: number): Promise<void> {
  const journal = postgresJournal(db);
  for (let from = 0; from < size; from += APPEND) {
    const events = Array.from({ length: Math.min(APPEND, size - from) }, (_, i) => eventAt(from + i, size));
    await appendEntries(
      journal,
      events.map((event) => ({ type: 'event', event })),
    );
  }
}

/** Most frequent first; one in fifty is a trigger. */
const NAMES = ['Key Feature Used', 'Signed In', 'Record Created', 'Something Untracked', 'Invite Sent'];

/** One event of an account after the other, as they would come in: neighbours belong to different accounts. */
function eventAt(i: number, size: number): ProductEvent {
  const accounts = Math.ceil(size / PER_ACCOUNT);
  const account = i % accounts;
  const at = Date.now() - DAY;
  const person = `u-${account}-${Math.floor(i / accounts) % 4}`;
  return {
    vendor: i % 3 === 0 ? 'amplitude' : 'segment',
    id: `m-${i}`,
    kind: 'track',
    name: i % 50 === 0 ? 'Limit Reached' : (NAMES[(i * 7919) % NAMES.length] ?? 'Signed In'),
    at,
    receivedAt: at,
    userId: person,
    anonymousId: null,
    email: null,
    previousId: null,
    accountId: `acct-${account}`,
    properties: { feature: 'reports', limit: 'seats', invitee_email: `p${i % 40}@x.example`, plan: 'free' },
    personTraits: [],
    accountTraits: [],
    declared: false,
  };
}

function startWorker(databaseUrl: string, dataDir: string): ChildProcess {
  const program = join(import.meta.dirname, '../src/cli/pql.ts');
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    DATABASE_URL: databaseUrl,
    PQL_DATA_DIR: dataDir,
    PQL_SYNC: 'manual',
    LOG_LEVEL: 'warn',
  };
  return spawn(process.execPath, [program, 'start', '--role', 'work'], { env, stdio: 'inherit' });
}

/** Until nothing waits: events folded a second, when all was scored, and memory along the way. */
async function watch(worker: ChildProcess, db: Db, size: number): Promise<string[]> {
  const started = performance.now();
  const memory: number[] = [];
  let atTenth: number | null = null;
  let foldedAfter: number | null = null;
  for (let look = 1; ; look++) {
    await sleep(LOOK_EVERY);
    if (worker.exitCode !== null) {
      throw new Error(`the worker ended with ${worker.exitCode}`);
    }
    memory.push(residentOf(worker));
    if (look % COUNT_EVERY !== 0) {
      continue;
    }
    const { events, accounts } = await waiting(db);
    const seconds = (performance.now() - started) / 1000;
    atTenth ??= events <= size * 0.9 ? (memory.at(-1) ?? 0) : null;
    foldedAfter ??= events === 0 ? seconds : null;
    if (foldedAfter !== null && accounts === 0) {
      const [first = 0] = memory;
      const seen = [first, atTenth ?? 0, Math.max(...memory), memory.at(-1) ?? 0].map(whole);
      return [whole(size / foldedAfter), whole(seconds), ...seen];
    }
  }
}

async function waiting(db: Db): Promise<{ events: number; accounts: number }> {
  const rows = await db.query<{ events: number; accounts: number }>(
    'SELECT (SELECT coalesce(sum(last - first + 1), 0)::bigint FROM inbox_runs) AS events, (SELECT count(*) FROM dirty_accounts) AS accounts',
  );
  return rows.rows[0] ?? { events: 0, accounts: 0 };
}

/** Megabytes. */
function residentOf({ pid }: ChildProcess): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}
