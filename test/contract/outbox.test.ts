import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/shared/time.ts';
import { noteConnection } from '../../src/store/connections.ts';
import { hashId } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { cutConnections } from '../support/cut.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event } from '../support/event.ts';
import { eventually } from '../support/eventually.ts';
import { type Live, liveOn } from '../support/live.ts';

const ORG = 'salesforce:1';

const DONE = {
  state: 'done',
  code: null,
  reason: '',
  remedy: null,
  attempts: 1,
  uncertain: false,
  waitMs: 0,
  crmId: '1',
  field: null,
  ref: null,
} as const;

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
  await noteConnection(database.db, 'salesforce', ORG, world.now);
});
afterAll(() => database.drop());

const did = (name: string) => event({ userId: 'ada', accountId: 'acct-7', name });

it('fields on their way to the CRM are not given to a second worker when the score changes meanwhile', async () => {
  await world.live([did('Workflow Configured')]);
  const at = (now: number) =>
    postgresOutbox(
      database.db,
      () => now,
      () => now,
    );
  const scoredAgain = world.now + HOUR;
  const [first] = await at(scoredAgain).claimFields(ORG, 'hot', 10);
  await world.live([did('API Integration Created')]);
  expect(await at(scoredAgain + SECOND).claimFields(ORG, 'hot', 10)).toEqual([]);

  const settled = { id: first?.id ?? hashId('none'), rev: first?.rev ?? 0, next: DONE };
  await at(scoredAgain + 2 * SECOND).settle(ORG, [settled], []);
  const [second] = await at(scoredAgain + 2 * SECOND).claimFields(ORG, 'hot', 10);
  expect([first?.payload.account.fields.PQL_Score__c, second?.payload.account.fields.PQL_Score__c]).toEqual([
    20, 35,
  ]);
});

it('fields of an account that a trigger touched are urgent, and after a minute of waiting go with the mass too', async () => {
  const ids = async (which: 'hot' | 'mass', now: number) => {
    const outbox = postgresOutbox(
      database.db,
      () => now,
      () => now,
    );
    return (await outbox.claimFields(ORG, which, 10)).map(({ accountKey }) => accountKey);
  };
  const calm = event({ userId: 'cy', accountId: 'acct-calm', name: 'Signed In' });
  const trigger = event({ userId: 'bo', accountId: 'acct-hot', name: 'Workflow Configured' });
  await world.live([calm, trigger]);
  const at = world.now + HOUR;
  await database.db.query('UPDATE actions SET next_at = to_timestamp($1)', [at / SECOND]);
  expect(await ids('mass', at)).toEqual(['acct-calm']);
  expect(await ids('hot', at)).toContain('acct-hot');
  await database.db.query('UPDATE actions SET next_at = to_timestamp($1)', [at / SECOND]);
  expect(await ids('mass', at + MINUTE)).toContain('acct-hot');
});

it('I6, I7: what a CRM answered is kept when the database is away just then, and the acts do not lie until their lease ends', async () => {
  await world.live([did('Workflow Configured')]);
  await database.db.query(`UPDATE actions SET state = 'waiting', next_at = '2000-01-01'`);
  const realNow = () => Date.now();
  const outbox = postgresOutbox(database.db, realNow, () => world.now);
  const [claimed] = await outbox.claimFields(ORG, 'mass', 10);
  const { id, rev } = claimed ?? { id: hashId('none'), rev: 0 };
  const cut = cutConnections(database.url, SECOND);
  await eventually(() =>
    database.db.query('SELECT 1').then(
      () => false,
      () => true,
    ),
  );
  const states = outbox.recordStates(ORG, [claimed?.account ?? '']);
  const settled = outbox.settle(ORG, [{ id, rev, next: DONE }], []);
  expect([...(await states).values()]).toEqual([expect.stringMatching(/pending|linked/)]);
  await settled;
  await cut;
  const rows = await database.db.query('SELECT state FROM actions WHERE id = $1', [id]);
  expect(rows.rows).toEqual([{ state: 'done' }]);
});
