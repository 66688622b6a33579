import pg from 'pg';
import { openPool } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';

/** The database of a run that is migrated; those of the tests are copies of it, which takes a tenth of the time. */
export const TEMPLATE = 'pql_migrated';

export async function makeTemplate(server: string): Promise<void> {
  await asAdmin(server, `CREATE DATABASE ${TEMPLATE}`);
  const pool = openPool(databaseUrl(server, TEMPLATE), 1);
  await migrate(pool);
  await pool.end();
}

export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** One statement on a connection of its own. */
export async function asAdmin(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
