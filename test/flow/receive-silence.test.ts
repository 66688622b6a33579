import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, openPool } from '../../src/store/db.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { segmentHeaders, startReceiver } from '../support/receiver.ts';
import { type SilentProxy, silentProxy } from '../support/silent-proxy.ts';

let database: TestDatabase;
let proxy: SilentProxy;
let pool: Db;
beforeAll(async () => {
  database = await testDatabase();
  proxy = await silentProxy(database.url);
  pool = openPool(proxy.url, 3, 500);
});
afterAll(async () => {
  await pool.end();
  await proxy.close();
  await database.drop();
});

const element = (id: number) => `{"type":"track","event":"Signed In","userId":"u-1","messageId":"s-${id}"}`;

it('I1: connections that fall silent without an end are given up: 503, then 200 without a restart', async () => {
  const config = { segmentSecret: 'whsec_test', segmentWriteKeys: [], amplitudeApiKeys: [] };
  const commit = { timeoutMs: 100 };
  const receiver = await startReceiver({
    journal: postgresJournal(pool),
    config: { ...config, commit },
  });
  const post = (id: number) =>
    receiver.send('/webhooks/segment', element(id), { headers: segmentHeaders(element(id)) });
  // All connections of the pool are open, so that every lane of the group commit meets a silent one.
  await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.1)')));
  await expect.poll(async () => (await post(1)).status).toBe(200);

  proxy.silence();
  expect((await post(2)).status).toBe(503);
  // As Segment does: the same event again until it is taken.
  await expect.poll(async () => (await post(2)).status, { timeout: 10_000, interval: 100 }).toBe(200);

  const stored = await database.db.query(`SELECT event->>'id' AS id FROM events ORDER BY 1`);
  expect(stored.rows).toEqual([{ id: 's-1' }, { id: 's-2' }]);
  await receiver.close();
}, 20_000);
