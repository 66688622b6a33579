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

/** So many people's notes stand in an act; all of them stand with their links. */
const PEOPLE_TOLD = 3;

/** How the account's record was found, what was left or restored in it, and the same of its people, in the act's note. */
export function told(outcome: Outcome, people: readonly Outcome[]): Outcome {
  if (outcome.state !== 'done') {
    return outcome;
  }
  const ofPeople = people.map(noteOf).filter((text) => text !== '');
  const texts = [noteOf(outcome), ...[...new Set(ofPeople)].slice(0, PEOPLE_TOLD)];
  const text = texts.filter((part) => part !== '').join('; ');
  return text === '' ? outcome : { ...outcome, note: text };
}

function noteOf(outcome: Outcome): string {
  if (outcome.state !== 'done') {
    return '';
  }
  const { held = {}, restored = {}, note = '' } = outcome;
  return [note, settlementText({ held, restored })].filter((part) => part !== '').join('; ');
}
