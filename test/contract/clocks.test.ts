import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Policy } from '../../src/decide/decide.ts';
import { NEXT_OWNER } from '../../src/decide/handoff/sla.ts';
import { DAY, HOUR, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { hashId, inTransaction } from '../../src/store/db.ts';
import { moveClocks } from '../../src/store/handoff/clocks.ts';
import { countClocks, listClocks } from '../../src/store/handoff/read-clocks.ts';
import { noteTouches, type TellDeps, tellMarks } from '../../src/store/handoff/tell.ts';
import { mergeAccounts, unmergeAccount } from '../../src/store/merge/index.ts';
import { thin } from '../../src/store/retention/thin.ts';
import { wakeAll } from '../../src/store/wake.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, NOON } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';

let database: TestDatabase;
let world: Live;
let policy: Policy;
beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
  policy = passedOn(world.scoring.policy());
  world.scoring.policy = () => policy;
});
afterAll(() => database.drop());
beforeEach(() => world.empty());

/** Every promise is passed on to the next owner an hour after it was broken. */
function passedOn(shipped: Policy): Policy {
  const escalate = { after: 1, to: NEXT_OWNER };
  const sla = shipped.handoff.sla.map((rule) => ({ ...rule, escalate }));
  return { ...shipped, handoff: { ...shipped.handoff, sla } };
}

const telling = (): TellDeps => ({
  db: database.db,
  policy: () => policy,
  now: () => world.now,
  realNow: () => world.now,
});

const did = (userId: string, ...names: string[]) => names.map((name) => event({ userId, name }));
/** A buying signal is among them: two hours. Received at noon and scored an hour later. */
const SIXTY = ['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'];
const FIT = { employees: 240, industry: 'Software' };
const CROSSED = NOON + HOUR;
const DUE = CROSSED + 2 * HOUR;

const crossing = (account = 'acct-7', userId = 'ann') =>
  world.live([group(account, FIT, { userId }), ...did(userId, ...SIXTY)]);

const clocks = () => listClocks(database.db, { owner: null, tier: null, since: 0 });

async function notes(): Promise<string[]> {
  const rows = await database.db.query<{ reason: string }>(
    `SELECT reason FROM actions WHERE kind = 'note' ORDER BY created_at, key`,
  );
  return rows.rows.map(({ reason }) => reason);
}

async function touch(at: number, over: { id?: string; side?: string; account?: string } = {}): Promise<void> {
  const { id = 'c-1', side = 'ours', account = 'acct-7' } = over;
  await database.db.query(
    `INSERT INTO touches (connection, id, account, kind, side, at, seen_at) VALUES ('hubspot:1', $1, $2, 'call', $3, $4, $5)
     ON CONFLICT (connection, id) DO UPDATE SET at = excluded.at`,
    [id, hashId(account), side, isoInstant(at), isoInstant(world.now)],
  );
}

/** Does it on a database that refuses a step, as a killed process would leave it. */
async function dyingAt(step: string, work: () => Promise<unknown>): Promise<void> {
  await database.db.query(
    `CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$;
     CREATE TRIGGER dies BEFORE ${step} FOR EACH ROW EXECUTE FUNCTION dies()`,
  );
  await expect(work()).rejects.toThrow('killed');
  await database.db.query('DROP FUNCTION dies() CASCADE');
}

/** As the stage does it. */
async function look(at = world.now): Promise<number> {
  world.now = at;
  await noteTouches(telling());
  return (await tellMarks(telling())).acts;
}

describe('a crossing that is handed over begins its promise', () => {
  it('in the transaction of the decision, and keeps from when it was waited for', async () => {
    await crossing();
    expect(await clocks()).toMatchObject([
      {
        ...{ account: 'acct-7', tier: 'mql', n: 1, rule: 'buying', route: 'SDR', owner: null, madeAt: null },
        ...{ receivedAt: NOON, crossedAt: CROSSED, warnAt: CROSSED + 90 * MINUTE, dueAt: DUE, endedAt: null },
      },
    ]);
  });

  it('I6: nothing moves it: neither more behaviour, nor a recompute that acts, nor a fold from the beginning', async () => {
    await crossing();
    const before = await clocks();
    await world.live(did('ann', 'Limit Breach Attempted'));
    await wakeAll(world.scoring, true);
    await world.score();
    await database.db.query(`UPDATE people SET plan = 'older'`);
    await wakeAll(world.scoring, false);
    await world.score();
    expect(await clocks()).toEqual(before);
  });

  it('one that is held back has none until it is released', async () => {
    await world.live([
      group('acct-7', { ...FIT, open_deal: true }, { userId: 'ann' }),
      ...did('ann', ...SIXTY),
    ]);
    const held = await database.db.query(`SELECT 1 FROM scores WHERE standing::jsonb ? 'waiting'`);
    expect([held.rowCount, await clocks()]).toEqual([1, []]);
    await world.live([group('acct-7', { open_deal: false }, { userId: 'ann' }), ...did('ann', 'Signed In')]);
    expect(await clocks()).toMatchObject([{ account: 'acct-7', n: 1, crossedAt: CROSSED + HOUR }]);
  });

  it('a purchase ends it', async () => {
    await crossing();
    await world.live(did('ann', 'Subscription Started'));
    expect(await clocks()).toMatchObject([{ endedWhy: 'bought', endedAt: CROSSED + HOUR }]);
    expect(await look(DUE + DAY)).toBe(0);
  });
});

describe('what is due is told', () => {
  beforeEach(() => crossing());

  it('S1-42, S4-142: due soon, broken and passed on, each once, as a line for the open task', async () => {
    expect(await look(DUE - 30 * MINUTE - 1)).toBe(0);
    expect(await look(DUE - 30 * MINUTE)).toBe(1);
    expect(await look(DUE)).toBe(1);
    expect(await look(DUE + HOUR)).toBe(1);
    expect(await look(DUE + DAY)).toBe(0);
    expect(await notes()).toEqual([
      '2026-03-02: first contact is due at 2026-03-02 15:00 UTC.',
      '2026-03-02: no contact was seen in the CRM by the deadline, 2026-03-02 15:00 UTC.',
      '2026-03-02: still no contact was seen in the CRM. The deadline was 2026-03-02 15:00 UTC.',
    ]);
    const passed = await database.db.query(`SELECT 1 FROM actions WHERE payload ->> 'handTo' = 'next_owner'`);
    expect(passed.rowCount).toBe(1);
  });

  it('after a day of standing still: what is broken, and nothing that was only about to be', async () => {
    expect(await look(DUE + DAY)).toBe(2);
    expect((await notes()).filter((line) => line.includes('is due at'))).toEqual([]);
  });

  it('I6: by one of many processes', async () => {
    await crossing('acct-8', 'bob');
    world.now = DUE + 2 * DAY;
    // So slow that they are at it at the same time.
    await database.db.query(
      `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
       CREATE TRIGGER slow AFTER UPDATE ON clocks FOR EACH STATEMENT EXECUTE FUNCTION slow()`,
    );
    const told = await Promise.all(Array.from({ length: 6 }, () => tellMarks(telling())));
    await database.db.query('DROP FUNCTION slow() CASCADE');
    expect(told.reduce((sum, { acts }) => sum + acts, 0)).toBe(4);
    expect(await notes()).toHaveLength(4);
  });

  it('I6, I7: killed between the mark and what it makes, neither is there, and the next one tells it', async () => {
    await dyingAt('INSERT ON actions', () => look(DUE));
    expect((await clocks())[0]?.breachedAt).toBeNull();
    expect([await look(), await look()]).toEqual([1, 0]);
  });
});

describe('touches', () => {
  beforeEach(() => crossing());

  it('the first of ours ends the promise, and nothing is told any more', async () => {
    await touch(CROSSED + 10 * MINUTE);
    await touch(CROSSED + 5 * MINUTE, { id: 'c-0' });
    expect(await look(DUE + DAY)).toBe(0);
    expect(await clocks()).toMatchObject([
      { touchedAt: CROSSED + 5 * MINUTE, touch: 'call', endedWhy: 'touched', breachedAt: null },
    ]);
  });

  it('one that came in after the last look is seen before anything is told', async () => {
    world.now = DUE;
    await touch(CROSSED + MINUTE);
    expect((await tellMarks(telling())).acts).toBe(0);
    expect((await clocks())[0]?.touchedAt).toBe(CROSSED + MINUTE);
  });

  it('one that was logged after the breach was told, or was corrected since', async () => {
    await look(DUE);
    await touch(DUE - MINUTE);
    await look();
    expect(await clocks()).toMatchObject([{ breachedAt: DUE, touchedAt: DUE - MINUTE }]);
    await touch(CROSSED + MINUTE);
    await look();
    expect(await clocks()).toMatchObject([
      { breachedAt: DUE, touchedAt: CROSSED + MINUTE, endedAt: CROSSED + MINUTE },
    ]);
  });

  it('one that the CRM no longer shows ended nothing: the promise runs on', async () => {
    await touch(CROSSED + MINUTE);
    await look();
    await database.db.query('DELETE FROM touches');
    await look();
    expect(await clocks()).toMatchObject([{ touchedAt: null, endedAt: null, endedWhy: null }]);
    expect(await look(DUE)).toBe(1);
  });

  it('what was to be told and nobody has tried yet is told no more', async () => {
    await look(DUE - 30 * MINUTE);
    await database.db.query(`UPDATE actions SET first_tried_at = now() WHERE kind = 'note'`);
    await look(DUE);
    await look(DUE + HOUR);
    await touch(DUE - MINUTE);
    await look();
    const rows = await database.db.query<{ state: string; code: string | null }>(
      `SELECT state, code FROM actions WHERE kind = 'note' ORDER BY created_at`,
    );
    expect(rows.rows.map(({ state, code }) => [state, code])).toEqual([
      ['waiting', null],
      ['skipped', 'touched'],
      ['skipped', 'touched'],
    ]);
  });

  it('S4-98: the conversation in Slack is told the same marks, each once, and nothing any more of what was met meanwhile', async () => {
    await database.db.query(
      `INSERT INTO actions (id, key, connection, crm, kind, account, crossing, state, why, reason, payload, next_at, created_at, updated_at)
       SELECT gen_random_uuid(), 'a:["acct-7","mql-rubric","mql",1,"crossed"]', 'slack:T1', 'slack', 'alert', $1, 'mql#1', 'done',
         '', '', '{"what":"crossed"}', now(), now(), now()`,
      [hashId('acct-7')],
    );
    const told = async () => {
      const found = await database.db.query<{ what: string; state: string }>(
        `SELECT payload ->> 'what' AS what, state FROM actions WHERE kind = 'alert' AND state <> 'done' ORDER BY created_at`,
      );
      return found.rows.map(({ what, state }) => `${what} ${state}`);
    };
    await look(DUE - 30 * MINUTE);
    await look(DUE);
    await look(DUE);
    expect(await told()).toEqual(['due_soon waiting', 'breached waiting']);
    await touch(DUE - MINUTE);
    await look();
    expect(await told()).toEqual(['due_soon skipped', 'breached skipped']);
  });

  it('a reply is kept and ends nothing', async () => {
    await touch(CROSSED + MINUTE, { side: 'theirs' });
    await look();
    expect(await clocks()).toMatchObject([{ repliedAt: CROSSED + MINUTE, endedAt: null }]);
  });

  it('I7: noted once, also when a process dies over it', async () => {
    await touch(CROSSED + MINUTE);
    await dyingAt('UPDATE ON clocks', () => noteTouches(telling()));
    expect((await clocks())[0]?.touchedAt).toBeNull();
    await look();
    expect((await clocks())[0]?.touchedAt).toBe(CROSSED + MINUTE);
    const left = await database.db.query('SELECT 1 FROM touches WHERE NOT noted');
    expect(left.rowCount).toBe(0);
  });
});

describe('accounts that turn out to be one', () => {
  const BY = { author: 'ann', reason: 'one company' };

  it('an operator merges them: of the same crossing the one that is due first goes on; separated, each has its own', async () => {
    await crossing();
    await crossing('acct-8', 'bob');
    const both = await clocks();
    const merge = { ...world.fold, db: database.db };
    expect(await mergeAccounts(merge, 'acct-7', 'acct-8', BY)).toMatchObject({ ok: true });
    expect(await clocks()).toMatchObject([{ account: 'acct-8', crossedAt: CROSSED, dueAt: DUE }]);
    expect(await unmergeAccount(merge, 'acct-7', BY)).toMatchObject({ ok: true });
    const again = await clocks();
    expect(again.map(({ account, dueAt }) => [account, dueAt]).sort()).toEqual([['acct-7', DUE]]);
    expect(both).toHaveLength(2);
  });

  it('different crossings go on beside each other', async () => {
    await crossing();
    await database.db.query(
      `INSERT INTO clocks (account, model, tier, n, rule, route, crossed_at, warn_at, due_at)
       SELECT $1, model, tier, 2, rule, route, crossed_at, warn_at, due_at FROM clocks`,
      [hashId('acct-8')],
    );
    await inTransaction(database.db, (tx) => moveClocks(tx, hashId('acct-8'), hashId('acct-7')));
    expect((await clocks()).map(({ account, n }) => [account, n]).sort()).toEqual([
      ['acct-7', 1],
      ['acct-7', 2],
    ]);
  });
});

it('promises are counted as they stand, and go with the history', async () => {
  await crossing();
  const counted = (at: number) => countClocks(database.db, at, 100);
  expect(await counted(CROSSED)).toEqual({ open: 1, dueSoon: 0, breached: 0 });
  expect(await counted(DUE - 30 * MINUTE)).toEqual({ open: 0, dueSoon: 1, breached: 0 });
  expect(await counted(DUE)).toEqual({ open: 0, dueSoon: 0, breached: 1 });
  const keep = { db: database.db, historyDays: 90, days: 400, life: { stopping: false } };
  await thin({ ...keep, now: () => CROSSED + 90 * DAY });
  expect(await clocks()).toHaveLength(1);
  await thin({ ...keep, now: () => CROSSED + 90 * DAY + 1 });
  expect(await clocks()).toEqual([]);
});
