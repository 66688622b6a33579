import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { DAY } from '../shared/time.ts';
import { isAway } from './away.ts';
import { massive, RETRYABLE } from './db.ts';
import { LOCKS } from './locks.ts';

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));

/**
 * Brings the schema up to date: every numbered file once, in order, each in a transaction of its own.
 * Processes that start together wait for each other; a process killed half-way leaves no half migration.
 *
 * @returns names of the files that were applied now
 * @throws `WrongMigration` when a file cannot be applied; anything else is of the moment and may be tried again
 */
export async function migrate(pool: pg.Pool): Promise<string[]> {
  const client = await pool.connect();
  try {
    const applied = await applyMissing(client);
    client.release();
    return applied;
  } catch (error) {
    // The lock goes with the connection.
    client.release(true);
    throw error;
  }
}

async function applyMissing(client: pg.PoolClient): Promise<string[]> {
  await client.query(massive({ text: 'SELECT pg_advisory_lock($1)', values: [LOCKS.migrate] }, UNHURRIED));
  await client.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL)',
  );
  const done = await client.query<{ name: string }>('SELECT name FROM migrations');
  const applied = new Set(done.rows.map((row) => row.name));
  const missing = migrationFiles().filter((name) => !applied.has(name));
  for (const name of missing) {
    await applyOne(client, name);
  }
  await client.query('SELECT pg_advisory_unlock($1)', [LOCKS.migrate]);
  return missing;
}

/** An index over hundreds of millions of rows takes its time (ms), and so does waiting for who makes it. */
const UNHURRIED = DAY;

/** What `migrate` would apply, by reading only. */
export async function pendingMigrations(pool: pg.Pool): Promise<string[]> {
  const table = await pool.query<{ found: string | null }>("SELECT to_regclass('migrations') AS found");
  const done =
    table.rows[0]?.found == null
      ? []
      : (await pool.query<{ name: string }>('SELECT name FROM migrations')).rows;
  const applied = new Set(done.map((row) => row.name));
  return migrationFiles().filter((name) => !applied.has(name));
}

function migrationFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort();
}

async function applyOne(client: pg.PoolClient, name: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(massive({ text: readFileSync(`${FOLDER}${name}`, 'utf8') }, UNHURRIED));
    await client.query('INSERT INTO migrations (name, applied_at) VALUES ($1, now())', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw isPassing(error) ? error : new WrongMigration(name, error as Error);
  }
}

/** Deadlock, serialisation failure, no lock, cancelled: somebody else was at work, such as what a killed process had begun. */
const PASSING = new Set([...RETRYABLE, '55P03', '57014']);

function isPassing(error: unknown): boolean {
  return PASSING.has((error as { code?: string }).code ?? '') || isAway(error);
}

/** A migration that this database cannot take: trying again would not help. */
export class WrongMigration extends Error {
  constructor(name: string, cause: Error) {
    super(`Migration ${name} failed: ${cause.message}`, { cause });
    this.name = 'WrongMigration';
  }
}
