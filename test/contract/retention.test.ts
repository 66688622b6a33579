import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { DAY } from '../../src/shared/time.ts';
import { refoldStale } from '../../src/store/fold/index.ts';
import { keepJournal, type RetentionDeps } from '../../src/store/retention/journal.ts';

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
      { numRuns: 25 },
    );
  });
});
