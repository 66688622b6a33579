import { silentLogger } from '../../src/shared/log.ts';
import { openPool } from '../../src/store/db.ts';
import type { Priority } from '../../src/sync/budget.ts';
import type { CallKind } from '../../src/sync/calls.ts';
import type { CrmName } from '../../src/sync/crm.ts';
import { openBudgets } from '../../src/wiring/budgets.ts';

/**
 * A worker process as far as the limiter sees one: makes calls of one CRM, a few at a time, and prints when each went out.
 * Its answers all tell the same limits, and the day's count of nobody.
 */
interface Orders {
  databaseUrl: string;
  redisUrl: string | null;
  crm: CrmName;
  identity: string;
  kind: CallKind;
  priority: Priority;
  /** Tried one after the other, so many side by side. */
  calls: number;
  sideBySide: number;
  /** How long (ms) each call lasts. */
  lasts: number;
  atOnce: number;
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const db = openPool(orders.databaseUrl, 4);
const budgets = openBudgets(
  {
    REDIS_URL: orders.redisUrl ?? undefined,
    HUBSPOT_API_RESERVE: 0,
    SALESFORCE_API_RESERVE: 20,
    SALESFORCE_CALLS_AT_ONCE: orders.atOnce,
  },
  { db, logger: silentLogger() },
);
const budget = budgets.of(orders.crm, orders.identity);
const spans: [number, number][] = [];
let left = orders.calls;
let refused = 0;

async function caller(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const turn = await budget.turn(orders.kind);
    if (!turn.go) {
      refused += 1;
      continue;
    }
    const from = Date.now();
    await new Promise((resolve) => setTimeout(resolve, orders.lasts));
    spans.push([from, Date.now()]);
    await turn.done({ told: null });
  }
}

await budget.at(orders.priority, async () => {
  await Promise.all(Array.from({ length: orders.sideBySide }, caller));
});
console.log(JSON.stringify({ spans, refused }));
await budgets.close();
await db.end();
