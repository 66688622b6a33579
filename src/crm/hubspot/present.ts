import type { AccountChange, Outcome, PersonChange } from '../../sync/crm.ts';
import { type Settlement, settleRecord } from '../../sync/present.ts';
import type { ObjectType, Properties } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { kept } from './fields.ts';
import { readRecords } from './lookup.ts';
import type { Reply } from './reply.ts';

type Change = AccountChange | PersonChange;

/** A record that exists, and what is wanted of it. */
export interface Existing {
  change: Change;
  crmId: string;
  fields: Change['fields'];
}

/** What records hold whose fields depend on it, by record id: one call for each 100, none when no field does. */
export async function readPresent(
  api: HubspotApi,
  object: ObjectType,
  records: readonly Existing[],
): Promise<Reply<Map<string, Properties>>> {
  const asking = records.filter(({ change }) => change.guard !== undefined);
  if (asking.length === 0) {
    return { ok: true, data: new Map() };
  }
  const names = new Set(asking.flatMap(({ change }) => Object.keys(change.guard?.rules ?? {})));
  const ids = asking.map(({ crmId }) => crmId);
  const reply = await readRecords(api, object, ids, [...names]);
  return reply.ok
    ? { ok: true, data: new Map(reply.data.map(({ id, properties }) => [id, filled(properties)])) }
    : reply;
}

function filled(properties: Record<string, string | null | undefined>): Properties {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value ?? '']));
}

/** The fields to write, or that the record is not there any more (merged records answer under another id). */
export function settled(
  { change, crmId, fields }: Existing,
  present: Map<string, Properties>,
): Settlement | Outcome {
  const settlement = settleRecord(change, fields, present.get(crmId), (_, value) => kept(value));
  return (
    settlement ?? {
      state: 'rematch',
      code: 'not_found',
      reason: 'HubSpot has no record with the linked id',
    }
  );
}
