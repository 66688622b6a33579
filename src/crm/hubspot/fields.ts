import { cut } from '../../shared/cut.ts';
import type { FieldValue } from '../../sync/crm.ts';
import type { Properties } from './batch.ts';

/** HubSpot takes and gives every property as text; the empty text clears one (null is not documented to). */
export function toProperties(fields: Record<string, FieldValue>): Properties {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, toProperty(value)]));
}

/** The longest text of any property: HubSpot's definitions name no length. */
export const TEXT_MAX = 65_536;

/** A value as HubSpot keeps it. */
export function kept(value: FieldValue): FieldValue {
  return typeof value === 'string' ? cut(value, TEXT_MAX) : value;
}

function toProperty(value: FieldValue): string {
  return value === null ? '' : String(kept(value));
}
