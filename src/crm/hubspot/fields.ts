import type { FieldValue } from '../../sync/crm.ts';
import type { Properties } from './batch.ts';

/** HubSpot takes and gives every property as text; the empty text clears one (null is not documented to). */
export function toProperties(fields: Record<string, FieldValue>): Properties {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, toProperty(value)]));
}

function toProperty(value: FieldValue): string {
  return value === null ? '' : String(value);
}
