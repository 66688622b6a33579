import type { LeadStatusMove } from '../../decide/acts-mapping.ts';

/** One option of the property `lifecyclestage`. Custom stages have numbers as values; order is what the portal shows. */
export interface Stage {
  value: string;
  displayOrder: number;
}

export type Move = { move: true } | { move: false; why: string };

/** Stages from which a product signal may make a contact marketing qualified: later ones are a person's judgement. */
const BEFORE_MQL = ['', 'subscriber', 'lead'];

/**
 * Whether a contact's stage may be set. HubSpot's stages only go forward, and what its API answers to a step
 * backward is not documented, so none is ever sent. A customer is never touched. Pure.
 */
export function lifecycleMove(stages: Stage[], current: string, target: string): Move {
  const order = (value: string) => stages.find((stage) => stage.value === value)?.displayOrder;
  const from = current === '' ? Number.NEGATIVE_INFINITY : order(current);
  const to = order(target);
  if (to === undefined) {
    return { move: false, why: `the portal has no lifecycle stage ${target}` };
  }
  if (current === 'customer') {
    return { move: false, why: 'the contact is a customer' };
  }
  if (target === 'marketingqualifiedlead' && !BEFORE_MQL.includes(current)) {
    return { move: false, why: `lifecycle stage stays at ${current}` };
  }
  return from !== undefined && from < to
    ? { move: true }
    : { move: false, why: `lifecycle stage stays at ${current}` };
}

/** Whether a contact's lead status may be set: only from those that the mapping names, which no rep has chosen. Pure. */
export function leadStatusMove({ to, from }: LeadStatusMove, current: string): Move {
  return from.includes(current) && current !== to
    ? { move: true }
    : { move: false, why: `lead status stays at ${current || 'none'}` };
}
