import type { Config } from '../config.ts';
import { openBudget } from '../limits/budget.ts';
import { type Counters, openCounters } from '../limits/counters.ts';
import type { Rates } from '../limits/places.ts';
import type { Logger } from '../shared/log.ts';
import { openRedis } from '../shared/redis.ts';
import { postgresBudgetRecord } from '../store/budgets.ts';
import { type Db, hashId } from '../store/db.ts';
import { type Day, type Priority, SEARCH_LANES, slots, viewOf } from '../sync/budget.ts';
import type { BudgetRecord, CallBudget, Calls } from '../sync/calls.ts';
import type { CrmName } from '../sync/crm.ts';

/** The budgets of both CRMs. */
export interface Budgets {
  /**
   * @param identity what names the portal or org: all who give the same share a budget
   * @param standIn a stand-in of ours: its clock may run at any speed, and limits by the second mean nothing to it
   */
  of(crm: CrmName, identity: string, standIn?: boolean): Calls & CallBudget;
  close(): Promise<void>;
}

/** Where the budgets are kept and told. Without a database each process has budgets of its own (setup, doctor). */
export interface BudgetDeps {
  db: Db;
  logger: Logger;
  /** Real time (ms) as all processes have it: whose word of the day is the newest goes by it. This process's own when absent. */
  realNow?: () => number;
}

/** How long (ms) Redis may take for a counter before the process counts for itself. */
const PATIENCE = 1000;
/** Longer than the longest of our calls: a process that dies gives its places back so late. */
const SLOT_SECONDS = 75;

type Limits = Pick<
  Config,
  'REDIS_URL' | 'HUBSPOT_API_RESERVE' | 'SALESFORCE_API_RESERVE' | 'SALESFORCE_CALLS_AT_ONCE'
>;

export function openBudgets(config: Limits, deps: BudgetDeps | null): Budgets {
  const redis =
    config.REDIS_URL === undefined || deps === null ? null : openRedis(config.REDIS_URL, false, PATIENCE);
  // ioredis connects again by itself; meanwhile the counters are this process's own.
  redis?.on('error', () => {});
  const store =
    deps === null
      ? ({ kind: 'memory' } as const)
      : redis === null
        ? ({ kind: 'postgres', db: deps.db } as const)
        : ({ kind: 'redis', redis } as const);
  const counters = openCounters(store, Math.random);
  const opened = new Map<string, Calls & CallBudget>();
  return {
    of: (crm, identity, standIn = false) => {
      const account = `${crm}:${hashId(identity)}`;
      const budget = opened.get(account) ?? budgetOf(config, deps, counters, { crm, account, standIn });
      opened.set(account, budget);
      return budget;
    },
    close: async () => redis?.disconnect(),
  };
}

/** The share of the day's calls (0 to 1) that is kept for others. */
export function reserveOf(config: Limits, crm: CrmName): number {
  return (crm === 'hubspot' ? config.HUBSPOT_API_RESERVE : config.SALESFORCE_API_RESERVE) / 100;
}

/** Nothing to write to, and nobody to read for. */
const UNWRITTEN: BudgetRecord = { note: async () => {}, read: async () => null };

function budgetOf(
  config: Limits,
  deps: BudgetDeps | null,
  counters: Counters,
  { crm, account, standIn }: { crm: CrmName; account: string; standIn: boolean },
): Calls & CallBudget {
  const of = { account, crm, reserve: reserveOf(config, crm), rolling: crm === 'salesforce' };
  return openBudget({
    account,
    counters,
    record: deps === null ? UNWRITTEN : postgresBudgetRecord(deps.db, of),
    reserve: of.reserve,
    rates: standIn ? { burst: null, search: null, atOnce: null } : ratesOf(crm, config),
    now: deps?.realNow ?? (() => Date.now()),
    onHeld: (held, day) => deps !== null && sayHeld(deps.logger, of, held, day),
  });
}

/** HubSpot until its first answer: the limits of the smallest plan. */
function ratesOf(crm: CrmName, { SALESFORCE_CALLS_AT_ONCE: atOnce }: Limits): Rates {
  return crm === 'hubspot'
    ? { burst: { max: 100, intervalMs: 10_000 }, search: SEARCH_LANES, atOnce: null }
    : { burst: null, search: null, atOnce: slots(atOnce, SLOT_SECONDS) };
}

function sayHeld(
  logger: Logger,
  { crm, reserve, rolling }: { crm: string; reserve: number; rolling: boolean },
  held: readonly Priority[],
  day: Day | null,
): void {
  const now = Date.now();
  const { waits } = viewOf(day === null ? null : { ...day, reserve, rolling, toldAt: now }, now);
  if (held.length === 0) {
    logger.info({ crm }, 'within the budget of calls again; what waited goes on');
  } else {
    logger.warn({ crm, held, waits }, 'over the budget of calls');
  }
}
