import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, isoInstant } from '../../src/shared/time.ts';
import { hashId } from '../../src/store/db.ts';
import { askToForget } from '../../src/store/forget/index.ts';
import { runForgettings } from '../../src/store/forget/steps.ts';
import {
  addSuppression,
  heldNow,
  listSuppressions,
  removeSuppression,
} from '../../src/store/handoff/suppressions.ts';
import { mergeAccounts, unmergeAccount } from '../../src/store/merge/index.ts';
import { wakeExpired, wakeOutdated } from '../../src/store/wake.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';
import { tracesOf } from '../support/traces.ts';

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await world.empty();
  await wakeOutdated(world.scoring);
});

const FIT = { employees: 240, industry: 'Software' };
const did = (userId: string, ...names: string[]) => names.map((name) => event({ userId, name }));

/** Company traits and behaviour that come to an MQL. */
const crossing = (account = 'acct-7', traits: Parameters<typeof group>[1] = {}) => [
  group(account, { ...FIT, ...traits }, { userId: `ann-${account}` }),
  ...did(`ann-${account}`, 'Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'),
];

const clocks = () => ({ now: world.now, realNow: world.now });
const add = (key: string, over: { until?: number; reason?: string; author?: string } = {}) =>
  addSuppression(database.db, { key, reason: 'a rival', author: 'ann', until: null, ...over }, clocks());
const remove = (key: string) =>
  removeSuppression(database.db, key, { author: 'bo', reason: 'no rival' }, clocks());

async function acts(): Promise<string[]> {
  const rows = await database.db.query<{ act: string }>(
    `SELECT kind || ' ' || state AS act FROM actions WHERE kind <> 'fields' AND crossing IS NOT NULL ORDER BY created_at, kind`,
  );
  return rows.rows.map(({ act }) => act);
}

async function heldOf(key: string): Promise<string | undefined> {
  return (await heldNow(database.db, [hashId(key)], world.now)).get(hashId(key));
}

describe('S4-89, S4-163: a suppressed account', () => {
  it('that crosses is held back; taken off the list it is handed over, with no new event', async () => {
    await add('acct-7');
    await world.live(crossing());
    expect(await acts()).toEqual(['task skipped']);
    expect(await remove('acct-7')).toMatchObject({ accounts: ['acct-7'], removed: { reason: 'a rival' } });
    await world.score();
    expect((await acts()).sort()).toEqual(['campaign skipped', 'task skipped', 'task waiting']);
  });

  it('may be unknown, and named by its domain: it is held from its first event on', async () => {
    expect(await add('rival.example')).toEqual({ accounts: [], replaced: null });
    await world.live(crossing('acct-7', { website: 'https://www.rival.example' }));
    expect(await acts()).toEqual(['task skipped']);
    expect(await heldOf('acct-7')).toBe('a rival (by ann, as rival.example)');
  });

  it('named by its domain when it is known has its open task closed', async () => {
    await world.live(crossing('acct-7', { website: 'rival.example' }), crossing('acct-8'));
    expect(await add('rival.example')).toMatchObject({ accounts: ['acct-7'] });
    world.now += HOUR;
    await world.score();
    expect((await acts()).filter((act) => act.startsWith('close'))).toEqual(['close waiting']);
    expect(await heldOf('acct-8')).toBeUndefined();
  });

  it('is handed over when the time is over', async () => {
    await add('acct-7', { until: world.now + 2 * DAY });
    await world.live(crossing());
    world.now += 2 * DAY - 2 * HOUR;
    await wakeExpired(world.scoring);
    await world.score();
    expect(await acts()).toEqual(['task skipped']);
    world.now += 2 * HOUR;
    await wakeExpired(world.scoring);
    await world.score();
    expect(await acts()).toContain('task waiting');
    expect(await listSuppressions(database.db, false, world.now)).toEqual([]);
  });

  it('of two that become one both count, whichever key answers, and each its own again when they are separated', async () => {
    await world.live(crossing('acct-7'), [
      group('acct-8', FIT, { userId: 'bob' }),
      ...did('bob', 'Signed In'),
    ]);
    await mergeAccounts(world.fold, 'acct-7', 'acct-8', { author: 'ann', reason: 'one company' });
    await world.score();
    expect(await add('acct-7')).toMatchObject({ accounts: ['acct-8'] });
    expect(await heldOf('acct-8')).toBe('a rival (by ann, as acct-7)');
    await add('acct-8', { reason: 'in court' });
    expect(await heldOf('acct-8')).toBe('a rival (by ann, as acct-7); in court (by ann)');
    await unmergeAccount(world.fold, 'acct-7', { author: 'ann', reason: 'two after all' });
    expect([await heldOf('acct-7'), await heldOf('acct-8')]).toEqual([
      'a rival (by ann)',
      'in court (by ann)',
    ]);
  });

  it('a person who stood alone takes the suppression along into the company', async () => {
    await world.live(did('solo', 'Signed In'));
    await add('person:solo');
    await world.live([group('acct-9', {}, { userId: 'solo' })]);
    expect(await heldOf('acct-9')).toContain('a rival (by ann, as person:solo)');
  });
});

describe('the list', () => {
  it('a second suppression of a key replaces the first; who decided what stands in it and in the audit', async () => {
    const until = world.now + DAY;
    await add('acct-7');
    const again = await add('acct-7', { reason: 'in court', until });
    expect(again.replaced).toMatchObject({ reason: 'a rival', author: 'ann' });
    expect(await listSuppressions(database.db, false, world.now)).toEqual([
      expect.objectContaining({
        key: 'acct-7',
        reason: 'in court',
        until: isoInstant(until),
        removedAt: null,
      }),
    ]);
    await remove('acct-7');
    expect(await remove('acct-7')).toBeNull();
    const all = await listSuppressions(database.db, true, world.now);
    expect(all.map(({ reason, removedBy }) => [reason, removedBy])).toEqual([
      ['in court', 'bo'],
      ['a rival', 'ann'],
    ]);
    const audit = await database.db.query(
      `SELECT what, account, author, reason FROM audit WHERE what LIKE '%suppress%' ORDER BY id`,
    );
    expect(audit.rows).toEqual([
      { what: 'account suppressed', account: 'acct-7', author: 'ann', reason: 'a rival' },
      { what: 'account suppressed', account: 'acct-7', author: 'ann', reason: 'in court' },
      { what: 'suppression removed', account: 'acct-7', author: 'bo', reason: 'no rival' },
    ]);
  });

  it('added by two at once stands once', async () => {
    const both = await Promise.allSettled([add('acct-7'), add('acct-7', { reason: 'in court' })]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await listSuppressions(database.db, false, world.now)).toHaveLength(1);
  });
});

describe('S4-91, S4-93: before an act goes out', () => {
  it('what holds the account by now is known, though it was handed over before', async () => {
    await world.live(crossing());
    expect(await heldOf('acct-7')).toBeUndefined();
    await world.live([group('acct-7', { open_deal: true }, { userId: 'ann-acct-7' })]);
    expect(await heldOf('acct-7')).toContain('sales is in a conversation with them');
  });
});

describe('S4-91: a person who opts out', () => {
  it('after the crossing was decided does not join what waits; others do', async () => {
    await world.live(
      ['ann-acct-7', 'bo'].map((userId) => identify({ email: `${userId}@initech.example` }, { userId })),
      [group('acct-7', {}, { userId: 'bo' }), ...did('bo', 'Signed In')],
      crossing(),
    );
    expect(await acts()).toEqual(['campaign waiting', 'campaign waiting', 'task waiting']);
    await world.live([identify({ unsubscribed: true }, { userId: 'bo' })]);
    const rows = await database.db.query(
      `SELECT person, state, code FROM actions WHERE kind = 'campaign' ORDER BY person`,
    );
    expect(rows.rows).toEqual([
      { person: 'u:ann-acct-7', state: 'waiting', code: null },
      { person: 'u:bo', state: 'skipped', code: 'do_not_contact' },
    ]);
  });
});

describe('I12: a forgotten person', () => {
  it('leaves nothing in the list: neither their key, nor an address, nor what a reason says of them', async () => {
    await world.live(
      [identify({ email: 'bo.berg@gmail.com' }, { userId: 'usr-bo' }), ...did('usr-bo', 'Signed In')],
      [group('acme', {}, { userId: 'usr-ann' })],
    );
    for (const key of ['person:usr-bo', 'usr-bo', 'Bo.Berg@gmail.com']) {
      await add(key);
    }
    await add('acme', { reason: 'asked by bo.berg@gmail.com', author: 'usr-bo' });
    await askToForget(database.db, 'usr-bo', [], { author: 'ann', reason: 'asked' }, world.now);
    await runForgettings(world.fold);
    expect(await tracesOf(database.db, ['usr-bo', 'bo.berg@gmail.com'])).toEqual([]);
    const left = await listSuppressions(database.db, true, world.now);
    expect(left.map(({ key }) => key)).toEqual(['acme']);
    expect(await heldOf('acme')).toMatch(/^asked by /);
  });
});
