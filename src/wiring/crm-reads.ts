import { HOUR } from '../shared/time.ts';
import { postgresOutbox } from '../store/outbox.ts';
import type { Budget, CrmConnector } from '../sync/crm.ts';
import type { Connection } from './connections.ts';
import { readRecordsBack } from './read-back.ts';
import { checkDeals, readDeals } from './read-deals.ts';
import type { ReadBackDeps } from './reading.ts';
import { reconcileDue } from './reconcile.ts';

/** Below this share of the day's calls nothing is read: what is left is for writing. */
const RESERVE = 0.1;

/** What reading led to: accounts to score again, records to write again. */
export interface ReadWork {
  toScore: number;
  toWrite: number;
}

/** Reads from every connection what is due, a few calls at a time; reconciliation comes last. */
export async function readFromCrms(
  deps: ReadBackDeps,
  connections: readonly Connection[],
): Promise<ReadWork> {
  const work = { toScore: 0, toWrite: 0 };
  for (const { crm, connection } of connections) {
    if (connection !== null) {
      const reached = { crm, connection };
      const ready = async () =>
        !deps.life.stopping && (await isOpen(deps, connection)) && mayRead(crm.connector, deps.realNow());
      for (const read of [readDeals, checkDeals, readRecordsBack]) {
        work.toScore += (await ready()) ? await read(deps, reached) : 0;
      }
      work.toWrite += (await ready()) ? await reconcileDue(deps, reached) : 0;
    }
  }
  return work;
}

async function isOpen({ db, now, realNow }: ReadBackDeps, connection: string): Promise<boolean> {
  const until = await postgresOutbox(db, realNow, now).pausedUntil(connection);
  return (until ?? 0) <= realNow();
}

/** When a connector that had no room left last read something. */
const probed = new WeakMap<CrmConnector, number>();

/** What is left is told by answers only: once an hour somebody must ask, or a new day would never be noticed. */
function mayRead(connector: CrmConnector, realNow: number): boolean {
  if (hasRoom(connector.budget())) {
    return true;
  }
  const is = realNow - (probed.get(connector) ?? 0) >= HOUR;
  if (is) {
    probed.set(connector, realNow);
  }
  return is;
}

/** Pure. A CRM that never told its limit has room. */
export function hasRoom({ dailyRemaining, dailyMax }: Budget): boolean {
  return dailyRemaining === null || dailyMax === null || dailyRemaining >= dailyMax * RESERVE;
}
