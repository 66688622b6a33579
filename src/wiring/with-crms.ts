import type { Config } from '../config.ts';
import type { Mappings } from '../mappings.ts';
import { systemClock } from '../shared/clock.ts';
import { type BudgetDeps, openBudgets } from './budgets.ts';
import { type Crm, openCrms } from './crms.ts';

/**
 * Runs `work` with the CRMs of the configuration.
 *
 * @param record where the budgets of calls stand that the service counts too; null: this run has budgets of its own
 */
export async function withCrms<T>(
  config: Config,
  mappings: Mappings,
  record: BudgetDeps | null,
  work: (crms: readonly Crm[]) => Promise<T>,
): Promise<T> {
  const budgets = openBudgets(config, record);
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
