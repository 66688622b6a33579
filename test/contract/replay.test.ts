import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAgain } from '../../src/receive/again.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { HOUR } from '../../src/shared/time.ts';
import { hashId, inTransaction } from '../../src/store/db.ts';
import { keepQuarantined } from '../../src/store/keep-quarantined.ts';
import { planReplay, type Replay, replay } from '../../src/store/replay/index.ts';
import { markPeople } from '../../src/store/replay/people.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';
import { runPql } from '../support/pql.ts';

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await world.empty();
  await world.live(
    [
      group('initech', { employees: 240, industry: 'Software' }, { userId: 'ann' }),
      identify({ email: 'ann@initech.example' }, { userId: 'ann' }),
      ...['Workflow Configured', 'API Integration Created', 'Limit Breach Attempted'].map((name) =>
        event({ userId: 'ann', name }),
      ),
    ],
    [group('other', {}, { userId: 'bob' }), event({ userId: 'bob' })],
  );
});

const deps = {
  fold: () => world.fold,
  readAgain: (element: Parameters<typeof readAgain>[1]) =>
    readAgain(
      {
        segment: { accountPaths: ['properties.workspace'] },
        amplitude: { groupType: 'company' },
        horizonDays: 400,
      },
      element,
    ),
  life: { stopping: false },
};

async function again(what: Replay) {
  const done = await replay(deps, what, () => {});
  world.now += HOUR;
  await database.db.query('UPDATE dirty_accounts SET due_at = to_timestamp(0)');
  await world.score();
  return done;
}

async function parts(): Promise<string[]> {
  const rows = await database.db.query<{ account: string; part: object }>(
    'SELECT account, part FROM parts ORDER BY account, person',
  );
  return rows.rows.map(({ account, part }) => `${account} ${stableJson(part as never)}`);
}

/** Acts on tasks and memberships, and how often each score crossed. */
async function acted(): Promise<unknown> {
  const acts = await database.db.query(
    `SELECT id, kind, state FROM actions WHERE kind <> 'fields' ORDER BY id`,
  );
  const crossed = await database.db.query(
    'SELECT account, crossing FROM score_history WHERE crossing IS NOT NULL',
  );
  return [acts.rows, crossed.rows];
}

/** As if a fault of an earlier version had left these accounts with nothing. */
async function spoil(account: string): Promise<void> {
  await database.db.query(
    `UPDATE parts SET part = jsonb_set(part::jsonb, '{signals}', '{}')::json WHERE account = $1`,
    [hashId(account)],
  );
}

describe('replay rebuilds states and scores from the journal', () => {
  it.each<[string, Replay, number]>([
    ['everybody', { kind: 'all' }, 2],
    ['one account', { kind: 'account', id: hashId('initech') }, 1],
    ['what was received in a span', { kind: 'received', since: NOON, until: NOON + HOUR }, 1],
  ])('I4, I6: %s: the same states and scores, and no act is repeated', async (_what, what, people) => {
    const before = [await parts(), await acted()];
    await spoil('initech');
    expect(await planReplay(database.db, what)).toMatchObject({ people });
    expect(await again(what)).toEqual({ people, elements: 0, refused: 0 });
    expect([await parts(), await acted()]).toEqual(before);
    const score = await database.db.query('SELECT value, tier FROM scores WHERE account = $1', [
      hashId('initech'),
    ]);
    expect(score.rows).toEqual([{ value: 85, tier: 'mql' }]);
  });

  it('who is in no account of the span is left as they are', async () => {
    await spoil('other');
    const spoilt = await parts();
    await again({ kind: 'received', since: NOON, until: NOON + HOUR });
    expect(await parts()).toEqual(spoilt);
  });

  it('killed after people were marked, any worker goes on', async () => {
    const before = await parts();
    await spoil('initech');
    await markPeople(database.db, { kind: 'all' });
    await world.live([event({ userId: 'zoe', name: 'Signed In' })]);
    await replay(deps, { kind: 'account', id: hashId('nobody') }, () => {});
    expect(await parts()).toEqual(expect.arrayContaining(before));
  });
});

describe('replay of quarantined elements', () => {
  const refused = (raw: object, over: object = {}) =>
    inTransaction(database.db, (tx) =>
      keepQuarantined(tx, [
        {
          vendor: 'segment',
          route: 'segment.webhook',
          code: 'no_group',
          reason: 'names no account',
          raw: JSON.stringify(raw),
          id: null,
          receivedAt: NOON,
          ...over,
        },
      ]),
    );
  const call = (messageId: string, workspace?: string) => ({
    type: 'track',
    messageId,
    event: 'Workflow Configured',
    userId: 'new',
    timestamp: new Date(NOON).toISOString(),
    properties: workspace === undefined ? {} : { workspace },
  });

  it('I2, I6: what can be read by now counts once and acts on nothing; what cannot stays', async () => {
    const before = await acted();
    for (const name of ['Workflow Configured', 'API Integration Created', 'Limit Breach Attempted']) {
      await refused({ ...call(`m ${name}`, 'late'), event: name });
    }
    await refused({ type: 'group', userId: 'new' });
    await refused({
      type: 'group',
      userId: 'new',
      groupId: 'late',
      messageId: 'g',
      traits: { employees: 240, industry: 'Software' },
    });
    expect(await planReplay(database.db, { kind: 'error', code: 'no_group' })).toMatchObject({ elements: 5 });
    expect(await again({ kind: 'error', code: 'no_group' })).toEqual({ people: 0, elements: 4, refused: 1 });
    expect(await again({ kind: 'error', code: 'no_group' })).toEqual({ people: 0, elements: 0, refused: 1 });
    const score = await database.db.query('SELECT value, tier FROM scores WHERE account = $1', [
      hashId('late'),
    ]);
    expect(score.rows).toEqual([{ value: 85, tier: 'mql' }]);
    expect(await acted()).toEqual(before);
    const inbox = await database.db.query('SELECT 1 FROM inbox_runs');
    expect(inbox.rowCount).toBe(0);
  });

  it('I2: an element that was received again meanwhile, and taken then, counts no second time', async () => {
    await refused(call('m-again', 'initech'));
    const [first] =
      deps.readAgain({
        vendor: 'segment',
        route: 'segment.webhook',
        raw: JSON.stringify(call('m-again', 'initech')),
        receivedAt: NOON,
      }) ?? [];
    expect(first?.type).toBe('event');
    await world.live(first?.type === 'event' ? [first.event] : []);
    const before = await parts();
    expect(await again({ kind: 'error', code: 'no_group' })).toMatchObject({ elements: 1 });
    expect(await parts()).toEqual(before);
  });

  it('an event of the journal that no state could take is folded once it can be', async () => {
    const before = await parts();
    const journaled = await database.db.query<{ event: { id: string } }>(
      `SELECT event FROM events WHERE event ->> 'name' = 'Workflow Configured'`,
    );
    const id = journaled.rows[0]?.event.id ?? '';
    await database.db.query(
      'DELETE FROM event_ids WHERE seq = (SELECT seq FROM events WHERE event ->> $1 = $2)',
      ['id', id],
    );
    await database.db.query(`UPDATE people SET plan = 'replay'`);
    await replay(deps, { kind: 'account', id: hashId('nobody') }, () => {});
    expect(await parts()).not.toEqual(before);
    await refused({}, { route: 'fold', code: 'not_foldable', id });
    expect(await again({ kind: 'error', code: 'not_foldable' })).toMatchObject({ elements: 1, refused: 0 });
    expect(await parts()).toEqual(before);
  });
});

describe('pql replay', () => {
  const pql = (...args: string[]) => runPql(args, { DATABASE_URL: database.url });

  it('counts with --dry-run and changes nothing; says what it did', async () => {
    const { code, out } = await pql('replay', '--account', 'initech', '--dry-run', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { people: 1, elements: 0, refused: 0 }]);
    const marked = await database.db.query(`SELECT 1 FROM people WHERE plan = 'replay'`);
    expect(marked.rowCount).toBe(0);
  });

  it.each([
    [['replay'], 2],
    [['replay', '--all', '--account', 'initech'], 2],
    [['replay', '--until', '2026-03-02T10:00:00Z', '--all'], 2],
    [['replay', '--since', 'yesterday'], 2],
    [['replay', '--account', 'nobody', '--dry-run'], 1],
  ])('%j ends with %i', async (args, code) => {
    expect((await pql(...args)).code).toBe(code);
  });
});
