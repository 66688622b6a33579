import { systemClock } from '../shared/clock.ts';
import { openBudgets } from '../wiring/budgets.ts';
import { type Crm, openCrms } from '../wiring/crms.ts';
import type { RecordContext } from './context.ts';

/** Runs `work` with the CRMs of the configuration, within the budgets of calls that the service counts too. */
export async function withCrms<T>(
  { config, mappings, db, logger }: RecordContext,
  work: (crms: readonly Crm[]) => Promise<T>,
): Promise<T> {
  const budgets = openBudgets(config, { db, logger });
  try {
    const opened = await openCrms(config, mappings, systemClock, budgets);
    try {
      return await work(opened.crms);
    } finally {
      await opened.close();
    }
  } finally {
    await budgets.close();
  }
}
