import { isoDate, isoInstant, minuteUtc } from '../../shared/time.ts';
import type { Act, Policy } from '../decision.ts';
import { crmKey, followUpKey } from '../keys.ts';
import type { Crossing } from '../standing.ts';
import type { Mark } from './clock.ts';

/** A promise of which something is told. Instants in ms. */
export interface Told extends Crossing {
  /** Key of the account. */
  account: string;
  model: string;
  dueAt: number;
  /** Who gets the task when it is passed on; null: nobody else. */
  escalateTo: string | null;
}

/**
 * What one mark comes to: a line in the open tasks of the account in every connected CRM, and when it is passed on another
 * owner. Its key names the mark, so that each happens once (I6).
 */
export function markActs({ mappings }: Pick<Policy, 'mappings'>, told: Told, mark: Mark, now: number): Act[] {
  const { account, model, tier, n, dueAt, escalateTo } = told;
  const key = followUpKey(account, model, tier, n, mark);
  const line = `${isoDate(now)}: ${markLine(mark, dueAt)}`;
  const handTo = mark === 'escalated' && escalateTo !== null ? { handTo: escalateTo } : {};
  return mappings.map(({ crm }) => ({
    crm,
    kind: 'note',
    key,
    person: null,
    crossing: `${tier}#${n}`,
    reason: line,
    skip: null,
    payload: { crmKey: crmKey(key), line, ...handTo },
  }));
}

/** What a mark says. @param dueAt the deadline, ms */
export function markLine(mark: Mark, dueAt: number): string {
  return LINES[mark](minuteUtc(isoInstant(dueAt)));
}

/** What is not in the CRM may have happened all the same: nobody is said to have done nothing. */
const LINES: Record<Mark, (due: string) => string> = {
  due_soon: (due) => `first contact is due at ${due}.`,
  breached: (due) => `no contact was seen in the CRM by the deadline, ${due}.`,
  escalated: (due) => `still no contact was seen in the CRM. The deadline was ${due}.`,
};
