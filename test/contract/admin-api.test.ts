import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoutes } from '../../src/api/admin.ts';
import type { Recomputed } from '../../src/read-model/recompute.ts';
import { slaReport } from '../../src/read-model/sla.ts';
import { hashId } from '../../src/store/db.ts';
import { errorDesk } from '../../src/store/errors.ts';
import { forgetDesk } from '../../src/store/forget/index.ts';
import { suppressDesk } from '../../src/store/handoff/suppressions.ts';
import { postgresReadModel } from '../../src/store/read/index.ts';
import { factLookup } from '../../src/wiring/facts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';

let database: TestDatabase;
let world: Live;
let server: Server;
const recomputed: [Recomputed, boolean][] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
  const { mappings } = world;
  const read = postgresReadModel(
    database.db,
    () => world.now,
    () => mappings.signals.hash,
    () => factLookup(mappings.facts),
    () => mappings.champion,
  );
  const status = {
    read,
    queueKind: 'postgres',
    queuePending: async () => 0,
    budget: () => ({ dailyRemaining: null, dailyMax: null }),
  };
  const recompute = async (what: Recomputed, act: boolean) =>
    typeof what === 'object' && what.account === 'nobody' ? 0 : recomputed.push([what, act]);
  const models = () => [mappings.champion.model];
  const app = express();
  app.use(
    '/api/v1',
    adminRoutes({
      token: 'let-me-in',
      read,
      errors: errorDesk(database.db, Date.now, () => {}),
      forget: forgetDesk(
        database.db,
        () => world.now,
        () => {},
      ),
      suppress: suppressDesk(
        database.db,
        () => ({ now: world.now, realNow: world.now }),
        () => {},
      ),
      sla: (question) => slaReport(read.listClocks, mappings.handoff, question, world.now),
      models,
      status,
      recompute,
      sites: { hubspot: null, salesforce: null },
      now: () => world.now,
      realNow: Date.now,
    }),
  );
  server = app.listen(0, '127.0.0.1');
  await history();
});
afterAll(async () => {
  server.close();
  await database.drop();
});

/** acct-1 … acct-5 with 5 … 25 points, and Initech, whose people came one by one. */
async function history(): Promise<void> {
  const tools = (n: number) => Array.from({ length: n }, (_, i) => `tool ${i}`);
  const small = [1, 2, 3, 4, 5].map((n) =>
    group(`acct-${n}`, { name: `Small ${n}`, tech_stack: tools(n) }, { userId: `u-${n}` }),
  );
  await world.live(
    small,
    [event({ userId: null, anonymousId: 'a-1', kind: 'page', name: 'Home' })],
    [event({ userId: 'old', anonymousId: 'a-1', name: 'Signed In' })],
    [event({ kind: 'alias', name: null, previousId: 'old', userId: 'ann' })],
    [identify({ email: 'ann@initech.example', name: 'Ann' }, { userId: 'ann' })],
    [group('initech', { name: 'Initech', employees: 240, industry: 'Software' }, { userId: null })],
    [group('initech', {}, { userId: 'ann' })],
    ...['Workflow Configured', 'API Integration Created', 'Limit Breach Attempted'].map((name) => [
      event({ userId: 'ann', name }),
    ]),
  );
}

async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: never }> {
  const { port } = server.address() as AddressInfo;
  const headers = { authorization: 'Bearer let-me-in', 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers, ...init });
  return { status: response.status, body: (await response.json()) as never };
}

interface Page {
  accounts: { key: string; value: number; tier: string }[];
  next: string | null;
}

it('S4-4, S4-78: pages through the accounts, highest score first, each once', async () => {
  const seen: [string, number][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await ask(`/accounts?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page = body as Page;
    seen.push(...page.accounts.map(({ key, value }): [string, number] => [key, value]));
    cursor = page.next;
  }
  expect(seen).toEqual([
    ['initech', 85],
    ...[5, 4, 3, 2, 1].map((n): [string, number] => [`acct-${n}`, 5 * n]),
  ]);
});

it.each([
  ['tier=mql', ['initech']],
  ['tier=none&limit=2', ['acct-5', 'acct-4']],
  ['q=SMALL%203', ['acct-3']],
  ['q=initech.example', ['initech']],
  ['q=100%25', []],
  ['owner=nobody', []],
])('filters by %s', async (query, keys) => {
  const { body } = await ask(`/accounts?${query}`);
  expect((body as Page).accounts.map(({ key }) => key)).toEqual(keys);
});

it('S3-49: the outlook is worked out when somebody asks, from the state that was scored; not for a score of another version', async () => {
  const { body } = await ask('/accounts/initech');
  expect(body).toMatchObject({
    outlook: {
      next: expect.arrayContaining([expect.objectContaining({ tier: { from: 'mql', to: 'stage_2' } })]),
      closer: [],
    },
  });
  await database.db.query(`UPDATE scores SET version = 'earlier' WHERE account = $1`, [hashId('initech')]);
  expect((await ask('/accounts/initech')).body).toMatchObject({ outlook: null });
  await database.db.query('UPDATE scores SET version = $2 WHERE account = $1', [
    hashId('initech'),
    world.mappings.champion.version,
  ]);
});

it('shows one account whole: every rule, gate and time; the remainder is no person', async () => {
  const { body } = await ask('/accounts/initech');
  expect(body).toMatchObject({
    account: {
      key: 'initech',
      name: 'Initech',
      domain: 'initech.example',
      people: 1,
      traits: { employees: 240, industry: 'Software', name: 'Initech' },
      customer: false,
    },
    score: {
      model: 'mql-rubric',
      version: world.mappings.champion.version,
      value: 85,
      raw: 85,
      tier: 'mql',
      gates: [
        { id: 'feature_depth_last_7_days', passed: true },
        { id: 'points_in_each_group', passed: true },
      ],
      computedAt: '2026-03-02T22:00:00.000Z',
      dataThrough: '2026-03-02T22:00:00.000Z',
      validUntil: '2026-03-09T20:00:00.000Z',
      modifiers: [],
    },
    route: { to: 'SDR', owner: null, sla: { due: '2026-03-03T00:00:00.000Z' } },
    crm: {},
    links: [],
  });
  const { score, actions } = body as {
    score: { explanation: { rule: string; points: number; why: string; evidence: object }[] };
    actions: { kind: string; crm: string; state: string; reason: string; crmId: null; at: string }[];
  };
  expect(score.explanation.map(({ rule, points }) => [rule, points])).toEqual([
    ['seats_invited', 0],
    ['api_integration', 15],
    ['workflow', 20],
    ['cross_functional', 0],
    ['limit_breach', 25],
    ['company_size', 15],
    ['industry', 10],
    ['tech_stack', 0],
  ]);
  expect(score.explanation.every(({ why, evidence }) => why !== '' && typeof evidence === 'object')).toBe(
    true,
  );
  expect(actions.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
    'campaign waiting',
    'fields waiting',
    'task waiting',
  ]);
});

it.each(['person:a-1', 'person:old', 'person:ann', 'initech.example'])(
  'a former key, %s, answers with the merged account',
  async (key) => {
    const { body } = await ask(`/accounts/${encodeURIComponent(key)}`);
    expect(body).toMatchObject({ account: { key: 'initech' } });
  },
);

it('S3-28: the timeline tells events, scores and acts in the order in which they came, under every id of a person', async () => {
  const { body } = await ask('/accounts/initech/timeline');
  const { timeline } = body as { timeline: { at: string; kind: string; what: string }[] };
  const told = timeline.map(({ kind, what }) => `${kind} ${what}`);
  expect(told.filter((line) => line.startsWith('event'))).toEqual([
    'event Home',
    'event Signed In',
    'event alias',
    'event identify',
    'event group',
    'event group',
    'event Workflow Configured',
    'event API Integration Created',
    'event Limit Breach Attempted',
  ]);
  expect(told).toContain('score mql');
  expect(told).toContain('action task');
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort());
});

it.each([
  ['/accounts/initech?model=mql-rubrik', 400, 'invalid_query', 'did you mean \\"mql-rubric\\"?'],
  ['/accounts?model=nonsense', 400, 'invalid_query', 'allowed: mql-rubric'],
  ['/accounts?cursor=nonsense', 400, 'invalid_query', 'cursor'],
  ['/accounts?limit=0', 400, 'invalid_query', 'limit'],
  ['/accounts?q=%00', 400, 'invalid_query', 'NUL'],
  ['/audit?what=%00', 400, 'invalid_query', 'NUL'],
  ['/audit?account=%00', 400, 'invalid_query', 'NUL'],
  ['/accounts/nobody', 404, 'unknown_account', 'nobody'],
  ['/accounts/person%3A%00', 404, 'unknown_account', 'person'],
  ['/actions?state=lost', 400, 'invalid_query', 'state'],
])('%s is refused in words', async (path, status, code, words) => {
  const answer = await ask(path);
  expect([answer.status, (answer.body as { error: { code: string } }).error.code]).toEqual([status, code]);
  expect(JSON.stringify(answer.body)).toContain(words);
});

it.each(['person', 'reason', 'author'])(
  'a forgetting with a NUL in its %s is refused in words',
  async (name) => {
    const asked = { person: 'u-1', reason: 'asked', [name]: 'u\0' };
    const answer = await ask('/forget', { method: 'POST', body: JSON.stringify(asked) });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { message: `${name}: must not hold a NUL` } });
  },
);

it('a recompute acts on what a new model made only when it is told to', async () => {
  const post = (body: object) => ask('/recompute', { method: 'POST', body: JSON.stringify(body) });
  expect((await post({})).status).toBe(202);
  expect((await post({ all: true })).status).toBe(202);
  expect((await post({ all: true, act: true })).status).toBe(202);
  expect((await post({ account: 'acme', act: true })).status).toBe(202);
  expect((await post({ account: 'nobody', act: true })).status).toBe(404);
  expect((await post({ account: 'acme', all: true })).status).toBe(400);
  expect((await post({ act: 'yes' })).status).toBe(400);
  expect(recomputed).toEqual([
    ['due', false],
    ['all', false],
    ['all', true],
    [{ account: 'acme' }, true],
  ]);
});

describe('the history of a score', () => {
  it('lists every change with the difference of the scores in force at both instants, and the sum fits', async () => {
    const { body } = await ask('/accounts/initech/history');
    const shown = body as unknown as {
      entries: { value: number }[];
      difference: { value: { from: number; to: number; delta: number }; numbers: { delta: number }[] };
      words: string[];
    };
    const { value, numbers } = shown.difference;
    expect(shown.entries.at(-1)).toMatchObject({ value: 85 });
    expect(value.to).toBe(85);
    expect(numbers.reduce((sum, { delta }) => sum + delta, 0)).toBe(value.delta);
    expect(shown.words).toContain(`the score rose from ${value.from} to 85 (+${value.delta})`);
  });

  it.each([
    ['/accounts/initech/history?model=nope', 400],
    ['/accounts/initech/history?from=2026-02-30', 400],
    ['/accounts/initech/history?from=2026-03-04&to=2026-03-03', 400],
    ['/accounts/nobody/history', 404],
    ['/accounts/initech/history?to=2020-01-01', 200],
  ])('bad input: %s is answered with %i', async (path, status) => {
    expect((await ask(path)).status).toBe(status);
  });
});

it('the status counts who stands in a personal account because nothing named a company', async () => {
  await world.live([event({ userId: 'nobody-knows' })]);
  const { body } = await ask('/status');
  expect(body).toMatchObject({
    unassigned: { people: { no_mail: 1, free_mail: 0 }, eventsWithoutIds: 0, countedUpTo: 10_000 },
  });
});

it('S4-82: the feed has who qualified, by whom it is to be done and when, or why nobody has it', async () => {
  const { status, body } = await ask('/feed');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    feed: [{ account: 'initech', state: 'handed_over', route: 'SDR', links: [] }],
    next: null,
  });
  expect((await ask('/feed?owner=nobody@acme.com')).body).toEqual({ feed: [], next: null });
  for (const query of ['cursor=bm9uZQ', 'state=open', 'limit=0', 'owner=%00']) {
    expect([query, (await ask(`/feed?${query}`)).status]).toEqual([query, 400]);
  }
});

it('S4-163: the list of suppressions is changed and read as by the command, and each account shows who said so', async () => {
  const post = (body: object) => ask('/suppressions', { method: 'POST', body: JSON.stringify(body) });
  const added = await post({ key: 'Initech.example', why: ' a\nrival ', until: '30 days', author: 'ann' });
  expect(added).toEqual({ status: 201, body: { accounts: ['initech'], replaced: null } });
  const until = new Date(world.now + 30 * 86_400_000).toISOString();
  const said = { key: 'initech.example', reason: 'a rival', author: 'ann', until };
  expect((await ask('/suppressions')).body).toMatchObject({ suppressions: [said] });
  expect((await ask('/accounts/initech')).body).toMatchObject({ suppressed: [said] });
  for (const wrong of [
    {},
    { key: '', why: 'x' },
    { key: 'a' },
    { key: 'a', why: 'x', until: '2020-01-01' },
    { key: 'a', why: 'x', y: 1 },
  ]) {
    expect([wrong, (await post(wrong)).status]).toEqual([wrong, 400]);
  }
  const remove = () => ask('/suppressions/initech.example?why=no%20rival&author=bo', { method: 'DELETE' });
  expect(await remove()).toMatchObject({
    status: 200,
    body: { accounts: ['initech'], removed: { removedBy: 'bo' } },
  });
  expect((await remove()).status).toBe(404);
  expect((await ask('/suppressions?all=true')).body).toMatchObject({ suppressions: [{ removedBy: 'bo' }] });
});
