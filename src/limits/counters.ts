import type { Cluster, Redis } from 'ioredis';
import type { Pool } from 'pg';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterStoreAbstract,
} from 'rate-limiter-flexible';
import { within } from '../shared/within.ts';
import { type Lanes, lanesFrom } from '../sync/budget.ts';
import { DatabaseClockLimiter } from './on-postgres.ts';

/** Where counters are kept. */
export type CounterStore =
  | { kind: 'postgres'; db: Pool }
  | { kind: 'redis'; redis: Redis | Cluster }
  /** This process alone. */
  | { kind: 'memory' };

export interface Taken {
  lane: string | null;
  waitMs: number;
}

/**
 * Counters that all workers share, each for a time. While their store is away every process counts for itself: calls go on,
 * and the CRM's own headers are then the only thing that processes have in common.
 */
export interface Counters {
  /**
   * Takes a place; `lane` null: none was free, the next will be in about `waitMs`.
   *
   * @param order the lanes (from 0) that are tried, in this order; all from any of them on when absent
   */
  take(key: string, lanes: Lanes, order?: readonly number[]): Promise<Taken>;
  /** Gives a place back before its time. */
  give(lane: string, lanes: Lanes): Promise<void>;
  /** Keeps a place for so many seconds from now, taken already or not. */
  keep(lane: string, lanes: Lanes, seconds: number): Promise<void>;
  /** Fills every lane for so many seconds. */
  close(key: string, lanes: Lanes, seconds: number): Promise<void>;
  /** Adds to a count (it starts anew `seconds` after its first) and gives what it stands at. */
  add(key: string, points: number, seconds: number): Promise<number>;
  set(key: string, points: number, seconds: number): Promise<void>;
  get(key: string): Promise<number | null>;
  /** How much of a place's window is taken, and how long (ms) it still lasts; null: it has not begun. */
  window(key: string, lanes: Lanes): Promise<Window | null>;
}

/** A window that has begun, of a limit with one lane. */
export interface Window {
  taken: number;
  leftMs: number;
}

/** Of integer columns; no count of calls comes near it. */
const NO_CEILING = 2_000_000_000;
const TABLE = 'rate_limits';
const PREFIX = 'pql:budget';

/** @param random in [0, 1): which of several free lanes is tried first */
export function openCounters(store: CounterStore, random: () => number): Counters {
  const made = new Map<string, Limiter>();
  const limiter = (points: number, seconds: number) => {
    const name = `${points}/${seconds}`;
    const one = made.get(name) ?? makeLimiter(store, points, seconds);
    made.set(name, one);
    return one;
  };
  const count = limiter(NO_CEILING, 1);
  const ready = whenReady(store);
  return {
    take: async (key, lanes, order = lanesFrom(Math.floor(random() * lanes.lanes), lanes)) => {
      await ready;
      return takeLane(limiter(lanes.points, lanes.seconds), key, lanes, order);
    },
    give: async (lane, lanes) => void (await limiter(lanes.points, lanes.seconds).delete(lane)),
    keep: async (lane, { points, seconds: usual }, seconds) =>
      void (await limiter(points, usual).set(lane, points, whole(seconds))),
    close: async (key, lanes, seconds) => {
      const one = limiter(lanes.points, lanes.seconds);
      await Promise.all(lanesOf(key, lanes).map((lane) => one.set(lane, lanes.points, whole(seconds))));
    },
    add: async (key, points, seconds) => {
      await ready;
      const lasting = { customDuration: whole(seconds) };
      const work = points < 0 ? count.reward(key, -points, lasting) : count.penalty(key, points, lasting);
      return (await work).consumedPoints;
    },
    set: async (key, points, seconds) => void (await count.set(key, points, whole(seconds))),
    get: async (key) => {
      await ready;
      return (await count.get(key))?.consumedPoints ?? null;
    },
    window: async (key, { points, seconds }) => {
      await ready;
      const now = await limiter(points, seconds).get(`${key}:0`);
      return now === null ? null : { taken: now.consumedPoints, leftMs: now.msBeforeNext };
    },
  };
}

/** How long (ms) the first calls wait for Redis before they are counted here. */
const FIRST = 2000;

async function whenReady(store: CounterStore): Promise<void> {
  if (store.kind === 'redis' && store.redis.status !== 'ready') {
    const { redis } = store;
    await within(FIRST, new Promise<void>((resolve) => redis.once('ready', resolve)), () => {});
  }
}

type Limiter = RateLimiterStoreAbstract | RateLimiterMemory;

/** Redis keeps whole seconds, and a count of zero seconds for ever. */
function whole(seconds: number): number {
  return Math.max(1, Math.ceil(seconds));
}

function makeLimiter(store: CounterStore, points: number, duration: number): Limiter {
  const options = { points, duration, keyPrefix: PREFIX };
  const alone = new RateLimiterMemory(options);
  switch (store.kind) {
    case 'memory':
      return alone;
    case 'redis':
      return new RateLimiterRedis({
        ...options,
        storeClient: store.redis,
        rejectIfRedisNotReady: true,
        insuranceLimiter: alone,
      });
    case 'postgres':
      return new DatabaseClockLimiter({
        ...options,
        storeClient: store.db,
        storeType: 'pool',
        tableName: TABLE,
        // By our own migration; the keys are few and the same for ever.
        tableCreated: true,
        clearExpiredByTimeout: false,
        insuranceLimiter: alone,
      });
  }
}

function lanesOf(key: string, { lanes }: Lanes): string[] {
  return Array.from({ length: lanes }, (_, lane) => `${key}:${lane}`);
}

async function takeLane(
  limiter: Limiter,
  key: string,
  lanes: Lanes,
  order: readonly number[],
): Promise<Taken> {
  const all = lanesOf(key, lanes);
  let waitMs = Number.POSITIVE_INFINITY;
  for (const index of order) {
    const lane = all[index] ?? key;
    try {
      await limiter.consume(lane);
      return { lane, waitMs: 0 };
    } catch (full) {
      if (!(full instanceof RateLimiterRes)) {
        throw full;
      }
      waitMs = Math.min(waitMs, Math.max(1, full.msBeforeNext));
    }
  }
  return { lane: null, waitMs };
}
