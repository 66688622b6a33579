import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FeedFilter, type FeedRow, isFeedCursor, recordUrl } from '../../src/read-model/feed.ts';
import { DAY, HOUR, isoInstant } from '../../src/shared/time.ts';
import { hashId } from '../../src/store/db.ts';
import { addSuppression } from '../../src/store/handoff/suppressions.ts';
import { feed } from '../../src/store/read/feed.ts';
import { crmSites } from '../../src/wiring/crm-sites.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, NOON } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';

let database: TestDatabase;
let world: Live;

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(() => world.empty());

const RANKED = { model: 'mql-rubric', tiers: ['mid', 'high'] };
const ALL: FeedFilter = { owner: null, state: null, limit: 100, cursor: null };

interface Given {
  tier?: string;
  value?: number;
  /** Hours from noon; null: it was not handed over. */
  due?: number | null;
  waiting?: boolean;
  handed?: boolean;
}

/** A score as it stands after a decision. */
async function stands(key: string, given: Given): Promise<void> {
  const { tier = 'mid', value = 50, due = 24, waiting = false, handed = due !== null } = given;
  const id = hashId(key);
  const standing = {
    tier,
    since: isoInstant(NOON),
    crossings: { [tier]: 1 },
    crossedAt: { [tier]: isoInstant(NOON) },
    ...(handed ? { handed: { tier, n: 1, customer: false, suppressed: [], cooled: 0 } } : {}),
    ...(waiting ? { waiting: { tier, n: 1, holds: [{ id: 'churned', why: 'cancelled' }] } } : {}),
  };
  const sla = due === null ? null : { due: isoInstant(NOON + due * HOUR), rule: 'any' };
  const route = { to: 'AE', rule: 'r', owner: null, reason: `why ${key}`, sla };
  const evaluation = { explanation: [{ rule: 'r', group: 'g', points: 5, why: 'used it' }], groups: {} };
  await database.db.query('INSERT INTO accounts (id, key) VALUES ($1, $2)', [id, key]);
  await database.db.query(
    `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, evaluation, standing, route)
     VALUES ($1, 'mql-rubric', '1', $2, $3, $4, $4, $4, $5, $6, $7)`,
    [id, value, tier, isoInstant(NOON), evaluation, standing, route],
  );
}

async function scoredBefore(key: string, value: number, hoursAgo: number): Promise<void> {
  await database.db.query(
    `INSERT INTO score_history (account, at, model, version, value, tier, evaluation) VALUES ($1, $2, 'mql-rubric', '1', $3, 'none', '{}')`,
    [hashId(key), isoInstant(NOON - hoursAgo * HOUR), value],
  );
}

async function taskOf(key: string, owner: string | null, at = NOON): Promise<void> {
  await database.db.query(
    `INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at, owner)
     VALUES (gen_random_uuid(), $1, 'hubspot:1', 'hubspot', 'task', $2, 'done', '', '', '{}', $3, $3, $3, $4)`,
    [
      `${key} ${at}`,
      hashId(key),
      isoInstant(at),
      owner === null ? null : { id: '1', name: owner, why: 'pool' },
    ],
  );
}

const read = (over: Partial<FeedFilter> = {}) => feed(database.db, RANKED, { ...ALL, ...over }, NOON);
const keys = async (over: Partial<FeedFilter> = {}) => (await read(over)).feed.map(({ account }) => account);

describe('S4-4, S4-82: the feed', () => {
  it('S4-98: asks nobody for an account that somebody is in touch with: it has no deadline any more, and says since when', async () => {
    await stands('late', { due: -3 });
    await stands('called', { due: -5 });
    await database.db.query(
      `INSERT INTO clocks (account, model, tier, n, rule, route, crossed_at, warn_at, due_at, touched_at, touch, ended_at, ended_why)
       VALUES ($1, 'mql-rubric', 'mid', 1, 'any', 'AE', $2, $2, $2, $3, 'call', $3, 'touched')`,
      [hashId('called'), isoInstant(NOON - 6 * HOUR), isoInstant(NOON - HOUR)],
    );
    const { feed: rows } = await read();
    expect(rows.map(({ account, due, touched, touch }) => [account, due, touched, touch])).toEqual([
      ['late', isoInstant(NOON - 3 * HOUR), null, null],
      ['called', null, isoInstant(NOON - HOUR), 'call'],
    ]);
  });

  it('has the highest tier first, in it the nearest deadline, then the highest score, and what has no deadline last', async () => {
    await stands('mid-soon', { due: 1 });
    await stands('high-late', { tier: 'high', due: 30 });
    await stands('high-soon', { tier: 'high', due: 2 });
    await stands('mid-held', { due: null, waiting: true, value: 99 });
    await stands('mid-same-80', { due: 3, value: 80 });
    await stands('mid-same-60', { due: 3, value: 60 });
    await stands('below', { tier: 'none' });
    const expected = ['high-soon', 'high-late', 'mid-soon', 'mid-same-80', 'mid-same-60', 'mid-held'];
    expect(await keys()).toEqual(expected);
    const paged: string[] = [];
    for (let cursor: string | null = null, page = 0; page < 10; page++) {
      const one = await read({ limit: 1, cursor });
      paged.push(...one.feed.map(({ account }) => account));
      cursor = one.next;
      if (cursor === null) {
        break;
      }
      expect(isFeedCursor(cursor)).toBe(true);
    }
    expect(paged).toEqual(expected);
  });

  it('says what became of each, and why nobody has it; one whose tasks were closed is over', async () => {
    await stands('handed', {});
    await stands('held', { due: null, waiting: true });
    await stands('elsewhere', { due: null });
    await stands('over', { handed: false });
    const rows = (await read()).feed.map(({ account, state, why, due }) => [account, state, why, due]);
    expect(rows.sort()).toEqual([
      ['elsewhere', 'not_handed_over', 'why elsewhere', null],
      ['handed', 'handed_over', null, '2026-03-03T12:00:00.000Z'],
      ['held', 'held', 'cancelled', null],
    ]);
    expect(await keys({ state: 'held' })).toEqual(['held']);
  });

  it('is of one owner by e-mail, whatever its case: who has the newest task', async () => {
    await stands('a', { due: 1 });
    await stands('b', { due: 2 });
    await stands('c', { due: 3 });
    await taskOf('a', 'Ada@acme.com');
    await taskOf('b', 'ada@acme.com', NOON - DAY);
    await taskOf('b', 'ben@acme.com');
    await taskOf('c', 'ada@acme.com', NOON - DAY);
    await taskOf('c', null);
    expect(await keys({ owner: 'ADA@acme.com' })).toEqual(['a', 'c']);
    expect(await keys({ owner: '%' })).toEqual([]);
  });

  it('counts the change of a day from the score that stood 24 hours ago', async () => {
    for (const key of ['risen', 'new', 'same']) {
      await stands(key, {});
    }
    await scoredBefore('risen', 10, 50);
    await scoredBefore('risen', 30.3, 24);
    await scoredBefore('risen', 45, 2);
    await scoredBefore('new', 45, 23);
    await scoredBefore('same', 50, 100);
    const rows = (await read()).feed.map(({ account, change }) => [account, change]);
    expect(Object.fromEntries(rows)).toEqual({ risen: 19.7, new: null, same: 0 });
  });

  it('shows a suppressed account with who said so, as it was decided', async () => {
    const { model, tiers } = world.mappings.champion;
    await addSuppression(
      database.db,
      { key: 'acct-7', reason: 'a rival', author: 'ann', until: null },
      { now: world.now, realNow: world.now },
    );
    await world.live([
      group('acct-7', { employees: 240, industry: 'Software' }, { userId: 'ann' }),
      ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
        event({ userId: 'ann', name }),
      ),
    ]);
    const acting = tiers.filter(({ acts }) => acts).map(({ id }) => id);
    const page = await feed(database.db, { model, tiers: acting }, ALL, world.now);
    expect(page.feed).toMatchObject([
      { account: 'acct-7', state: 'held', why: 'a rival (by ann)', score: 85, change: null, route: 'SDR' },
    ]);
    expect(page.feed[0]?.reasons).toHaveLength(3);
  });
});

describe('links to the CRMs’ own pages', () => {
  const record = (
    crm: 'hubspot' | 'salesforce',
    connection: string,
    id: string,
  ): FeedRow['records'][number] => ({
    crm,
    connection,
    id,
  });
  const sites = crmSites({
    HUBSPOT_ACCESS_TOKEN: 'pat',
    HUBSPOT_BASE_URL: 'https://api.hubapi.com',
    SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
  });

  it('go to the record in the portal, and in the org by its own domain', () => {
    expect(recordUrl(sites, record('hubspot', 'hubspot:20000001', '79450'))).toBe(
      'https://app.hubspot.com/contacts/20000001/record/0-2/79450',
    );
    expect(recordUrl(sites, record('salesforce', 'salesforce:00D5', '001A'))).toBe(
      'https://acme.my.salesforce.com/lightning/r/Account/001A/view',
    );
    expect(recordUrl(sites, record('salesforce', 'salesforce:00D5', '../evil'))).toBeNull();
  });

  it('are none where a stand-in answers, or the login tells no domain', () => {
    const standIn = { HUBSPOT_ACCESS_TOKEN: 'pat', HUBSPOT_BASE_URL: 'http://127.0.0.1:9999' };
    expect(crmSites({ ...standIn, SALESFORCE_LOGIN_URL: 'https://login.salesforce.com' })).toEqual({
      hubspot: null,
      salesforce: null,
    });
  });
});
