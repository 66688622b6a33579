import { comparable, listOf, textOf } from '../accounts/coerce.ts';
import type { Facts } from '../accounts/facts.ts';
import type { ReadSpec } from '../decide/read-back-schema.ts';
import type { Json } from '../shared/json.ts';
import type { Owner } from './crm-reads.ts';

/**
 * What a CRM's record says, by trait. Empty fields are unknown.
 *
 * @param owners those that the CRM knows, by id; an owner that it does not know is named by the id
 */
export function factsRead(
  record: Readonly<Record<string, Json>>,
  reads: readonly ReadSpec[],
  owners: ReadonlyMap<string, Owner> = new Map(),
): Facts {
  const facts: Facts = {};
  for (const spec of reads) {
    const value = Object.hasOwn(record, spec.field) ? (record[spec.field] ?? null) : null;
    if (value !== null && value !== '') {
      Object.assign(facts, factOf(spec, value, owners));
    }
  }
  return facts;
}

function factOf({ trait, type, is }: ReadSpec, value: Json, owners: ReadonlyMap<string, Owner>): Facts {
  if (is !== null) {
    return { [trait]: is.includes(comparable(value) ?? '') };
  }
  if (type === 'owner') {
    const owner = owners.get(String(value));
    return owner === undefined
      ? { [trait]: String(value) }
      : { [trait]: owner.email ?? owner.name ?? owner.id, [`${trait}_active`]: owner.active };
  }
  return {
    [trait]: type === 'list' && typeof value === 'string' ? listOf(value.replaceAll(';', ',')) : value,
  };
}

/** Ids of the owners that records name. */
export function ownersNamed(
  records: Iterable<Readonly<Record<string, Json>>>,
  reads: readonly ReadSpec[],
): string[] {
  const fields = reads.filter(({ type }) => type === 'owner').map(({ field }) => field);
  const ids = [...records].flatMap((record) => fields.map((field) => textOf(record[field])));
  return [...new Set(ids.filter((id) => id !== null))];
}
