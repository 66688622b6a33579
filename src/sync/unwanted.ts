import type { Outcome } from './crm.ts';

/** An act that is not to be done any more, because its account must not be contacted now; `reason` says why. */
export function unwanted(reason: string): Outcome {
  return { state: 'skipped', code: 'do_not_contact', reason: `not to be contacted: ${reason}` };
}
