import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Db, openPool } from '../../src/store/db.ts';
import { asAdmin, databaseUrl, TEMPLATE } from './template.ts';

export interface TestDatabase {
  url: string;
  db: Db;
  drop(): Promise<void>;
}

/** A fresh, migrated database in the run's PostgreSQL. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asAdmin(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const url = databaseUrl(server, name);
  const db = openPool(url, 10);
  // The migrations give each database a key of its own; a copy would have its template's.
  const key = randomBytes(32).toString('hex');
  await db.query(`UPDATE settings SET value = $1 WHERE name = 'forget_key'`, [key]);
  return {
    url,
    db,
    drop: async () => {
      await db.end();
      await asAdmin(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
