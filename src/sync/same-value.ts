import type { FieldRule } from '../decide/field-rule.ts';
import { readInstant } from '../events/instant.ts';
import type { Json } from '../shared/json.ts';
import { isoDate } from '../shared/time.ts';

type FieldType = FieldRule['type'];

/** An empty field: HubSpot says '', Salesforce null. */
export function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/**
 * Whether a value that a CRM holds is the one that it took from us. CRMs give numbers as text, instants in other forms,
 * and entries of a picklist in an order of their own.
 */
export function sameValue(type: FieldType, a: Json | undefined, b: Json | undefined): boolean {
  return isEmpty(a) || isEmpty(b) ? isEmpty(a) && isEmpty(b) : canonical(type, a) === canonical(type, b);
}

/** Whether `a` is a higher number or a later time than `b`; of what cannot be compared neither is. */
export function isHigher(type: FieldType, a: Json, b: Json): boolean {
  const [one, other] = [ordinal(type, a), ordinal(type, b)];
  return one !== null && other !== null && one > other;
}

function canonical(type: FieldType, value: Json | undefined): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
  switch (type) {
    case 'number':
    case 'datetime':
    case 'date':
      return String(ordinal(type, value ?? null) ?? text);
    case 'boolean':
      return text.toLowerCase();
    case 'picklist':
      return text.split(';').sort().join(';');
    default:
      return text.replaceAll('\r\n', '\n');
  }
}

function ordinal(type: FieldType, value: Json): number | null {
  if (type === 'number') {
    const number = typeof value === 'number' ? value : Number.parseFloat(String(value));
    return Number.isNaN(number) ? null : number;
  }
  const at = readInstant(value);
  return at === null || type !== 'date' ? at : Date.parse(isoDate(at));
}
