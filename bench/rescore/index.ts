import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Db, openPool } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { NOW } from '../account.ts';
import { startPostgres } from '../postgres.ts';
import { table, whole } from '../timing.ts';
import { seed } from './seed.ts';
import type { Told } from './worker.ts';

/** Accounts; the large one takes about 30 GB of disk and, on two cores, three quarters of an hour. */
const SIZE = 20_000;
const LARGE = 1_000_000;

/**
 * Accounts per second of a full rescore under a new version of the shipped model, and the time of a day on which one
 * account in a hundred is due, beside reading and writing back the same rows without evaluating. Each in a process of its
 * own on a real PostgreSQL with its commits on disk; the accounts have three people each and are copies of 250 that were
 * folded and scored. The new version changes every score, so that every row is written.
 */
export async function rescore({ large }: { large: boolean }): Promise<void> {
  const server = await startPostgres();
  const db = openPool(server.url, 4);
  try {
    await migrate(db);
    const count = Number(process.env.BENCH_ACCOUNTS ?? (large ? LARGE : SIZE));
    await seed(db, count);
    const floor = await floorOf(db, server.url);
    await tidy(db);
    const rescored = await run(server.url, 'rescore');
    await allOf(
      db,
      count,
      'SELECT count(*) AS count FROM scores WHERE computed_at = $1 AND version <> (SELECT min(version) FROM score_history)',
    );
    await tidy(db);
    await db.query(
      `UPDATE scores SET valid_until = CASE WHEN abs(hashtext(account::text)) % 100 = 0 THEN $1::timestamptz END`,
      [new Date(NOW + 3_600_000)],
    );
    await tidy(db);
    const daily = await run(server.url, 'daily');
    const due = await db.query<{ count: number }>(
      'SELECT count(*) AS count FROM scores WHERE computed_at > $1',
      [new Date(NOW)],
    );
    report(count, due.rows[0]?.count ?? 0, floor, rescored, daily);
  } finally {
    await db.end();
    await server.stop();
  }
}

function report(count: number, due: number, floor: Told, rescored: Told, daily: Told): void {
  const row = (name: string, accounts: number, { seconds, processor, memory }: Told, ratio: string) => [
    name,
    whole(accounts),
    seconds.toFixed(1),
    whole(accounts / seconds),
    whole((processor / accounts) * 1e6),
    whole(memory),
    ratio,
  ];
  console.log(
    table([
      ['', 'accounts', 'seconds', 'accounts/s', 'us of our processor each', 'most memory, MB', 'ratio'],
      row('read and write back', count, floor, ''),
      row(
        'rescore',
        count,
        rescored,
        `${(floor.seconds / rescored.seconds).toFixed(2)} of the rate of writing back`,
      ),
      row(
        'daily',
        due,
        daily,
        `${((daily.seconds / rescored.seconds) * 100).toFixed(1)} % of the time of a rescore`,
      ),
    ]),
  );
}

async function floorOf(db: Db, url: string): Promise<Told> {
  await db.query(
    'INSERT INTO dirty_accounts (account, due_at, act) SELECT id, now(), false FROM accounts ORDER BY id',
  );
  await tidy(db);
  return run(url, 'floor');
}

/** As autovacuum would leave it, but not while somebody measures. */
async function tidy(db: Db): Promise<void> {
  await db.query('VACUUM ANALYZE');
  await db.query('CHECKPOINT');
}

/** A benchmark of work that was not done would be worth nothing. */
async function allOf(db: Db, count: number, sql: string): Promise<void> {
  const found = await db.query<{ count: number }>(sql, [new Date(NOW)]);
  if (found.rows[0]?.count !== count) {
    throw new Error(`${found.rows[0]?.count} of ${count} accounts were scored`);
  }
}

function run(url: string, work: string): Promise<Told> {
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [url, work]);
  return new Promise((resolve, reject) => {
    child.once('message', (told) => resolve(told as Told));
    child.once('exit', (code) => reject(new Error(`the worker of ${work} ended with ${code}`)));
  });
}
