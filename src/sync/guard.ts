import type { DesiredRecord } from '../decide/desired.ts';
import { needsPresent } from '../decide/field-rule.ts';
import type { Outcome } from './crm.ts';
import type { Link } from './outbox.ts';
import { type Guard, settlementText } from './present.ts';

/**
 * What must be known of a record before it is written; null: nothing, and it is not read. Of a field that was left
 * alone, what the CRM last took from us is what we last really wrote.
 */
export function guardOf({ rules }: DesiredRecord, link: Link | undefined): Guard | null {
  if (rules === undefined || !Object.values(rules).some(needsPresent)) {
    return null;
  }
  const wrote = { ...link?.acknowledged };
  for (const [field, { wrote: last }] of Object.entries(link?.held ?? {})) {
    delete wrote[field];
    if (last !== undefined) {
      wrote[field] = last;
    }
  }
  return { rules, wrote };
}

/** What was left, or restored, stands in the note of the act. */
export function told(outcome: Outcome): Outcome {
  if (outcome.state !== 'done') {
    return outcome;
  }
  const { held = {}, restored = {}, note = '' } = outcome;
  const text = [note, settlementText({ held, restored })].filter((part) => part !== '').join('; ');
  return text === '' ? outcome : { ...outcome, note: text };
}
