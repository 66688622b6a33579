import { booleanOf, numberOf, textOf } from '../accounts/coerce.ts';
import { instantOf } from '../accounts/signup.ts';
import type { DesiredRecord, FieldValue } from '../decide/desired.ts';
import { type FieldRule, ruleOf } from '../decide/field-rule.ts';
import type { FieldSpec } from '../decide/mapping.ts';
import { cut } from '../shared/cut.ts';
import type { Json } from '../shared/json.ts';
import { isoDate } from '../shared/time.ts';
import type { Link } from './outbox.ts';
import { isHigher, sameValue } from './same-value.ts';

/** Why a field of a record of ours is not as it should be. */
export type DriftWhy = 'by_hand' | 'emptied' | 'never_written';

/** One field that differs. */
export interface Drift {
  field: string;
  why: DriftWhy;
  acknowledged: FieldValue | undefined;
  found: Json;
  wanted: FieldValue;
  /** Whether it is to be written again. */
  restore: boolean;
}

/**
 * What stands in the CRM beside what it last acknowledged and what is wanted. A field that is already as wanted is none,
 * whoever made it so, and neither is one whose new value is still on its way: then the CRM holds what it acknowledged.
 * Stamps go along with other fields and are no difference by themselves; an address that the field is too short for would be
 * left out again.
 */
export function driftOf(
  desired: Pick<DesiredRecord, 'fields' | 'stamps'>,
  acknowledged: Readonly<Record<string, FieldValue>>,
  found: Readonly<Record<string, Json>>,
  specs: readonly FieldSpec[],
  held: Link['held'] = {},
): Drift[] {
  return Object.entries(desired.fields).flatMap(([field, wanted]) => {
    const spec = specs.find((one) => one.field === field);
    // What the answer does not name was not asked for: the CRM has no such field (any more).
    const isLeft = held[field]?.why === 'too_long';
    if (spec === undefined || desired.stamps.includes(field) || !Object.hasOwn(found, field) || isLeft) {
      return [];
    }
    const value = found[field] ?? null;
    const before = acknowledged[field];
    if (isSame(spec.type, value, wanted) || (before !== undefined && isSame(spec.type, value, before))) {
      return [];
    }
    const rule = ruleOf(spec);
    if (keepsTheirs(rule, value, wanted)) {
      return [];
    }
    const why = before === undefined ? 'never_written' : isBlank(value) ? 'emptied' : 'by_hand';
    const restore = why === 'never_written' || rule.write === 'fill_if_empty' || rule.byHand === 'restore';
    return [{ field, why, acknowledged: before, found: value, wanted, restore }];
  });
}

/** A write would leave it too: a field that is filled when empty is filled, one that only increases is higher. */
function keepsTheirs({ type, write }: FieldRule, found: Json, wanted: FieldValue): boolean {
  return (
    !isBlank(found) &&
    (write === 'fill_if_empty' || (write === 'only_increase' && !isHigher(type, wanted, found)))
  );
}

function isBlank(value: Json): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

/** CRMs give back another form of what they were told: text for numbers, other offsets, seconds without fractions. */
function isSame(type: FieldSpec['type'], found: Json, value: FieldValue): boolean {
  if (isBlank(found) || isBlank(value)) {
    return isBlank(found) && isBlank(value);
  }
  switch (type) {
    case 'number':
      return sameNumber(numberOf(found), numberOf(value));
    case 'boolean':
      return booleanOf(found) === booleanOf(value);
    case 'date':
    case 'datetime':
      return sameInstant(type, instantOf(found), instantOf(value));
    case 'picklist':
      return sameValue('picklist', found, value);
    default:
      return plain(found) === plain(value) || isCutOf(plain(found) ?? '', plain(value) ?? '');
  }
}

/** A field may keep fewer decimals than it was told. */
function sameNumber(found: number | null, value: number | null): boolean {
  if (found === null || value === null) {
    return found === value;
  }
  const decimals = String(found).split('.')[1]?.length ?? 0;
  return Number(value.toFixed(Math.min(decimals, 20))) === found;
}

function sameInstant(type: 'date' | 'datetime', found: number | null, value: number | null): boolean {
  if (found === null || value === null) {
    return found === value;
  }
  return type === 'date'
    ? isoDate(found) === isoDate(value)
    : Math.floor(found / 1000) === Math.floor(value / 1000);
}

/** A text that the CRM's field was too short for. */
function isCutOf(found: string, value: string): boolean {
  return found.length < value.length && found === cut(value, found.length);
}

function plain(value: Json): string | null {
  return textOf(value)?.replaceAll('\r\n', '\n') ?? null;
}
