import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Policy } from '../../src/decide/decide.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { loadMappings, type Mappings } from '../../src/mappings.ts';
import { loadDomainLists } from '../../src/shared/domain-lists.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { type AssessDeps, assessDirty } from '../../src/store/assess.ts';
import { WAITS } from '../../src/store/fold/accounts.ts';
import { type FoldDeps, foldInbox } from '../../src/store/fold/index.ts';
import { postgresJournal } from '../../src/store/journal.ts';
import { findAccount } from '../../src/store/read/find-account.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';

let database: TestDatabase;
let fold: FoldDeps;
let scoring: AssessDeps;
let now = NOON;

beforeAll(async () => {
  database = await testDatabase();
  const mappings = shipped();
  const domainList = loadDomainLists();
  const isWork = (domain: string) => domainList.kind(domain) === 'work';
  const policy: Policy = {
    model: mappings.champion,
    handoff: mappings.handoff,
    mappings: [mappings.salesforce],
    templates: mappings.templates,
    isBuying: (signal) => mappings.signals.isBuying(signal),
    isWork,
    linkBase: 'http://127.0.0.1',
  };
  const { tiers } = mappings.champion;
  const tierRank = (_model: string, tier: string) => tiers.findIndex(({ id }) => id === tier);
  const clocks = { now: () => now, realNow: () => now };
  fold = { db: database.db, plan: mappings.signals, domainList, waits: WAITS, tierRank, ...clocks };
  scoring = { db: database.db, policy: () => policy, shadows: () => [], ...clocks };
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = NOON;
  const tables =
    'event_keys, events, inbox, event_ids, user_aliases, anonymous_ids, people, accounts, former_keys, parts, domains, domain_evidence, dirty_accounts, scores, score_history, actions, crm_records';
  await database.db.query(`TRUNCATE ${tables}`);
});

function shipped(): Mappings {
  const mappings = loadMappings('mappings');
  if (!mappings.ok) {
    throw new Error(JSON.stringify(mappings.error));
  }
  return mappings.value;
}

/** Each batch is folded and scored before the next one comes, an hour later. */
async function live(...batches: ProductEvent[][]): Promise<void> {
  for (const batch of batches) {
    const events = batch.map((one) => ({ ...one, at: now, receivedAt: now }));
    await postgresJournal(database.db).append(events.map((one) => ({ type: 'event', event: one })));
    while ((await foldInbox(fold, 1000)).folded > 0) {
      // until the inbox is empty
    }
    now += HOUR;
    while ((await assessDirty(scoring, 100)) > 0) {
      // until nothing is dirty
    }
  }
}

async function tasks(): Promise<string[]> {
  const rows = await database.db.query<{ key: string }>(
    `SELECT accounts.key FROM actions JOIN accounts ON accounts.id = account WHERE kind = 'task' ORDER BY 1`,
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
    now += 8 * DAY;
    await live(did('ann', 'Key Feature Used'));
    expect(await tasks()).toEqual(['acct-7']);
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
    expect((await database.db.query('SELECT 1 FROM inbox')).rowCount).toBe(0);
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
