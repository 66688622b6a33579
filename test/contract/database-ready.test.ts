import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readEnvironment } from '../../src/config.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { type Db, openPool } from '../../src/store/db.ts';
import { LOCKS } from '../../src/store/locks.ts';
import { openDatabase } from '../../src/wiring/database.ts';
import { asAdmin, databaseUrl } from '../support/template.ts';

const name = `t_${randomBytes(6).toString('hex')}`;
const url = databaseUrl(inject('postgresUrl'), name);
let other: Db;

beforeAll(async () => {
  await asAdmin(inject('postgresUrl'), `CREATE DATABASE ${name}`);
  other = openPool(url, 1);
});
afterAll(async () => {
  await other.end();
  await asAdmin(inject('postgresUrl'), `DROP DATABASE ${name} WITH (FORCE)`);
});

it('a database whose schema another process is still making is not ready: events could not be stored', async () => {
  await other.query('SELECT pg_advisory_lock($1)', [LOCKS.migrate]);
  const config = readEnvironment({ DATABASE_URL: url });
  if (!config.ok) {
    throw new Error(config.error.join());
  }
  const database = await openDatabase(config.value, silentLogger());
  await expect(database.answers()).rejects.toThrow('schema');
  await other.query('SELECT pg_advisory_unlock($1)', [LOCKS.migrate]);
  await database.ready;
  await database.answers();
  await database.close();
});
