import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { silentLogger } from '../../src/shared/log.ts';
import { DAY, MINUTE } from '../../src/shared/time.ts';
import { knownDays } from '../../src/store/budgets.ts';
import type { CrmName } from '../../src/sync/crm.ts';
import { type Budgets, openBudgets } from '../../src/wiring/budgets.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { bareEnvironment } from '../support/environment.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const CALLER = fileURLToPath(new URL('../support/budget-caller.ts', import.meta.url));
const SKEW = new URL('../chaos/skew.ts', import.meta.url).href;
const run = promisify(execFile);

let database: TestDatabase;
let redis: RedisServer | null = null;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

type Store = 'PostgreSQL' | 'Redis' | 'a Redis cluster';
const absent = inject('redisServer') === null;

describe.each<[Store, boolean]>([
  ['PostgreSQL', false],
  ['Redis', absent],
  ['a Redis cluster', absent],
])('a budget on %s', (store, skipped) => {
  describe.skipIf(skipped)('shared by two processes', () => {
    beforeAll(async () => {
      redis = store === 'PostgreSQL' ? null : await startRedis(store === 'a Redis cluster');
    });
    afterAll(async () => {
      await redis?.stop();
      redis = null;
    });

    it('sends no more than five searches in any second', async () => {
      const { spans, refused } = await together({ kind: 'search', calls: 7 });
      expect(refused).toBe(0);
      expect(spans).toHaveLength(14);
      expect(most(spans, 1000)).toBeLessThanOrEqual(5);
      expect(lasted(spans)).toBeLessThan(8000);
    });

    it('keeps the burst of the smallest plan until an answer tells another', async () => {
      const { spans } = await together({ kind: 'call', calls: 14 });
      expect(spans).toHaveLength(28);
      expect(most(spans, 1000)).toBeLessThanOrEqual(2 * 8);
      expect(lasted(spans)).toBeGreaterThan(2000);
    });

    it('nobody waits for the windows of a worker whose clock is minutes off, and all keep the burst together', async () => {
      const identity = randomBytes(4).toString('hex');
      const budgets = open();
      const skews = [5 * MINUTE, -5 * MINUTE];
      const made = await Promise.all(skews.map((skew) => caller({ identity, calls: 14 }, skew)));
      const from = performance.now();
      expect((await budgets.of('hubspot', identity).turn('call')).go).toBe(true);
      expect(performance.now() - from).toBeLessThan(3000);
      const spans = made.flatMap((one, who) =>
        one.spans.map(([at]): Made['spans'][number] => [at - (skews[who] ?? 0), 0]),
      );
      expect(spans).toHaveLength(28);
      expect(most(spans, 1000)).toBeLessThanOrEqual(2 * 8);
      await budgets.close();
    });

    it('never has more calls of Salesforce under way than it may, and a place that is given back is taken at once', async () => {
      const { spans } = await together({ crm: 'salesforce', calls: 8, lasts: 60, atOnce: 3 });
      expect(spans).toHaveLength(16);
      expect(mostAtOnce(spans)).toBe(3);
      expect(lasted(spans)).toBeLessThan(8000);
    });

    it("stops at the reserve, to the call, and another process's answer is known to all", async () => {
      const identity = randomBytes(4).toString('hex');
      const budgets = open();
      const first = budgets.of('salesforce', identity);
      const turn = await first.turn('call');
      // 30 of 100 calls are left, 20 of these are kept for others.
      const told = { day: { max: 100, used: 70, until: Date.now() + DAY }, burst: null };
      await (turn.go ? turn.done({ told }) : null);
      const { spans, refused } = await together({ crm: 'salesforce', identity, calls: 9, priority: 'act' });
      expect([spans.length, refused]).toEqual([10, 8]);
      expect(await first.held(async () => {})).toMatchObject({ act: expect.any(Number) });
      const waits = await first.held(async () => {});
      expect(Math.min(...Object.values(waits))).toBeGreaterThan(0);
      expect((await knownDays(database.db)).get('salesforce')).toMatchObject({
        max: 100,
        used: 70,
        reserve: 0.2,
      });
      await budgets.close();
    });
  });
});

describe('a budget', () => {
  const turnOf = async (budgets: Budgets, identity: string, used: number) => {
    const turn = await budgets.of('hubspot', identity).turn('call');
    const told = { day: { max: 1000, used, until: Date.now() + DAY }, burst: null };
    await (turn.go ? turn.done({ told }) : null);
    return turn.go;
  };

  it('asks by one worker alone while something waits, and goes on by itself once the answer tells better', async () => {
    const budgets = [open(), open()];
    const identity = randomBytes(4).toString('hex');
    await turnOf(budgets[0] as Budgets, identity, 1000);
    let asked = 0;
    const ask = (one: Budgets) => async () => {
      asked += 1;
      await turnOf(one, identity, 3);
    };
    const [first, second] = budgets.map((one) => one.of('hubspot', identity));
    expect(
      await second?.held(async () => {
        asked += 1;
      }),
    ).toMatchObject({ act: expect.any(Number) });
    expect(asked).toBe(1);
    expect(await first?.held(ask(budgets[0] as Budgets))).not.toMatchObject({ act: 0 });
    expect(asked).toBe(1);
    await database.db.query("DELETE FROM rate_limits WHERE key LIKE '%:ask:%'");
    expect(await first?.held(ask(budgets[0] as Budgets))).toEqual({ act: 0, hot: 0, mass: 0 });
    await Promise.all(budgets.map((one) => one.close()));
  });

  it('holds nobody back who set up or looks: only what has a priority waits', async () => {
    const budgets = open();
    const identity = randomBytes(4).toString('hex');
    await turnOf(budgets, identity, 1000);
    const budget = budgets.of('hubspot', identity);
    expect((await budget.at('act', () => budget.turn('call'))).go).toBe(false);
    expect((await budget.turn('call')).go).toBe(true);
    await budgets.close();
  });

  it('goes on without Redis: each process then counts for itself', async () => {
    const budgets = open('redis://127.0.0.1:1');
    const identity = randomBytes(4).toString('hex');
    await turnOf(budgets, identity, 1000);
    const budget = budgets.of('hubspot', identity);
    expect((await budget.at('act', () => budget.turn('call'))).go).toBe(false);
    await budgets.close();
  });

  it('closes a window that HubSpot calls used up, for every process', async () => {
    const budgets = [open(), open()];
    const identity = randomBytes(4).toString('hex');
    const [first, second] = budgets.map((one) => one.of('hubspot', identity));
    const turn = await first?.turn('call');
    const told = { day: null, burst: { max: 190, intervalMs: 10_000, left: 0 } };
    await (turn?.go === true ? turn.done({ told }) : null);
    const from = Date.now();
    await second?.turn('call');
    expect(Date.now() - from).toBeGreaterThan(700);
    await Promise.all(budgets.map((one) => one.close()));
  });
});

const LIMITS = { HUBSPOT_API_RESERVE: 0, SALESFORCE_API_RESERVE: 20, SALESFORCE_CALLS_AT_ONCE: 5 };

function open(url = redis?.url): Budgets {
  return openBudgets({ ...LIMITS, REDIS_URL: url }, { db: database.db, logger: silentLogger() });
}

interface Made {
  spans: [number, number][];
  refused: number;
}

interface Orders {
  kind?: 'call' | 'search';
  crm?: CrmName;
  identity?: string;
  priority?: string;
  calls: number;
  lasts?: number;
  atOnce?: number;
}

/** Two processes that make calls at the same time; what both did. */
async function together(orders: Orders): Promise<Made> {
  const shared = { identity: randomBytes(4).toString('hex'), ...orders };
  const made = await Promise.all([caller(shared), caller(shared)]);
  return {
    spans: made.flatMap(({ spans }) => spans).sort(([a], [b]) => a - b),
    refused: made.reduce((sum, { refused }) => sum + refused, 0),
  };
}

/** @param skew how far (ms) the process's clock is ahead */
async function caller(orders: Orders, skew = 0): Promise<Made> {
  const all = {
    databaseUrl: database.url,
    redisUrl: redis?.url ?? null,
    crm: 'hubspot',
    kind: 'call',
    priority: 'mass',
    sideBySide: 4,
    lasts: 0,
    atOnce: 5,
    ...orders,
  };
  const env = { ...bareEnvironment(), CHAOS_SKEW_MS: String(skew) };
  const done = await run(process.execPath, ['--import', SKEW, CALLER, JSON.stringify(all)], { env });
  return JSON.parse(done.stdout) as Made;
}

/** The most calls that went out within any `span` ms. */
function most(spans: Made['spans'], span: number): number {
  return Math.max(...spans.map(([from]) => spans.filter(([at]) => at >= from && at < from + span).length));
}

function mostAtOnce(spans: Made['spans']): number {
  return Math.max(...spans.map(([from]) => spans.filter(([a, b]) => a <= from && from < b).length));
}

function lasted(spans: Made['spans']): number {
  return (spans.at(-1)?.[1] ?? 0) - (spans[0]?.[0] ?? 0);
}
