import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { refoldStale } from '../../src/store/fold/index.ts';
import { mergeAccounts, unmergeAccount } from '../../src/store/merge/index.ts';
import { COMPANIES, identityHistories, siteHistories } from '../support/companies.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Folding, foldingOn } from '../support/folding.ts';
import { referenceStates } from '../support/reference-fold.ts';
import { shippedRules } from '../support/shipped.ts';

const rules = shippedRules(COMPANIES);
let database: TestDatabase;
let folding: Folding;

beforeAll(async () => {
  database = await testDatabase();
  folding = foldingOn(database, rules);
});
afterAll(() => database.drop());
beforeEach(() => folding.empty());

const BY = { author: 'ann', reason: 'one company' };

/** What an operator does between two batches. */
interface Deed {
  merge: boolean;
  /** Places among the accounts that there are; of a separation, among the merges. */
  from: number;
  into: number;
}

const deeds = fc.record({
  merge: fc.boolean(),
  from: fc.nat(9),
  into: fc.nat(9),
});

/** Does it, and notes in `merges` what holds now. One that is refused changes nothing. */
async function operate(merges: Map<string, string>, { merge, from, into }: Deed): Promise<void> {
  if (merge) {
    const rows = await database.db.query<{ key: string }>('SELECT key FROM accounts ORDER BY key');
    const key = (place: number) => rows.rows[place % rows.rows.length]?.key ?? 'nobody';
    const done = await mergeAccounts(folding.deps, key(from), key(into), BY);
    if (done.ok) {
      merges.set(done.value.from, done.value.into);
    }
  } else {
    const key = [...merges.keys()][from % merges.size] ?? 'nobody';
    const done = await unmergeAccount(folding.deps, key, BY);
    if (done.ok) {
      merges.delete(key);
    }
  }
}

/** Nothing that no event accounts for. */
async function expectNoRemains(): Promise<void> {
  const bare = await database.db.query(
    'SELECT key FROM accounts WHERE NOT EXISTS (SELECT 1 FROM parts WHERE account = accounts.id)',
  );
  const lost = await database.db.query(
    'SELECT account FROM parts WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = parts.account)',
  );
  expect([bare.rows, lost.rows]).toEqual([[], []]);
}

function batchesOf(events: readonly ProductEvent[], size: number): ProductEvent[][] {
  const count = Math.ceil(events.length / size);
  return Array.from({ length: count }, (_, i) => events.slice(i * size, (i + 1) * size));
}

describe('I3 with groups, removals, aliases, devices, mail domains, one’s own, and an operator’s merges', () => {
  it('any order, any batching, whatever is merged and separated meanwhile: as if all had been known at once', async () => {
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(
        identityHistories(1, 16),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.option(deeds), { minLength: 16, maxLength: 16 }),
        async (events, size, between) => {
          await folding.empty();
          const merges = new Map<string, string>();
          for (const [i, batch] of batchesOf(events, size).entries()) {
            await folding.arrive(batch);
            const deed = between[i];
            if (deed != null) {
              await operate(merges, deed);
              merged += merges.size;
            }
          }
          expect(await folding.states()).toEqual(referenceStates(rules, events, merges));
          await expectNoRemains();
        },
      ),
      { numRuns: 150 },
    );
    expect(merged).toBeGreaterThan(50);
  }, 240_000);

  it('whose web site is in force, and so whose the domain is: the last one declared there, by whomever', async () => {
    await fc.assert(
      fc.asyncProperty(siteHistories, fc.integer({ min: 1, max: 4 }), async (events, size) => {
        await folding.empty();
        await folding.receive(events);
        await Promise.all([folding.work(size), folding.work(1)]);
        await folding.work(10);
        expect(await folding.states()).toEqual(referenceStates(rules, events));
      }),
      { numRuns: 100 },
    );
  }, 240_000);

  it('merging and separating again leaves the same bytes as never merging', async () => {
    await fc.assert(
      fc.asyncProperty(
        identityHistories(4, 12),
        fc.array(deeds, { minLength: 6, maxLength: 6 }),
        identityHistories(1, 6),
        async (before, wanted, since) => {
          await folding.empty();
          await folding.arrive(before);
          const merges = new Map<string, string>();
          for (const deed of wanted) {
            await operate(merges, { ...deed, merge: true });
          }
          const late = since.filter(({ id }) => !before.some((one) => one.id === id));
          await folding.arrive(late);
          for (const from of [...merges.keys()]) {
            expect((await unmergeAccount(folding.deps, from, BY)).ok).toBe(true);
          }
          expect(await folding.states()).toEqual(referenceStates(rules, [...before, ...late]));
          const rows = await database.db.query(`SELECT home FROM parts WHERE home <> ''`);
          expect(rows.rows).toEqual([]);
          await expectNoRemains();
        },
      ),
      { numRuns: 70 },
    );
  }, 240_000);

  it('three workers at once and an operator beside them: the same states', async () => {
    await fc.assert(
      fc.asyncProperty(
        identityHistories(12, 40),
        fc.array(deeds, { minLength: 5, maxLength: 5 }),
        async (events, wanted) => {
          await folding.empty();
          await folding.receive(events);
          const merges = new Map<string, string>();
          const operator = async () => {
            for (const deed of wanted) {
              await operate(merges, deed);
            }
          };
          await Promise.all([folding.work(1), folding.work(2), folding.work(3), operator()]);
          await folding.work(10);
          expect(await folding.states()).toEqual(referenceStates(rules, events, merges));
        },
      ),
      // What fails here is a race: a smaller example would only be another one.
      { numRuns: 40, endOnFailure: true },
    );
  }, 240_000);

  it('a changed accounts.yaml folds everybody again, to what the new one says, and acts on nothing', async () => {
    const others = [
      shippedRules(),
      shippedRules({ removed_by: [] }),
      shippedRules({ several_accounts: 'first declared' }),
      shippedRules({ free_mail: ['hooli.example'], work_mail: ['gmail.com'] }),
    ];
    await fc.assert(
      fc.asyncProperty(
        identityHistories(4, 14),
        fc.constantFrom(...others),
        fc.option(deeds),
        async (events, other, deed) => {
          await folding.empty();
          await folding.arrive(...batchesOf(events, 3));
          const merges = new Map<string, string>();
          if (deed !== null) {
            await operate(merges, deed);
          }
          await database.db.query('DELETE FROM dirty_accounts');
          while ((await refoldStale({ ...folding.deps, ...other }, 3)) > 0) {
            // until everybody is folded by the new rules
          }
          expect(await folding.states()).toEqual(referenceStates(other, events, merges));
          const acting = await database.db.query('SELECT account FROM dirty_accounts WHERE act');
          expect(acting.rows).toEqual([]);
          await expectNoRemains();
        },
      ),
      { numRuns: 70 },
    );
  }, 240_000);
});
