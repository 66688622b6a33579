import { postgresOutbox } from '../store/outbox.ts';
import type { Connection } from './connections.ts';
import { readActivities } from './read-activities.ts';
import { readRecordsBack } from './read-back.ts';
import { checkDeals, readDeals } from './read-deals.ts';
import type { ReadBackDeps } from './reading.ts';
import { reconcileDue } from './reconcile.ts';

/** What reading led to: accounts to score again, records to write again. */
export interface ReadWork {
  toScore: number;
  toWrite: number;
}

/** Reads from every connection what is due, a few calls at a time at the priority of the mass; reconciliation comes last. */
export async function readFromCrms(
  deps: ReadBackDeps,
  connections: readonly Connection[],
): Promise<ReadWork> {
  const work = { toScore: 0, toWrite: 0 };
  for (const { crm, connection } of connections) {
    if (connection !== null) {
      const reached = { crm, connection };
      // Only the reading itself: the call that asks for the count must go out when the mass may not.
      const asMass = (work: () => Promise<number>) => crm.budget.at('mass', work);
      const ready = async () =>
        !deps.life.stopping && (await isOpen(deps, connection)) && (await hasRoom(crm));
      for (const read of [readActivities, readDeals, checkDeals, readRecordsBack]) {
        work.toScore += (await ready()) ? await asMass(() => read(deps, reached)) : 0;
      }
      work.toWrite += (await ready()) ? await asMass(() => reconcileDue(deps, reached)) : 0;
    }
  }
  return work;
}

async function isOpen({ db, now, realNow }: ReadBackDeps, connection: string): Promise<boolean> {
  const until = await postgresOutbox(db, realNow, now).pausedUntil(connection);
  return (until ?? 0) <= realNow();
}

/** Reading waits with the least urgent writing: what is left of the day is for what is more urgent. */
async function hasRoom({ budget, connector }: Connection['crm']): Promise<boolean> {
  return (await budget.held(() => connector.askBudget())).mass === 0;
}
