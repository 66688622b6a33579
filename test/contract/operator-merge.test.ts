import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../src/shared/time.ts';
import { mergeAccounts, unmergeAccount } from '../../src/store/merge/index.ts';
import { listMerges } from '../../src/store/merge/list.ts';
import { loadStates } from '../../src/store/read/accounts.ts';
import { findAccount } from '../../src/store/read/find-account.ts';
import { timelineOf } from '../../src/store/read/timeline.ts';
import { factLookup } from '../../src/wiring/facts.ts';
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

const BY = { author: 'ada', reason: 'same company, two workspaces' };
const did = (userId: string, ...names: string[]) => names.map((name) => event({ userId, name }));
const SIXTY = ['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'];
const FIT = { employees: 240, industry: 'Software' };

/** The operator's word, and the scores that follow. */
async function merge(from: string, into: string) {
  const done = await mergeAccounts(world.fold, from, into, BY);
  world.now += 60_000;
  await world.score();
  return done;
}

async function unmerge(from: string) {
  const done = await unmergeAccount(world.fold, from, BY);
  world.now += 60_000;
  await world.score();
  return done;
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await database.db.query<T>(sql)).rows;
}

const tasks = async () =>
  (
    await rows<{ key: string }>(
      `SELECT accounts.key FROM actions JOIN accounts ON accounts.id = account WHERE kind = 'task' ORDER BY 1`,
    )
  ).map(({ key }) => key);

const scores = async () =>
  Object.fromEntries(
    (
      await rows<{ key: string; value: number; tier: string }>(
        'SELECT key, value, tier FROM scores JOIN accounts ON accounts.id = account ORDER BY key',
      )
    ).map(({ key, value, tier }) => [key, `${value} ${tier}`]),
  );

/** Every account's state as the score sees it, by key. */
async function statesByKey(): Promise<object> {
  const accounts = await rows<{ id: string; key: string }>('SELECT id, key FROM accounts ORDER BY key');
  const states = await loadStates(
    database.db,
    accounts.map(({ id }) => id),
    factLookup(null),
  );
  return Object.fromEntries(accounts.map(({ id, key }) => [key, states.get(id)]));
}

const twoWorkspaces = () =>
  world.live(
    [group('acct-7', {}, { userId: 'ann' }), ...did('ann', ...SIXTY)],
    [group('acct-8', FIT, { userId: 'bob' }), ...did('bob', 'Signed In')],
  );

describe('an operator makes two accounts one', () => {
  it('the score is that of all events together, the former key answers, and nothing is acted on (decision 11)', async () => {
    await twoWorkspaces();
    expect(await merge('acct-7', 'acct-8')).toEqual({
      ok: true,
      value: { from: 'acct-7', into: 'acct-8', people: 1 },
    });
    expect(await scores()).toEqual({ 'acct-8': '85 mql' });
    expect((await findAccount(database.db, 'acct-7'))?.key).toBe('acct-8');
    expect(await tasks()).toEqual([]);
  });

  it('who decided and why stands in the audit and in the list', async () => {
    await twoWorkspaces();
    await merge('acct-7', 'acct-8');
    await unmerge('acct-7');
    expect(await rows('SELECT what, account, detail FROM audit ORDER BY id')).toEqual([
      {
        what: 'account merged by operator',
        account: 'acct-8',
        detail: { from: 'acct-7', into: 'acct-8', ...BY },
      },
      {
        what: 'account separated by operator',
        account: 'acct-7',
        detail: { from: 'acct-7', into: 'acct-8', ...BY },
      },
    ]);
    await merge('acct-7', 'acct-8');
    expect(await listMerges(database.db, 10)).toEqual([
      expect.objectContaining({ from: 'acct-7', into: 'acct-8', ...BY }),
    ]);
  });

  it('what its people do later acts for the one account, and its timeline tells both', async () => {
    await twoWorkspaces();
    await merge('acct-7', 'acct-8');
    world.now += 8 * DAY;
    await world.live(did('ann', 'Signed In'));
    expect(await scores()).toEqual({ 'acct-8': '85 stage_2' });
    await world.live([group('acct-7', {}, { userId: 'kim' }), ...did('kim', 'Key Feature Used')]);
    expect(await tasks()).toEqual(['acct-8']);
    const account = await findAccount(database.db, 'acct-7');
    const timeline = await timelineOf(database.db, account?.id ?? '', 100);
    const whats = timeline.filter(({ kind }) => kind === 'event').map(({ what }) => what);
    expect(whats.filter((what) => what === 'group')).toHaveLength(3);
    expect(whats).toContain('Limit Breach Attempted');
  });

  it('one person in both is one person', async () => {
    await twoWorkspaces();
    await world.live([group('acct-8', {}, { userId: 'ann' }), ...did('ann', 'Signed In')]);
    await merge('acct-7', 'acct-8');
    const state = (await statesByKey()) as Record<string, { parts: { person: string }[] }>;
    expect(state['acct-8']?.parts.map(({ person }) => person)).toEqual(['u:ann', 'u:bob']);
  });

  it('a domain that both claim is theirs from now on, and contested again when they are separated', async () => {
    await world.live(
      [identify({ email: 'kim@initech.example' }, { userId: 'kim' })],
      [group('acct-7', { website: 'initech.example' }, { userId: 'ann' })],
      [group('acct-8', { website: 'initech.example' }, { userId: 'bob' })],
    );
    const keys = async () => Object.keys(await statesByKey());
    expect(await keys()).toEqual(['acct-7', 'acct-8', 'initech.example']);
    await merge('acct-7', 'acct-8');
    expect(await keys()).toEqual(['acct-8']);
    expect((await findAccount(database.db, 'initech.example'))?.key).toBe('acct-8');
    await unmerge('acct-7');
    expect(await keys()).toEqual(['acct-7', 'acct-8', 'initech.example']);
  });

  it('a personal account is put into a company', async () => {
    await world.live([group('acct-7', {}, { userId: 'ann' })], did('solo', ...SIXTY));
    await merge('person:solo', 'acct-7');
    expect(await scores()).toEqual({ 'acct-7': '60 stage_2' });
    await world.live(did('solo', 'Invite Sent'));
    expect(Object.keys(await scores())).toEqual(['acct-7']);
  });

  it.each([
    ['nobody', 'acct-8', 'no account has the key nobody'],
    ['acct-7', 'nobody', 'no account has the key nobody'],
    ['acct-8', 'acct-8', 'acct-8 and acct-8 are one account already'],
  ])('refuses %s into %s', async (from, into, reason) => {
    await twoWorkspaces();
    expect(await merge(from, into)).toEqual({ ok: false, error: reason });
  });

  it('refuses a key that answers with another account, and to go round in a circle', async () => {
    await twoWorkspaces();
    await merge('acct-7', 'acct-8');
    expect(await merge('acct-7', 'acct-8')).toEqual({
      ok: false,
      error: 'acct-7 is no account of its own any more: it answers with acct-8',
    });
    expect(await merge('acct-8', 'acct-7')).toEqual({
      ok: false,
      error: 'acct-8 and acct-7 are one account already',
    });
  });
});

describe('separating them again', () => {
  it('gives the same bytes as before, and what came since is where it would have gone', async () => {
    await twoWorkspaces();
    const before = await statesByKey();
    await merge('acct-7', 'acct-8');
    await unmerge('acct-7');
    expect(await statesByKey()).toEqual(before);

    await merge('acct-7', 'acct-8');
    await world.live([...did('ann', 'Invite Sent'), group('acct-7', {}, { userId: 'kim' })]);
    await unmerge('acct-7');
    const after = (await statesByKey()) as Record<string, { parts: { person: string }[] }>;
    expect(after['acct-8']).toEqual((before as typeof after)['acct-8']);
    expect(after['acct-7']?.parts.map(({ person }) => person)).toEqual(['u:ann', 'u:kim']);
    expect(await tasks()).toEqual([]);
  });

  it('is refused when nobody merged the account', async () => {
    await twoWorkspaces();
    expect(await unmerge('acct-7')).toEqual({
      ok: false,
      error: 'nobody has merged an account with the key acct-7; `pql accounts merges` lists who did what',
    });
  });

  it('each of a chain goes back to where it was merged', async () => {
    await twoWorkspaces();
    await world.live([group('acct-9', {}, { userId: 'eve' })]);
    const keys = async () => Object.keys(await statesByKey());
    await merge('acct-7', 'acct-8');
    await merge('acct-8', 'acct-9');
    expect(await keys()).toEqual(['acct-9']);
    expect((await findAccount(database.db, 'acct-7'))?.key).toBe('acct-9');
    await unmerge('acct-8');
    expect(await keys()).toEqual(['acct-8', 'acct-9']);
    expect((await findAccount(database.db, 'acct-7'))?.key).toBe('acct-8');
    await unmerge('acct-7');
    expect(await keys()).toEqual(['acct-7', 'acct-8', 'acct-9']);
  });

  it('I6: an account that was acted on before the merge is not acted on again for the same', async () => {
    await world.live(
      [group('acct-7', FIT, { userId: 'ann' }), ...did('ann', ...SIXTY)],
      [group('acct-8', {}, { userId: 'bob' })],
    );
    expect(await tasks()).toEqual(['acct-7']);
    await merge('acct-7', 'acct-8');
    expect(await tasks()).toEqual(['acct-8']);
    await unmerge('acct-7');
    expect(await tasks()).toEqual(['acct-7']);
    world.now += 8 * DAY;
    await world.live(did('ann', 'Signed In'));
    await world.live(did('ann', 'Key Feature Used'), did('bob', 'Key Feature Used'));
    expect(await tasks()).toEqual(['acct-7']);
  });
});

describe('the CRM records of accounts that are merged and separated', () => {
  const link = (key: string) =>
    database.db.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
       SELECT 'org', 'account', id, id, key, 'crm of ' || key, '{}', now() FROM accounts WHERE key = $1`,
      [key],
    );
  const links = async () =>
    Object.fromEntries(
      (
        await rows<{ key: string; ref: string; crm_id: string }>(
          `SELECT accounts.key, ref, crm_id FROM crm_records JOIN accounts ON accounts.id = crm_records.key`,
        )
      ).map(({ key, ref, crm_id }) => [key, `${ref}: ${crm_id}`]),
    );

  it('each with a record of its own: the merged one keeps the heir’s, and both have theirs again', async () => {
    await twoWorkspaces();
    await link('acct-7');
    await link('acct-8');
    await merge('acct-7', 'acct-8');
    expect(await links()).toEqual({ 'acct-8': 'acct-8: crm of acct-8' });
    await unmerge('acct-7');
    expect(await links()).toEqual({ 'acct-7': 'acct-7: crm of acct-7', 'acct-8': 'acct-8: crm of acct-8' });
  });

  it('a domain account that came along gets its own back: record, standing and task', async () => {
    await world.live(
      [
        identify({ email: 'kim@initech.example' }, { userId: 'kim' }),
        event({
          userId: 'kim',
          accountTraits: Object.entries(FIT).map(([name, value]) => ({ op: 'set' as const, name, value })),
        }),
        ...did('kim', ...SIXTY),
      ],
      [group('acct-7', {}, { userId: 'ann' }), group('acct-8', {}, { userId: 'bob' })],
      [identify({ email: 'ann@initech.example' }, { userId: 'ann' })].concat(
        identify({ email: 'bob@initech.example' }, { userId: 'bob' }),
      ),
    );
    await link('initech.example');
    expect(await tasks()).toEqual(['initech.example']);
    const standing = () =>
      rows(
        `SELECT standing -> 'crossings' AS crossings FROM scores JOIN accounts ON id = account WHERE key = 'initech.example'`,
      );
    const before = await standing();
    await merge('acct-7', 'acct-8');
    expect([await links(), await tasks()]).toEqual([
      { 'acct-8': 'acct-8: crm of initech.example' },
      ['acct-8'],
    ]);
    await unmerge('acct-7');
    expect([await links(), await tasks()]).toEqual([
      { 'initech.example': 'initech.example: crm of initech.example' },
      ['initech.example'],
    ]);
    expect(await standing()).toEqual(before);
  });

  it('only one has a record: it goes along, comes back, and keeps what the CRM acknowledged meanwhile (I8)', async () => {
    await twoWorkspaces();
    await link('acct-7');
    await merge('acct-7', 'acct-8');
    expect(await links()).toEqual({ 'acct-8': 'acct-8: crm of acct-7' });
    await database.db.query(`UPDATE crm_records SET acknowledged = '{"pql_score":85}'`);
    await unmerge('acct-7');
    expect(await links()).toEqual({ 'acct-7': 'acct-7: crm of acct-7' });
    expect(await rows('SELECT acknowledged FROM crm_records')).toEqual([{ acknowledged: { pql_score: 85 } }]);
  });
});
