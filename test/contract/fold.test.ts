import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { WAITS } from '../../src/store/fold/accounts.ts';
import { type FoldDeps, foldInbox, refoldStale } from '../../src/store/fold/index.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { findAccount } from '../../src/store/read/find-account.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { emptyRecord } from '../support/empty.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { referenceStates, type States } from '../support/reference-fold.ts';
import { shippedRules } from '../support/shipped.ts';

const rules = shippedRules();
let database: TestDatabase;
let deps: FoldDeps;

beforeAll(async () => {
  database = await testDatabase();
  deps = {
    db: database.db,
    ...rules,
    now: () => NOON,
    realNow: () => NOON,
    waits: WAITS,
    tierRank: (_model, tier) => ['none', 'stage_1', 'stage_2', 'mql'].indexOf(tier),
  };
});
afterAll(() => database.drop());
beforeEach(() => emptyRecord(database.db));

async function arrive(...batches: ProductEvent[][]): Promise<void> {
  for (const batch of batches) {
    await appendEntries(
      postgresJournal(database.db),
      batch.map((one) => ({ type: 'event', event: one })),
    );
    while ((await foldInbox(deps, 1000)).folded > 0) {
      // until the inbox is empty
    }
  }
}

async function states(): Promise<States> {
  const rows = await database.db.query<{ key: string; ref: string; part: unknown }>(
    `SELECT accounts.key, people.ref, part FROM parts
     JOIN accounts ON accounts.id = parts.account JOIN people ON people.id = parts.person`,
  );
  const found: States = {};
  for (const { key, ref, part } of rows.rows) {
    found[key] = { ...found[key], [ref]: stableJson(part) };
  }
  return found;
}

/** Which people each account has. */
async function people(): Promise<Record<string, string[]>> {
  return Object.fromEntries(
    Object.entries(await states())
      .map(([key, parts]) => [key, Object.keys(parts).sort()] as const)
      .sort(),
  );
}

const at = (hours: number) => NOON + hours * HOUR;

describe('which account an event belongs to', () => {
  it('a group call names it, and events without a group follow the membership', async () => {
    await arrive([group('acct-7'), event({ at: at(1) })]);
    expect(await people()).toEqual({ 'acct-7': ['u:u-1'] });
  });

  it('late learning moves what came before the first declaration', async () => {
    await arrive([event({ at: at(-5) })], [group('acct-7')]);
    expect(await people()).toEqual({ 'acct-7': ['u:u-1'] });
    expect((await findAccount(database.db, 'person:u-1'))?.key).toBe('acct-7');
  });

  it('a work address makes a domain account, a free one a personal account, a disposable one too', async () => {
    await arrive([
      identify({ email: 'ann@mail.initech.co.uk' }, { userId: 'ann' }),
      identify({ email: 'bob@gmail.com' }, { userId: 'bob' }),
      identify({ email: 'eve@mailinator.com' }, { userId: 'eve' }),
    ]);
    expect(await people()).toEqual({
      'initech.co.uk': ['u:ann'],
      'person:bob': ['u:bob'],
      'person:eve': ['u:eve'],
    });
  });

  it('a domain account merges into the one group that has the domain, and its key keeps answering', async () => {
    await arrive(
      [identify({ email: 'ann@initech.example' }, { userId: 'ann' }), event({ userId: 'ann' })],
      [group('acct-7', { website: 'https://www.initech.example/x' }, { userId: 'bob' })],
    );
    expect(await people()).toEqual({ 'acct-7': ['u:ann', 'u:bob'] });
    expect((await findAccount(database.db, 'initech.example'))?.key).toBe('acct-7');
    const audit = await database.db.query('SELECT what, detail FROM audit');
    expect(audit.rows).toEqual([
      { what: 'domain moved', detail: { domain: 'initech.example', from: 'initech.example', to: 'acct-7' } },
    ]);
  });

  it('with two groups on one domain it stays apart, also when the second comes later', async () => {
    await arrive(
      [identify({ email: 'ann@initech.example' }, { userId: 'ann' })],
      [group('acct-7', { website: 'initech.example' }, { userId: 'bob' })],
      [group('acct-8', { domain: 'initech.example' }, { userId: 'eve' })],
    );
    expect(await people()).toEqual({
      'acct-7': ['u:bob'],
      'acct-8': ['u:eve'],
      'initech.example': ['u:ann'],
    });
    const contests = await database.db.query(`SELECT detail FROM audit WHERE what = 'domain contested'`);
    expect(contests.rows).toEqual([
      { detail: { domain: 'initech.example', accounts: ['acct-7', 'acct-8'] } },
    ]);
  });

  it('anonymous events go to the user identified on that id later', async () => {
    await arrive(
      [event({ userId: null, anonymousId: 'a-9', at: at(-2) })],
      [identify({ email: 'ann@initech.example' }, { userId: 'ann', anonymousId: 'a-9' })],
    );
    expect(await people()).toEqual({ 'initech.example': ['u:ann'] });
    expect((await findAccount(database.db, 'person:a-9'))?.key).toBe('initech.example');
  });

  it('a shared anonymous id never joins two users', async () => {
    await arrive([
      event({ userId: 'ann', anonymousId: 'a-9', at: at(0) }),
      event({ userId: null, anonymousId: 'a-9', at: at(1) }),
      event({ userId: 'bob', anonymousId: 'a-9', at: at(2) }),
      event({ userId: null, anonymousId: 'a-9', at: at(3) }),
    ]);
    expect(await people()).toEqual({ 'person:ann': ['u:ann'], 'person:bob': ['u:bob'] });
    const counts = await database.db.query(
      `SELECT people.ref, part #>> '{signals,activity,count}' AS n FROM parts JOIN people ON people.id = person ORDER BY 1`,
    );
    expect(counts.rows).toEqual([
      { ref: 'u:ann', n: '1' },
      { ref: 'u:bob', n: '3' },
    ]);
  });

  it('alias joins two user ids into one person', async () => {
    await arrive(
      [event({ userId: 'old' }), event({ userId: 'new' })],
      [event({ kind: 'alias', name: null, previousId: 'old', userId: 'new' })],
    );
    expect(await people()).toEqual({ 'person:new': ['u:new'] });
    expect((await findAccount(database.db, 'person:old'))?.key).toBe('person:new');
  });

  it('a person in two accounts: events follow the most recent declaration at their time', async () => {
    await arrive(
      [group('a', {}, { at: at(0) }), group('b', {}, { at: at(10) })],
      [event({ at: at(5) }), event({ at: at(15) }), event({ at: at(-5) })],
    );
    const counts = await database.db.query(
      `SELECT key, part #>> '{signals,activity,count}' AS n FROM parts JOIN accounts ON accounts.id = account ORDER BY 1`,
    );
    expect(counts.rows).toEqual([
      { key: 'a', n: '2' },
      { key: 'b', n: '1' },
    ]);
  });

  it('an event that names an account and no person goes to the remainder', async () => {
    await arrive([group('acct-7', { employees: 240 }, { userId: null })]);
    expect(await people()).toEqual({ 'acct-7': ['g:acct-7'] });
  });
});

describe('I2: an event counts once', () => {
  it('in one batch, in later batches, and whatever the rest of it says', async () => {
    const one = event({ id: 'same' });
    await arrive([one, { ...one, name: 'Invite Sent' }], [one]);
    const counts = await database.db.query(`SELECT part #>> '{signals,activity,count}' AS n FROM parts`);
    expect(counts.rows).toEqual([{ n: '1' }]);
  });

  it('the same id from the other vendor is another event', async () => {
    await arrive([event({ id: 'same' }), event({ id: 'same', vendor: 'amplitude' })]);
    const counts = await database.db.query(`SELECT part #>> '{signals,activity,count}' AS n FROM parts`);
    expect(counts.rows).toEqual([{ n: '2' }]);
  });
});

describe('what is folded and scored first', () => {
  it('S1-69: a trigger passes a backfill, and its account passes the others that wait for their score', async () => {
    const old = ['a', 'b', 'c'].map((userId) => event({ userId, at: NOON - DAY, receivedAt: NOON }));
    const trigger = event({ userId: 'ann', name: 'Limit Breach Attempted' });
    const journal = postgresJournal(database.db);
    await appendEntries(
      journal,
      [...old, trigger].map((one) => ({ type: 'event', event: one })),
    );
    await foldInbox(deps, 1);
    expect(await people()).toEqual({ 'person:ann': ['u:ann'] });
    await foldInbox(deps, 10);
    await database.db.query(`UPDATE dirty_accounts SET due_at = due_at - interval '1 day' WHERE NOT urgent`);
    const first = await database.db.query(
      `SELECT key FROM dirty_accounts JOIN accounts ON accounts.id = account ORDER BY urgent DESC, due_at LIMIT 1`,
    );
    expect(first.rows).toEqual([{ key: 'person:ann' }]);
  });
});

describe('a changed signal plan', () => {
  it('folds every person again from the journal, without acting', async () => {
    await arrive([group('acct-7'), event({})]);
    await database.db.query('DELETE FROM dirty_accounts');
    const other: FoldDeps = { ...deps, plan: { ...rules.plan, hash: 'other', matches: () => [] } };
    expect(await refoldStale(other, 10)).toBe(1);
    expect(await refoldStale(other, 10)).toBe(0);
    const rows = await database.db.query(`SELECT part -> 'signals' AS signals FROM parts`);
    expect(rows.rows).toEqual([{ signals: {} }]);
    expect((await database.db.query('SELECT act FROM dirty_accounts')).rows).toEqual([{ act: false }]);
  });
});

const ids = ['ann', 'bob', 'eve'];
const anyEvent = fc
  .record({
    shape: fc.constantFrom('track', 'identify', 'group', 'alias', 'solo', 'both', 'explicit', 'remainder'),
    user: fc.constantFrom(...ids),
    other: fc.constantFrom(...ids, 'a-1', 'a-2'),
    anonymous: fc.constantFrom('a-1', 'a-2'),
    account: fc.constantFrom('acct-1', 'acct-2', 'initech.example'),
    email: fc.constantFrom('x@initech.example', 'y@hooli.example', 'z@gmail.com'),
    website: fc.constantFrom('initech.example', 'hooli.example', null),
    hour: fc.oneof(fc.constantFrom(-1, 0), fc.integer({ min: -48, max: 0 })),
  })
  .map(({ shape, user, other, anonymous, account, email, website, hour }): ProductEvent => {
    const base = { userId: user, at: at(hour) };
    switch (shape) {
      case 'identify':
        return identify({ email }, base);
      case 'group':
        return group(account, website === null ? {} : { website }, base);
      case 'alias':
        return event({ ...base, kind: 'alias', name: null, previousId: other });
      case 'solo':
        return event({ userId: null, anonymousId: anonymous, at: at(hour) });
      case 'both':
        return event({ ...base, anonymousId: anonymous });
      case 'explicit':
        return event({ ...base, accountId: account });
      case 'remainder':
        return group(account, website === null ? {} : { website }, { userId: null, at: at(hour) });
      default:
        return event(base);
    }
  });

describe('I3: the state is a function of the set of events', () => {
  it('any order, any batching, with duplicates: the same states as folding the whole set at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { minLength: 1, maxLength: 14 }),
        fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (events, ranks, size) => {
          await emptyRecord(database.db);
          const shuffled = [...events, ...events.slice(0, 2)]
            .map((one, i) => ({ one, rank: ranks[i] ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ one }) => one);
          const batches: ProductEvent[][] = [];
          for (let i = 0; i < shuffled.length; i += size) {
            batches.push(shuffled.slice(i, i + size));
          }
          await arrive(...batches);
          expect(await states()).toEqual(referenceStates(rules, events));
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it('three workers at once, each with a few events at a time: the same states', async () => {
    const worker = async (size: number) => {
      while ((await foldInbox(deps, size)).folded > 0) {
        // until nothing is left that another worker does not hold
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { minLength: 10, maxLength: 40 }), async (events) => {
        await emptyRecord(database.db);
        await appendEntries(
          postgresJournal(database.db),
          events.map((one) => ({ type: 'event', event: one })),
        );
        await Promise.all([worker(1), worker(2), worker(3)]);
        await worker(10);
        expect(await states()).toEqual(referenceStates(rules, events));
      }),
      // What fails here is a race: a smaller example would only be another one.
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);
});
