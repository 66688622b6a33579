import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { DAY } from '../../src/shared/time.ts';
import { findAccount } from '../../src/store/read/find-account.ts';
import { wakeAll } from '../../src/store/wake.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(() => world.empty());

const live = (...batches: ProductEvent[][]) => world.live(...batches);

/** Tasks of crossings, or those of a later touch. */
async function tasks(touch = 'first'): Promise<string[]> {
  const rows = await database.db.query<{ key: string }>(
    `SELECT accounts.key FROM actions JOIN accounts ON accounts.id = account
     WHERE kind = 'task' AND actions.key LIKE '%"' || $1 || '"]' ORDER BY 1`,
    [touch],
  );
  return rows.rows.map(({ key }) => key);
}

async function tierOf(key: string): Promise<string | undefined> {
  const rows = await database.db.query<{ tier: string }>(
    'SELECT tier FROM scores JOIN accounts ON accounts.id = account WHERE key = $1',
    [key],
  );
  return rows.rows[0]?.tier;
}

const did = (userId: string, ...names: string[]) => names.map((name) => event({ userId, name }));
const SIXTY = ['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'];
const FIT = { employees: 240, industry: 'Software' };

describe('decision 11: an entry that a merge makes sets the standing and does not act', () => {
  it('a domain account of 60 points joins a group of 25', async () => {
    await live(
      [identify({ email: 'ann@initech.example' }, { userId: 'ann' }), ...did('ann', ...SIXTY)],
      [group('acct-7', FIT, { userId: 'bob' }), ...did('bob', 'Signed In')],
      [identify({ email: 'bob@initech.example' }, { userId: 'bob' })],
    );
    expect([await tierOf('acct-7'), await tasks()]).toEqual(['mql', []]);
  });

  it('a person of 60 points joins a group of 25', async () => {
    await live(
      did('ann', ...SIXTY),
      [group('acct-7', FIT, { userId: 'bob' }), ...did('bob', 'Signed In')],
      [group('acct-7', {}, { userId: 'ann' })],
    );
    expect([await tierOf('acct-7'), await tasks()]).toEqual(['mql', []]);
  });

  it('acts when somebody does something in the same moment', async () => {
    await live(
      did('ann', ...SIXTY),
      [group('acct-7', FIT, { userId: 'bob' }), ...did('bob', 'Signed In')],
      [group('acct-7', {}, { userId: 'ann' }), ...did('ann', 'Key Feature Used')],
    );
    expect(await tasks()).toEqual(['acct-7']);
  });

  it('acts when what we learn of the company is enough without the past of who joins', async () => {
    await live([group('acct-7', {}, { userId: 'bob' }), ...did('bob', ...SIXTY)], did('ann', 'Signed In'), [
      group('acct-7', FIT, { userId: 'ann' }),
    ]);
    expect([await tierOf('acct-7'), await tasks()]).toEqual(['mql', ['acct-7']]);
  });

  it('acts when an account only gets its name late, with the facts that make it a fit', async () => {
    await live(did('ann', ...SIXTY), [group('acct-7', FIT, { userId: 'ann' })]);
    expect(await tasks()).toEqual(['acct-7']);
  });
});

describe('I6: a merge is no second crossing', () => {
  const acted = () => [
    [identify({ email: 'ann@initech.example' }, { userId: 'ann' }), ...did('ann', 'Signed In')],
    [group('acct-8', FIT, { userId: 'ann' }), ...did('ann', ...SIXTY)],
  ];

  it('an account that was acted on goes into one that has a score of its own', async () => {
    await live(
      [group('acct-7', {}, { userId: 'bob' }), ...did('bob', 'Signed In')],
      did('ann', ...SIXTY, 'Invite Sent'),
      [
        event({
          userId: 'ann',
          name: 'Key Feature Used',
          accountTraits: [
            { op: 'set', name: 'employees', value: 240 },
            { op: 'set', name: 'industry', value: 'Software' },
          ],
        }),
      ],
    );
    expect(await tasks()).toEqual(['person:ann']);
    await live([group('acct-7', {}, { userId: 'ann' }), ...did('ann', 'Key Feature Used')]);
    expect([await tierOf('acct-7'), await tasks()]).toEqual(['mql', ['acct-7']]);
    world.now += 8 * DAY;
    await live(did('ann', 'Key Feature Used'));
    expect(await tasks()).toEqual(['acct-7']);
    // The plan of touches went along, and goes on once.
    expect(await tasks('second')).toEqual(['acct-7']);
  });

  it('an account that was acted on keeps its task when others join', async () => {
    await live(...acted(), [group('acct-8', {}, { userId: 'bob' })]);
    expect(await tasks()).toEqual(['acct-8']);
  });
});

describe('merging again and again', () => {
  const record = (key: string) =>
    database.db.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
       SELECT 'org', 'account', id, id, key, $2, '{}', now() FROM accounts WHERE key = $1`,
      [key, `crm of ${key}`],
    );

  it('leaves each account one CRM record, its own, and folding goes on', async () => {
    await live(did('ann', 'Signed In'), [group('acct-7', {}, { userId: 'bob' })]);
    await record('person:ann');
    await record('acct-7');
    await live([identify({ email: 'ann@initech.example' }, { userId: 'ann' })]);
    await live([group('acct-7', { website: 'initech.example' }, { userId: 'bob' })]);
    await live([group('acct-8', { website: 'initech.example' }, { userId: 'eve' })]);
    await record('initech.example');
    await live([event({ kind: 'alias', name: null, previousId: 'eve', userId: 'ann' })]);
    const rows = await database.db.query<{ ref: string; n: number }>(
      `SELECT accounts.key AS ref, count(*) AS n FROM crm_records JOIN accounts ON accounts.id = account
       WHERE object = 'account' GROUP BY 1`,
    );
    expect(rows.rows.filter(({ n }) => n > 1)).toEqual([]);
    expect((await database.db.query('SELECT 1 FROM inbox_runs')).rowCount).toBe(0);
  });

  it('a record is handed on to an account that the CRM was found not to have', async () => {
    await live([identify({ email: 'ann@initech.example' }, { userId: 'ann' })]);
    await record('initech.example');
    await live([group('acct-7', {}, { userId: 'bob' })]);
    await record('acct-7');
    await database.db.query(`UPDATE crm_records SET crm_id = '' WHERE ref = 'acct-7'`);
    await live([group('acct-7', { website: 'initech.example' }, { userId: 'bob' })]);
    const rows = await database.db.query('SELECT ref, crm_id FROM crm_records');
    expect(rows.rows).toEqual([{ ref: 'acct-7', crm_id: 'crm of initech.example' }]);
  });

  it('every key that an account ever had answers with where its people are now', async () => {
    await live(
      [event({ userId: null, anonymousId: 'a-1' })],
      [event({ userId: 'old', anonymousId: 'a-1' })],
      [event({ kind: 'alias', name: null, previousId: 'old', userId: 'ann' })],
      [identify({ email: 'ann@initech.example' }, { userId: 'ann' })],
      [group('acct-7', {}, { userId: 'ann' })],
    );
    for (const key of ['person:a-1', 'person:old', 'person:ann', 'initech.example', 'acct-7']) {
      expect([key, (await findAccount(database.db, key))?.key]).toEqual([key, 'acct-7']);
    }
    expect(await findAccount(database.db, 'person:nobody')).toBeNull();
  });

  it('also when a domain went to a group and came back', async () => {
    await live(
      did('ann', 'Signed In'),
      [group('acct-7', { website: 'initech.example' }, { userId: 'bob' })],
      [identify({ email: 'ann@initech.example' }, { userId: 'ann' })],
      [group('acct-8', { website: 'initech.example' }, { userId: 'eve' })],
    );
    expect((await findAccount(database.db, 'person:ann'))?.key).toBe('initech.example');
  });

  it('a domain that two groups claim makes no account while nobody is there by it', async () => {
    await live([
      group('acct-7', { website: 'initech.example' }, { userId: 'bob' }),
      group('acct-8', { website: 'initech.example' }, { userId: 'eve' }),
    ]);
    await live([group('acct-9', { website: 'initech.example' }, { userId: 'kim' })]);
    const keys = await database.db.query<{ key: string }>('SELECT key FROM accounts ORDER BY 1');
    expect(keys.rows.map(({ key }) => key)).toEqual(['acct-7', 'acct-8', 'acct-9']);
  });
});

describe('recompute --all', () => {
  /** As after publishing a model under which the account is an MQL. */
  const published = async () => {
    await live([group('acct-7', FIT, { userId: 'ann' }), ...did('ann', ...SIXTY)]);
    await database.db.query(`DELETE FROM actions`);
    await database.db.query(
      `UPDATE scores SET version = 'older', standing = '{"tier":"none","since":"2026-03-01T00:00:00.000Z","crossings":{},"crossedAt":{}}'`,
    );
  };

  it.each([
    ['sets the standing and does not act', false, []],
    ['acts when it is told to', true, ['acct-7']],
  ])('%s on what a new model made', async (_title, act, expected) => {
    await published();
    expect(await wakeAll(world.scoring, act)).toBe(1);
    await world.score();
    expect(await tasks()).toEqual(expected);
  });
});
