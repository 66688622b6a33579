import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { LOCKS } from './locks.ts';

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));

/**
 * Brings the schema up to date: every numbered file once, in order, each in a transaction of its own.
 * Processes that start together wait for each other; a process killed half-way leaves no half migration.
 *
 * @returns names of the files that were applied now
 */
export async function migrate(pool: pg.Pool): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCKS.migrate]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL)',
    );
    const done = await client.query<{ name: string }>('SELECT name FROM migrations');
    const applied = new Set(done.rows.map((row) => row.name));
    const missing = migrationFiles().filter((name) => !applied.has(name));
    for (const name of missing) {
      await applyOne(client, name);
    }
    return missing;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCKS.migrate]).catch(() => {});
    client.release();
  }
}

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
    await client.query(readFileSync(`${FOLDER}${name}`, 'utf8'));
    await client.query('INSERT INTO migrations (name, applied_at) VALUES ($1, now())', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
