import { listOf } from '../accounts/coerce.ts';
import type { Facts } from '../accounts/facts.ts';
import type { ReadSpec } from '../decide/mapping.ts';
import type { Json } from '../shared/json.ts';

/** What a CRM's record says, by trait. Empty fields are unknown. */
export function factsRead(record: Readonly<Record<string, Json>>, reads: readonly ReadSpec[]): Facts {
  const facts: Facts = {};
  for (const { trait, field, list } of reads) {
    const value = Object.hasOwn(record, field) ? (record[field] ?? null) : null;
    if (value !== null && value !== '') {
      facts[trait] = list && typeof value === 'string' ? listOf(value.replaceAll(';', ',')) : value;
    }
  }
  return facts;
}
