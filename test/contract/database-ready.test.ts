import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Config, readEnvironment } from '../../src/config.ts';
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

function config(): Config {
  const read = readEnvironment({ DATABASE_URL: url });
  if (!read.ok) {
    throw new Error(read.error.join());
  }
  return read.value;
}

it('a database whose schema another process is still making is not ready: events could not be stored', async () => {
  await other.query('SELECT pg_advisory_lock($1)', [LOCKS.migrate]);
  const database = await openDatabase(config(), silentLogger());
  await expect(database.answers()).rejects.toThrow('schema');
  await other.query('SELECT pg_advisory_unlock($1)', [LOCKS.migrate]);
  await database.ready;
  await database.answers();
  await database.close();
});

it('regression: a migration that loses a lock to what still works there is tried again, and ends no process', async () => {
  await other.query(
    `DELETE FROM migrations WHERE name = '0032_feed_and_digests.sql'; DROP TABLE digests; DROP INDEX scores_tier;
     ALTER DATABASE ${name} SET lock_timeout = '200ms'`,
  );
  await other.query('BEGIN; LOCK TABLE scores');
  const warned: unknown[] = [];
  const logger = { ...silentLogger(), warn: (...told: unknown[]) => void warned.push(told) };
  const database = await openDatabase(config(), logger as never);
  await expect.poll(() => warned).toEqual([[{ reason: '55P03' }, 'database not ready; trying again']]);
  await other.query('COMMIT');
  await database.ready;
  await database.answers();
  await database.close();
});
