import type { FieldSpec, WriteMode } from './mapping-schema.ts';

/** How one field of a record that exists already is written. */
export interface FieldRule {
  type: FieldSpec['type'];
  write: Exclude<WriteMode, 'on_create'>;
  /** What becomes of a value that a person or another program put in place of ours. */
  byHand: 'restore' | 'leave';
}

/** The rule of a mapped field, with the default for what is changed by hand. */
export function ruleOf(spec: FieldSpec): FieldRule {
  const write = spec.write === 'on_create' ? 'fill_if_empty' : spec.write;
  return { type: spec.type, write, byHand: spec.by_hand ?? (isOurs(spec) ? 'restore' : 'leave') };
}

/** Whether what to write depends on what the record holds at present. */
export function needsPresent({ write, byHand }: FieldRule): boolean {
  return write !== 'always' || byHand === 'leave';
}

/** What only we know: nobody in the CRM can have a better value for it. */
const ONLY_OURS = ['account.key', 'account.link', 'person.id'];

function isOurs({ field, from, unique }: FieldSpec): boolean {
  return unique || /^pql_/i.test(field) || from.startsWith('score.') || ONLY_OURS.includes(from);
}
