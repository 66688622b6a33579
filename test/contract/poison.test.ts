import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SignalPlan } from '../../src/accounts/signal-plan.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { assessDirty } from '../../src/store/assess.ts';
import { foldInbox, refoldStale } from '../../src/store/fold/index.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { listQuarantine } from '../../src/store/read/quarantine.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(() => world.empty());

/** A plan that stumbles over one event, as a bug of ours would. */
function stumbling(plan: SignalPlan, name: string, error: Error): SignalPlan {
  return {
    ...plan,
    matches: (one) => {
      if (one.name === name) {
        throw error;
      }
      return plan.matches(one);
    },
  };
}

async function journal(count: number, poison: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) =>
    event({ userId: `u-${i}`, name: i === poison ? 'Poison' : 'Signed In' }),
  );
  await appendEntries(
    postgresJournal(database.db),
    events.map((one) => ({ type: 'event', event: one })),
  );
}

async function count(what: string): Promise<number> {
  const rows = await database.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${what}`);
  return rows.rows[0]?.n ?? 0;
}

async function waiting(): Promise<number> {
  const rows = await database.db.query<{ n: number }>(
    'SELECT coalesce(sum(last - first + 1), 0)::integer AS n FROM inbox_runs',
  );
  return rows.rows[0]?.n ?? 0;
}

it('I9: an event that cannot be folded is quarantined with the reason, and every other is folded', async () => {
  const plan = stumbling(world.fold.plan, 'Poison', new TypeError('cannot read this'));
  await journal(60, 41);
  while ((await foldInbox({ ...world.fold, plan }, 50)).folded > 0) {
    // until the inbox is empty
  }
  expect([await waiting(), await count('people')]).toEqual([0, 59]);
  const [one, ...others] = await listQuarantine(database.db, 10);
  expect(others).toEqual([]);
  expect(one).toMatchObject({ route: 'fold', code: 'not_foldable' });
  expect(one?.reason).toContain('cannot read this');
});

it('I9: a person who cannot be folded again under another plan keeps their parts, and every other is folded', async () => {
  await journal(30, 7);
  await foldInbox(world.fold, 50);
  const plan = { ...stumbling(world.fold.plan, 'Poison', new TypeError('cannot read this')), hash: 'other' };
  while ((await refoldStale({ ...world.fold, plan }, 20)) > 0) {
    // until nobody is folded with the older plan
  }
  expect([await count(`people WHERE plan = 'other'`), await count('parts')]).toEqual([30, 30]);
  const noted = await database.db.query(`SELECT detail FROM audit WHERE what = 'not folded again'`);
  expect(noted.rows).toMatchObject([{ detail: { reason: 'cannot read this' } }]);
});

it('a trouble that is not in the event sets nothing aside: it is tried again', async () => {
  const plan = stumbling(world.fold.plan, 'Poison', Object.assign(new Error('gone'), { code: '57P01' }));
  await journal(3, 1);
  await expect(foldInbox({ ...world.fold, plan }, 50)).rejects.toThrow('gone');
  expect([await waiting(), await count('quarantine')]).toEqual([3, 0]);
});

it('I9: an account that cannot be scored stays dirty and waits, and every other is scored', async () => {
  await journal(20, -1);
  await foldInbox(world.fold, 50);
  await database.db.query(
    `UPDATE parts SET part = '{"signals":null}' WHERE person = (SELECT id FROM people WHERE ref = 'u:u-7')`,
  );
  world.now += 60_000;
  await world.score();
  expect([await count('scores'), await count('dirty_accounts'), world.unscorable.length]).toEqual([19, 1, 1]);
  expect(await assessDirty(world.scoring, 100)).toBe(0);
});
