import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { hashId, inTransaction } from '../../src/store/db.ts';
import { askToForget } from '../../src/store/forget/index.ts';
import { runForgettings } from '../../src/store/forget/steps.ts';
import { type AccountTouch, loadHeard, saveTouches } from '../../src/store/handoff/touches.ts';
import { dueWatches, followHanded, saveLooked } from '../../src/store/handoff/watches.ts';
import { mergeAccounts, unmergeAccount } from '../../src/store/merge/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';
import { tracesOf } from '../support/traces.ts';

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(() => world.empty());

const BY = { author: 'ada', reason: 'asked' };
const PORTAL = 'hubspot:1';

function touch(id: string, key: string, over: Partial<AccountTouch> = {}): AccountTouch {
  return { id, account: hashId(key), kind: 'call', side: 'ours', at: NOON, owner: '101', ...over };
}

const save = (touches: AccountTouch[], gone: string[] = []) =>
  inTransaction(database.db, (tx) => saveTouches(tx, PORTAL, { touches, gone }, world.now));

async function kept(): Promise<string[]> {
  const rows = await database.db.query<{ row: string }>(
    `SELECT touches.id || ' ' || coalesce(accounts.key, '?') AS row FROM touches
     LEFT JOIN accounts ON accounts.id = account ORDER BY 1`,
  );
  return rows.rows.map(({ row }) => row);
}

async function dirty(): Promise<string[]> {
  const rows = await database.db.query<{ row: string }>(
    `SELECT key || CASE WHEN act THEN ' acts' ELSE '' END AS row FROM dirty_accounts JOIN accounts ON id = account ORDER BY 1`,
  );
  return rows.rows.map(({ row }) => row);
}

const two = () => world.live([group('one', {}, { userId: 'ann' })], [group('two', {}, { userId: 'bob' })]);

describe('touches are kept once, and what is new has its account scored and acted on', () => {
  it('a repeat is no news, a change and a deletion are', async () => {
    await two();
    expect(await save([touch('a', 'one')])).toBe(1);
    expect(await dirty()).toEqual(['one acts']);
    await world.score();
    expect(await save([touch('a', 'one')])).toBe(0);
    expect(await dirty()).toEqual([]);
    expect(await save([touch('a', 'one', { side: 'theirs' })])).toBe(1);
    await world.score();
    expect(await save([], ['a', 'never'])).toBe(1);
    expect([await kept(), await dirty()]).toEqual([[], ['one acts']]);
  });

  it('the newest of each side is what is heard; of another account nothing', async () => {
    await two();
    const replied = { side: 'theirs' as const, kind: 'email' as const, at: NOON - HOUR };
    await save([touch('a', 'one'), touch('b', 'one', { at: NOON - DAY }), touch('c', 'one', replied)]);
    const heard = await inTransaction(database.db, (tx) => loadHeard(tx, [hashId('one'), hashId('two')]));
    expect([...heard]).toEqual([[hashId('one'), { touched: NOON, replied: NOON - HOUR }]]);
  });

  it('an account that was merged away while the CRM was asked gets no row that nobody would ever find', async () => {
    await two();
    await mergeAccounts(world.fold, 'one', 'two', BY);
    expect(await save([touch('a', 'one'), touch('b', 'two')])).toBe(1);
    expect(await kept()).toEqual(['b two']);
  });
});

describe('touches of accounts that are merged, separated and forgotten', () => {
  it('go to the heir, and back to whom they belong', async () => {
    await two();
    await save([touch('a', 'one'), touch('b', 'two')]);
    await mergeAccounts(world.fold, 'one', 'two', BY);
    expect(await kept()).toEqual(['a two', 'b two']);
    await unmergeAccount(world.fold, 'one', BY);
    expect(await kept()).toEqual(['a one', 'b two']);
  });

  it('I12: hold nothing of a person; those of an account that was this person alone go with it', async () => {
    await world.live(
      [identify({ email: 'bo@gmail.com' }, { userId: 'usr-bo-4711' })],
      [group('two', {}, { userId: 'bob' })],
    );
    await save([touch('calls/1', 'person:usr-bo-4711'), touch('calls/2', 'two')]);
    await database.db.query(
      `INSERT INTO crm_watches (connection, account, crm_id, crossed_at, next_at) SELECT 'p', $1, '7', now(), now()`,
      [hashId('person:usr-bo-4711')],
    );
    await askToForget(database.db, 'usr-bo-4711', [], BY, world.now);
    await runForgettings(world.fold);
    expect(await kept()).toEqual(['calls/2 two']);
    expect(await tracesOf(database.db, ['usr-bo-4711', 'bo@gmail.com'])).toEqual([]);
  });
});

describe('whose activities are read', () => {
  const FIT = { employees: 240, industry: 'Software' };
  const SIXTY = ['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'];
  const qualified = () =>
    world.live([
      group('one', FIT, { userId: 'ann' }),
      ...SIXTY.map((name) => event({ userId: 'ann', name })),
    ]);
  const link = (crmId: string) =>
    database.db.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
       SELECT connection, 'account', accounts.id, accounts.id, accounts.key, $1, '{}', now()
       FROM accounts JOIN actions ON account = accounts.id WHERE accounts.key = 'one' AND kind = 'task'
       ON CONFLICT (connection, object, key) DO UPDATE SET crm_id = excluded.crm_id`,
      [crmId],
    );
  const connection = async () =>
    (await database.db.query<{ connection: string }>(`SELECT connection FROM actions WHERE kind = 'task'`))
      .rows[0]?.connection ?? '';
  const due = async () => dueWatches(database.db, await connection(), 100, world.now, world.now);
  const follow = async () => followHanded(database.db, await connection(), world.now, world.now);

  it('accounts with something handed over, as soon as the CRM has them and as long as it is not over', async () => {
    await qualified();
    await follow();
    expect(await due()).toEqual([]);
    await link('7');
    await follow();
    expect(await due()).toMatchObject([{ crmId: '7', since: null, seen: null, again: false, newest: null }]);
    await world.live([event({ userId: 'ann', name: 'Subscription Started' })]);
    await database.db.query(`UPDATE scores SET standing = (standing::jsonb - 'handed')::json`);
    await follow();
    expect(await due()).toEqual([]);
  });

  it('a record that takes the place of another is read from the crossing on; else a look goes on where it was', async () => {
    await qualified();
    await link('7');
    await follow();
    const [watch] = await due();
    const account = String(watch?.account);
    const looked = {
      account,
      since: world.now,
      seen: 'x',
      lookAt: world.now + DAY,
      again: false,
      nextAt: world.now,
    };
    await inTransaction(database.db, async (tx) => saveLooked(tx, await connection(), [looked]));
    await follow();
    expect(await due()).toMatchObject([{ since: world.now, seen: 'x', again: false }]);
    // An earlier day is nearer than the one that was noted, a later one is not.
    const relook = (lookAt: number, again = false) =>
      inTransaction(database.db, async (tx) =>
        saveLooked(tx, await connection(), [{ ...looked, lookAt, again }]),
      );
    const lookAt = async () =>
      (await database.db.query<{ at: Date }>('SELECT look_at AS at FROM crm_watches')).rows[0]?.at.getTime();
    await relook(world.now + 2 * DAY);
    expect(await lookAt()).toBe(world.now + DAY);
    await relook(world.now + HOUR);
    expect(await lookAt()).toBe(world.now + HOUR);
    await relook(world.now + 2 * DAY, true);
    expect(await lookAt()).toBe(world.now + 2 * DAY);
    await link('8');
    await follow();
    expect(await due()).toMatchObject([{ crmId: '8', since: null, seen: null, again: false }]);
  });

  it('what we close ourselves is known by when we were at it', async () => {
    await qualified();
    await link('7');
    await follow();
    const [watch] = await due();
    await database.db.query(
      `INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at)
       SELECT gen_random_uuid(), 'c', $1, 'hubspot', 'close', $2, 'done', '', '', '{}', now(), $3, $4`,
      [await connection(), watch?.account, isoInstant(NOON), isoInstant(NOON + HOUR)],
    );
    expect((await due())[0]?.closings).toEqual([{ from: NOON - MINUTE, to: NOON + HOUR + MINUTE }]);
  });
});
