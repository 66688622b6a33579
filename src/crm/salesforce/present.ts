import type { Json } from '../../shared/json.ts';
import type { AccountChange, FieldValue, Outcome, PersonChange } from '../../sync/crm.ts';
import { type Held, type Settlement, settleRecord } from '../../sync/present.ts';
import type { SalesforceClient } from './client.ts';
import type { Fields } from './describe.ts';
import { LINKED_GONE } from './outcomes.ts';
import { kept, tooLong } from './shape.ts';
import { inList, selectWhere } from './soql.ts';

/** A record that exists, and what is wanted of it. */
export interface Existing {
  change: AccountChange | PersonChange;
  id: string;
  /** Matched just now: it gets every field, not only what changed. */
  matched: boolean;
}

/** What records hold whose fields depend on it, by id: one query for 200 and more, none when no field does. */
export async function readPresent(
  client: SalesforceClient,
  sobject: string,
  fields: Fields,
  records: readonly Existing[],
): Promise<Map<string, Record<string, Json>>> {
  const asking = records.filter(({ change }) => change.guard !== undefined);
  if (asking.length === 0) {
    return new Map();
  }
  const wanted = new Set(asking.flatMap(({ change }) => Object.keys(change.guard?.rules ?? {})));
  const names = [...wanted].filter((name) => fields === null || fields.has(name));
  const ids = [...new Set(asking.map(({ id }) => id))];
  const select = `SELECT ${['Id', ...names].join(', ')} FROM ${sobject}`;
  const rows = await selectWhere<Record<string, Json>>(client, select, ids, (part) => inList('Id', part));
  return new Map(rows.map((row) => [String(row.Id), row]));
}

/** The fields to write, what is left alone and why, or that the record is not there any more. */
export function settled(
  { change, id, matched }: Existing,
  fields: Fields,
  present: ReadonlyMap<string, Record<string, Json>>,
): Settlement | Outcome {
  const wanted = matched ? change.allFields : change.fields;
  const shape = (field: string, value: FieldValue) => kept(fields?.get(field), value) ?? value;
  const settlement = settleRecord(change, wanted, present.get(id), shape);
  return settlement === null ? LINKED_GONE : withoutLong(settlement, change, fields, present.get(id));
}

/** What the record holds in place of an address that is too long stays there. */
function withoutLong(
  { write, held, restored }: Settlement,
  { allFields, guard }: Existing['change'],
  fields: Fields,
  present: Readonly<Record<string, Json>> | undefined,
): Settlement {
  const long = tooLong(fields, allFields);
  const leave = (field: string): Held => {
    const [theirs, wrote] = [present?.[field], guard?.wrote[field]];
    return {
      why: 'too_long',
      ...(theirs === undefined ? {} : { theirs }),
      ...(wrote === undefined ? {} : { wrote }),
    };
  };
  const others = Object.entries(restored).filter(([field]) => !long.includes(field));
  return {
    write,
    held: { ...Object.fromEntries(long.map((field) => [field, leave(field)])), ...held },
    restored: Object.fromEntries(others),
  };
}
