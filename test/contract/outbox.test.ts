import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOUR, SECOND } from '../../src/shared/time.ts';
import { noteConnection } from '../../src/store/connections.ts';
import { hashId } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';

const ORG = 'salesforce:1';

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
  const [first] = await at(scoredAgain).claimFields(ORG, 'mass', 10);
  await world.live([did('API Integration Created')]);
  expect(await at(scoredAgain + SECOND).claimFields(ORG, 'mass', 10)).toEqual([]);

  const next = {
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
  const settled = { id: first?.id ?? hashId('none'), rev: first?.rev ?? 0, next };
  await at(scoredAgain + 2 * SECOND).settle(ORG, [settled], []);
  const [second] = await at(scoredAgain + 2 * SECOND).claimFields(ORG, 'mass', 10);
  expect([first?.payload.account.fields.PQL_Score__c, second?.payload.account.fields.PQL_Score__c]).toEqual([
    20, 35,
  ]);
});
