import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLogger } from '../../src/shared/log.ts';
import { MINUTE, SECOND } from '../../src/shared/time.ts';
import { noteConnection } from '../../src/store/connections.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { databaseTime } from '../../src/wiring/database-time.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const OF = { crm: 'hubspot', connection: 'hubspot:1' };

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await noteConnection(database.db, OF.crm, OF.connection, Date.now());
});
afterAll(() => database.drop());

const outboxAt = (now: () => number) => postgresOutbox(database.db, now, now);

it.each([
  ['ahead', 5 * MINUTE],
  ['behind', -5 * MINUTE],
])('a process whose clock is %s goes by the database, once it has asked', async (_where, by) => {
  const time = databaseTime(database.db, silentLogger(), () => Date.now() + by);
  expect(Math.abs(time.now() - Date.now() - by)).toBeLessThan(SECOND);
  await time.measure();
  expect(Math.abs(time.now() - Date.now())).toBeLessThan(2 * SECOND);
  time.close();
});

it('clocks that differ by less than a second count as one', async () => {
  const time = databaseTime(database.db, silentLogger(), () => 500 + Date.now());
  await time.measure();
  expect(time.now() - Date.now()).toBeGreaterThan(490);
  time.close();
});

it('I6: a worker whose clock is two minutes ahead does not take an act that another is just writing', async () => {
  const task = { key: 'task', account: 'acme', kind: 'task', payload: { crmKey: 'pql-1' } };
  await queueActs(database.db, OF, [task], Date.now());
  const fast = () => Date.now() + 2 * MINUTE;
  const time = databaseTime(database.db, silentLogger(), fast);
  await time.measure();
  expect(await outboxAt(() => Date.now()).claimTasks(OF.connection, 10)).toHaveLength(1);
  expect(await outboxAt(time.now).claimTasks(OF.connection, 10)).toEqual([]);
  // So it would be without: the lease of 90 seconds looks over.
  expect(await outboxAt(fast).claimTasks(OF.connection, 10)).toHaveLength(1);
  time.close();
});
