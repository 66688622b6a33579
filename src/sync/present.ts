import type { FieldValue } from '../decide/desired.ts';
import type { FieldRule } from '../decide/field-rule.ts';
import { cut } from '../shared/cut.ts';
import type { Json } from '../shared/json.ts';
import { isEmpty, isHigher, sameValue } from './same-value.ts';

/** Why a field keeps what the CRM holds. */
export type Keeps = 'by_hand' | 'not_empty' | 'not_higher' | 'too_long';

/** A field that we would fill otherwise, and leave. */
export interface Held {
  why: Keeps;
  /** What the CRM holds; absent: nobody looked. */
  theirs?: Json;
  /** What we last wrote into it; absent: nothing. */
  wrote?: FieldValue;
}

/** What decides over the fields of a record that exists: how each is written, and what the CRM last took from us. */
export interface Guard {
  rules: Readonly<Record<string, FieldRule>>;
  wrote: Readonly<Record<string, FieldValue>>;
}

/** What becomes of the fields of one record now that it is known what it holds. */
export interface Settlement {
  write: Record<string, FieldValue>;
  held: Record<string, Held>;
  /** What others had put in place of ours and is written over, by field. */
  restored: Record<string, Json>;
}

interface Existing {
  guard: Guard;
  /** What we want to write now. */
  fields: Readonly<Record<string, FieldValue>>;
  /** Everything that the record should hold. */
  allFields: Readonly<Record<string, FieldValue>>;
  /** What it holds. */
  present: Readonly<Record<string, Json>>;
  /** A value as this CRM's field keeps it: cut, rounded. */
  kept?: (field: string, value: FieldValue) => FieldValue;
}

/** Decides field by field. A field without a rule is written as asked. */
export function settleFields(record: Existing): Settlement {
  const { guard, fields, allFields, present } = record;
  const settled: Settlement = { write: {}, held: {}, restored: {} };
  for (const [field, value] of Object.entries({ ...allFields, ...fields })) {
    const rule = guard.rules[field];
    if (rule === undefined) {
      if (field in fields) {
        settled.write[field] = value;
      }
      continue;
    }
    const theirs = present[field] ?? null;
    const verdict = verdictOf(record, field, value, rule, theirs);
    if (verdict === 'write' || verdict === 'restore') {
      settled.write[field] = value;
      if (verdict === 'restore') {
        settled.restored[field] = theirs;
      }
    } else if (verdict !== 'same') {
      const wrote = guard.wrote[field];
      settled.held[field] = { why: verdict, theirs, ...(wrote === undefined ? {} : { wrote }) };
    }
  }
  return settled;
}

/**
 * The same for a record by what the CRM holds of it. One whose fields ask for nothing is written as wanted, unseen; null:
 * it was looked for, and is not there.
 */
export function settleRecord(
  { guard, allFields }: { guard?: Guard; allFields: Existing['allFields'] },
  fields: Settlement['write'],
  present: Existing['present'] | undefined,
  kept: NonNullable<Existing['kept']>,
): Settlement | null {
  if (guard === undefined) {
    return { write: fields, held: {}, restored: {} };
  }
  return present === undefined ? null : settleFields({ guard, fields, allFields, present, kept });
}

function verdictOf(
  { guard, kept = (_, value) => value }: Existing,
  field: string,
  value: FieldValue,
  { type, write, byHand }: FieldRule,
  theirs: Json,
): 'write' | 'restore' | 'same' | Keeps {
  const ours = kept(field, value);
  if (sameValue(type, theirs, ours)) {
    return 'same';
  }
  if (write === 'fill_if_empty') {
    return isEmpty(theirs) ? 'write' : 'not_empty';
  }
  const wrote = guard.wrote[field];
  const changed = wrote !== undefined && !sameValue(type, theirs, kept(field, wrote));
  if (changed && byHand === 'leave') {
    return 'by_hand';
  }
  if (write === 'only_increase' && !isEmpty(theirs) && !isHigher(type, ours, theirs)) {
    return 'not_higher';
  }
  return changed ? 'restore' : 'write';
}

const KEEPS: Record<Keeps, string> = {
  by_hand: 'changed by hand, left',
  not_empty: 'filled already, left',
  not_higher: 'not higher than what is there, left',
  too_long: 'an address too long for the field, left',
};

/** In words for the act: which fields keep, or lost, what others put there. '' when there is nothing to tell. */
export function settlementText({ held, restored }: Pick<Settlement, 'held' | 'restored'>): string {
  return [
    ...Object.entries(held).map(
      ([field, { why, theirs }]) =>
        `${field} ${KEEPS[why]}${theirs === undefined ? '' : `: ${shown(theirs)}`}`,
    ),
    ...Object.entries(restored).map(([field, theirs]) => `${field} restored: it held ${shown(theirs)}`),
  ].join('; ');
}

const SHOWN_MAX = 60;

function shown(value: Json): string {
  const text = isEmpty(value) ? 'nothing' : JSON.stringify(value);
  return cut(text, SHOWN_MAX);
}
