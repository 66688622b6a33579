import { HOUR } from '../../shared/time.ts';
import { afterWorking, type BusinessHours } from './business-hours.ts';
import { isSetOffBy, type SetOff, type SetOffBy } from './set-off.ts';

/** One promise of first contact, for the crossings that it fits. */
export interface SlaRule {
  id: string;
  /** Tiers crossed into; null: any. */
  tiers: readonly string[] | null;
  signals: SetOffBy;
  /** Where the account goes; null: anywhere. */
  routes: readonly string[] | null;
  /** Hours of working time. */
  within: number;
  hours: BusinessHours;
  /** The part (0 to 1) of the time after which it is due soon. */
  warnAt: number;
  escalate: Escalation | null;
}

/** Who is told, or gets the task, when nobody has got in touch in time. */
export interface Escalation {
  /** Hours of working time past the deadline. */
  after: number;
  /** An e-mail of a user of the CRM, NEXT_OWNER or MANAGER. */
  to: string;
}

/** The next of the owner chain who can take the task. */
export const NEXT_OWNER = 'next_owner';

/** The manager of whoever has it. */
export const MANAGER = 'manager';

/** What is known of a crossing when its deadline is set. */
export interface SlaQuestion extends SetOff {
  tier: string;
  route: string;
  /** The crossing, ms. */
  at: number;
}

/** By when somebody must have got in touch. Instants in ms. */
export interface Sla {
  /** Id of the rule that gives the deadline. */
  rule: string;
  due: number;
  /** From when on it is due soon. */
  warn: number;
  /** From when on (ms) it is passed on, and to whom; null: it is not. */
  escalate: { at: number; to: string } | null;
}

/**
 * Of all promises that fit the one that ends first: two hours of a team that sleeps may end after four of one that does
 * not. Of two that end together the first of the file. null: no promise fits.
 */
export function slaOf(rules: readonly SlaRule[], question: SlaQuestion): Sla | null {
  let first: Sla | null = null;
  for (const rule of rules.filter((one) => fits(one, question))) {
    const sla = endOf(rule, question.at);
    first = first === null || sla.due < first.due ? sla : first;
  }
  return first;
}

function fits({ tiers, signals, routes }: SlaRule, question: SlaQuestion): boolean {
  return (
    (tiers?.includes(question.tier) ?? true) &&
    (routes?.includes(question.route) ?? true) &&
    isSetOffBy(signals, question)
  );
}

function endOf({ id, within, hours, warnAt, escalate }: SlaRule, at: number): Sla {
  const time = within * HOUR;
  const due = afterWorking(hours, at, time);
  return {
    rule: id,
    due,
    warn: afterWorking(hours, at, time * warnAt),
    escalate:
      escalate === null
        ? null
        : { at: afterWorking(hours, at, time + escalate.after * HOUR), to: escalate.to },
  };
}
