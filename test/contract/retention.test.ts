import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { DAY } from '../../src/shared/time.ts';
import { NotInJournal, stateAsOf } from '../../src/store/as-of.ts';
import { hashId, inTransaction } from '../../src/store/db.ts';
import { notePlan } from '../../src/store/fold/bases.ts';
import { refoldStale } from '../../src/store/fold/index.ts';
import { journalReach } from '../../src/store/read/journal.ts';
import { keepJournal, type RetentionDeps } from '../../src/store/retention/journal.ts';

import { journalDays } from '../../src/store/retention/partitions.ts';
import { thin } from '../../src/store/retention/thin.ts';
import { COMPANIES, identityHistories } from '../support/companies.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { type Folding, foldingOn } from '../support/folding.ts';
import { shippedRules } from '../support/shipped.ts';

const rules = shippedRules(COMPANIES);
let database: TestDatabase;
let folding: Folding;

/** Receipt of the first events: long before the database's clock, which retention asks too. */
const BEGIN = NOON - 500 * DAY;
const DAYS = 400;

beforeAll(async () => {
  database = await testDatabase();
  folding = foldingOn(database, rules);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await folding.empty();
  await database.db.query('TRUNCATE base_states');
  await database.db.query(
    'UPDATE journal_retention SET through = NULL, switched_at = NULL, saving = NULL, cursor = 0',
  );
});

interface At {
  /** Days since BEGIN up to which (not included) the journal lets go. */
  old: number;
  /** Minutes of real time since. */
  minutes?: number;
  life?: { stopping: boolean };
}

/** Retention as it is at that time. */
function at({ old, minutes = 0, life = { stopping: false } }: At): RetentionDeps {
  return {
    db: database.db,
    rules: () => rules,
    now: () => BEGIN + (old + DAYS + 1) * DAY,
    realNow: () => NOON + minutes * 60_000,
    days: DAYS,
    life,
  };
}

/** Everything is saved and switched, and a quarter of an hour later it is gone. */
async function letGo(old: number): Promise<void> {
  await keepJournal(at({ old }));
  await keepJournal(at({ old, minutes: 15 }));
}

async function refoldAll(): Promise<void> {
  await database.db.query(`UPDATE people SET plan = ''`);
  while ((await refoldStale(folding.deps, 100)) > 0) {
    // until nobody is stale
  }
}

/** As received on that day since BEGIN; it happened when it happened. */
const receivedOn = (day: number, one: ProductEvent): ProductEvent => ({
  ...one,
  receivedAt: BEGIN + day * DAY,
});

async function count(table: string): Promise<number> {
  const rows = await database.db.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`);
  return rows.rows[0]?.count ?? 0;
}

describe('days leave the journal, states stay (decision 4)', () => {
  it('I3, I4: whatever left the journal, folding everybody again gives the same states', {
    timeout: 240_000,
  }, async () => {
    const spread = fc.array(fc.nat(4), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc
        .asyncProperty(identityHistories(4, 30), spread, fc.nat(5), async (events, days, old) => {
          const dated = events.map((one, i) => receivedOn(days[i % days.length] ?? 0, one));
          await folding.arrive(dated);
          const before = await folding.states();
          await letGo(old);
          await refoldAll();
          expect(await folding.states()).toEqual(before);
        })
        .beforeEach(async () => {
          await folding.empty();
          await database.db.query('TRUNCATE base_states');
          await database.db.query(
            'UPDATE journal_retention SET through = NULL, switched_at = NULL, saving = NULL',
          );
        }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  const company = () => [
    receivedOn(0, group('acct-7', { employees: 240 }, { userId: 'u-1', at: BEGIN })),
    receivedOn(0, identify({ title: 'CEO' }, { userId: 'u-1', at: BEGIN })),
    ...[1, 2, 3].map((hour) => receivedOn(0, event({ userId: 'u-1', at: BEGIN + hour * 3_600_000 }))),
    receivedOn(0, event({ userId: null, anonymousId: 'a-1', at: BEGIN + 1000 })),
    receivedOn(1, event({ userId: 'u-1', at: BEGIN + DAY })),
  ];

  it('I2: dedupe keys and the way back to events go with the day, and not before its bases count', async () => {
    await folding.arrive(company());
    const before = await folding.states();
    await keepJournal(at({ old: 1 }));
    expect(await count('events')).toBe(7);
    await keepJournal(at({ old: 1, minutes: 9 }));
    expect(await count('event_keys')).toBe(7);
    await keepJournal(at({ old: 1, minutes: 15 }));
    expect([await count('events'), await count('event_keys'), await count('event_ids')]).toEqual([1, 1, 1]);
    expect(await folding.states()).toEqual(before);
    expect((await journalDays(database.db))[0]).toBe('2024-10-19');
  });

  it('decision 4: nothing leaves before no repeat of it can be taken for new', async () => {
    await folding.arrive(company());
    await letGo(0);
    expect(await count('events')).toBe(7);
  });

  it('a day of which something waits to be folded stays', async () => {
    await folding.receive(company());
    await letGo(2);
    expect(await count('events')).toBe(7);
    await folding.work(100);
    await letGo(2);
    expect(await count('events')).toBe(0);
  });

  it('I2: killed at any point, and by three processes at once, each event is in a base once', async () => {
    await folding.arrive(company());
    const before = await folding.states();
    for (let stop = 1; stop < 12; stop++) {
      let asked = 0;
      const life = {
        get stopping() {
          asked += 1;
          return asked > stop;
        },
      };
      const passes = [1, 2, 3].map(() => keepJournal(at({ old: 2, minutes: stop * 15, life })));
      await Promise.all(passes);
      await refoldAll();
      expect(await folding.states()).toEqual(before);
    }
    await keepJournal(at({ old: 2, minutes: 12 * 15 }));
    expect([await count('events'), await count('event_keys'), await count('event_ids')]).toEqual([0, 0, 0]);
  });

  it('decision 34: an anonymous person of whom the journal knows nothing more becomes the user who they turn out to be', async () => {
    await folding.arrive(company());
    await letGo(2);
    await folding.arrive([receivedOn(3, event({ userId: 'u-1', anonymousId: 'a-1', at: BEGIN + 3 * DAY }))]);
    const after = await folding.states();
    const part = JSON.parse(after['acct-7']?.['u:u-1'] ?? '{}') as {
      signals: Record<string, { count: number }>;
    };
    expect(Object.keys(after)).toEqual(['acct-7']);
    expect(part.signals.activity?.count).toBe(6);
  });

  it('the past is told exactly or not at all: an instant in the midst of what left is refused', async () => {
    await folding.arrive(company());
    const asOf = (when: number) =>
      inTransaction(database.db, (tx) => stateAsOf(tx, rules, { id: hashId('acct-7'), key: 'acct-7' }, when));
    const before = await asOf(BEGIN + 2 * DAY);
    await letGo(2);
    expect(await asOf(BEGIN + 2 * DAY)).toEqual(before);
    expect((await asOf(BEGIN - 1)).parts).toEqual([]);
    await expect(asOf(BEGIN + 2 * 3_600_000)).rejects.toThrow(NotInJournal);
  });

  it('a signal that is changed later keeps nothing of what was counted before under its name; all others do', async () => {
    await folding.arrive(company());
    await letGo(2);
    const definitions = new Map([...rules.plan.definitions, ['key_feature_used', 'another']]);
    const changed = { ...rules.plan, hash: 'another', definitions };
    await database.db.query(`UPDATE people SET plan = ''`);
    while ((await refoldStale({ ...folding.deps, plan: changed }, 100)) > 0) {
      // until nobody is stale
    }
    const part = JSON.parse((await folding.states())['acct-7']?.['u:u-1'] ?? '{}') as { signals: object };
    expect(part.signals).toHaveProperty('activity');
    expect(part.signals).not.toHaveProperty('key_feature_used');
    await notePlan(database.db, changed);
    const reach = await journalReach(database.db, 'another');
    expect(reach).toMatchObject({ through: '2024-10-19', lost: ['key_feature_used'] });
    await database.db.query(`DELETE FROM base_plans WHERE plan = 'another'`);
  });
});

describe('history is thinned (decision 30)', () => {
  const OLD = Date.UTC(2025, 0, 6, 12); // a Monday; weeks are counted from a Thursday
  const rows = (from: number, tiers: string[], over: Record<number, object> = {}) =>
    tiers.map((tier, i) => ({ at: new Date(from + i * 3_600_000).toISOString(), tier, ...over[i] }));

  const kept = async (history: object[]) => {
    await database.db.query(`TRUNCATE score_history; DELETE FROM settings WHERE name = 'history_thinned_to'`);
    await database.db.query(
      `INSERT INTO score_history (account, at, model, version, value, tier, crossing, note, evaluation)
       SELECT coalesce(account, $2), at, 'm', coalesce(version, 'v'), 1, tier, crossing, note, '{}'
       FROM json_to_recordset($1) AS row (account uuid, at timestamptz, version text, tier text, crossing text, note text)`,
      [JSON.stringify(history), ACCOUNT],
    );
    const life = { stopping: false };
    await thin({ db: database.db, now: () => OLD + 120 * DAY, historyDays: 90, days: 400, life });
    const left = await database.db.query<{ at: Date }>('SELECT at FROM score_history ORDER BY at');
    return left.rows.map(({ at: when }) => (when.getTime() - OLD) / 3_600_000);
  };
  const ACCOUNT = hashId('acct-7');

  it.each([
    ['the first and the last row of a week', rows(OLD, ['a', 'a', 'a', 'a']), [0, 3]],
    ['a change of tier', rows(OLD, ['a', 'a', 'b', 'b', 'b']), [0, 2, 4]],
    ['a crossing', rows(OLD, ['a', 'a', 'a', 'a'], { 1: { crossing: 'a' } }), [0, 1, 3]],
    ['a row with a note', rows(OLD, ['a', 'a', 'a', 'a'], { 2: { note: 'cooled' } }), [0, 2, 3]],
    [
      'a change of version',
      rows(OLD, ['a', 'a', 'a', 'a'], { 2: { version: 'w' }, 3: { version: 'w' } }),
      [0, 2, 3],
    ],
    ['everything that is young', rows(OLD + 31 * DAY, ['a', 'a', 'a']), [744, 745, 746]],
  ])('keeps %s', async (_what, history, expected) => {
    expect(await kept(history)).toEqual(expected);
  });

  it('keeps the row in force when a deal was closed', async () => {
    await database.db.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
       VALUES ('c', 'account', $1, $1, 'acct-7', '7', '{}', now())`,
      [ACCOUNT],
    );
    const closed = new Date(OLD + 2.5 * 3_600_000);
    await database.db.query(
      `INSERT INTO crm_deals (connection, crm_id, account_crm_id, state, closes_at, modified_at, read_at, checked_at)
       VALUES ('c', 'd', '7', 'won', $1, $1, $1, $1)`,
      [closed],
    );
    expect(await kept(rows(OLD, ['a', 'a', 'a', 'a', 'a']))).toEqual([0, 2, 4]);
    await database.db.query('TRUNCATE crm_deals, crm_records');
  });
});
