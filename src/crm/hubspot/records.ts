import type { AccountChange, Outcome, Outcomes, PersonChange } from '../../sync/crm.ts';
import {
  type Association,
  type CreateInput,
  createRecords,
  type ObjectType,
  type Properties,
  type UpdateInput,
  updateRecords,
  type Written,
} from './batch.ts';
import type { HubspotApi } from './client.ts';
import { toProperties } from './fields.ts';
import { existingId } from './outcomes.ts';

/** What companies and contacts have in common: linked records are updated, matched ones adopted, others created. */
type Change = AccountChange | PersonChange;

export interface Adoption<C extends Change> {
  change: C;
  crmId: string;
  properties: Properties;
  note?: string | undefined;
}

export interface Creation<C extends Change> {
  change: C;
  properties: Properties;
  associations: Association[];
}

/** Updates by stored link, only the fields that differ (I8); a record that is gone or merged away asks for a new match. */
export async function updateLinked(
  api: HubspotApi,
  object: ObjectType,
  changes: Change[],
  outcomes: Outcomes,
): Promise<void> {
  const inputs: UpdateInput[] = [];
  for (const { key, crmId, fields } of changes) {
    if (crmId === null) {
      continue;
    }
    if (Object.keys(fields).length === 0) {
      outcomes.set(key, { state: 'done', crmId });
      continue;
    }
    inputs.push({ key, id: crmId, properties: toProperties(fields) });
  }
  settle(api, await updateRecords(api, object, inputs), outcomes, () => ({}));
}

/** Writes every mapped field to a record that was found by something else than a link. */
export async function adoptRecords<C extends Change>(
  api: HubspotApi,
  object: ObjectType,
  adoptions: Adoption<C>[],
  outcomes: Outcomes,
): Promise<void> {
  const notes = new Map(adoptions.map(({ change, note }) => [change.key, note]));
  const inputs = adoptions.map(({ change, crmId, properties }) => ({
    key: change.key,
    id: crmId,
    properties,
  }));
  settle(api, await updateRecords(api, object, inputs), outcomes, (key) => {
    const note = notes.get(key);
    return note === undefined ? {} : { note };
  });
}

/**
 * Creates records. A lost answer is repeatable: the next attempt looks for the unique value first, and a create that
 * races it is refused with the id of the record that has it, which is then adopted.
 */
export async function createMissing<C extends Change>(
  api: HubspotApi,
  object: ObjectType,
  creations: Creation<C>[],
  uniqueProperty: string,
  outcomes: Outcomes,
): Promise<void> {
  const inputs: CreateInput[] = creations.map(({ change, properties, associations }) => ({
    key: change.key,
    properties,
    associations,
  }));
  const written = await createRecords(api, object, inputs, uniqueProperty);
  const existing: Adoption<C>[] = [];
  for (const { change, properties } of creations) {
    const reply = written.get(change.key);
    const crmId = reply?.ok === false ? existingId(reply.failure) : null;
    if (crmId !== null) {
      written.delete(change.key);
      existing.push({ change, crmId, properties: withoutCreateOnly(change, properties) });
    }
  }
  settle(api, written, outcomes, () => ({ created: true }));
  await adoptRecords(api, object, existing, outcomes);
}

/** The fields of a record that already exists: what is written on create only stays as a person left it. */
function withoutCreateOnly(change: Change, properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => name in change.allFields || !(name in change.createFields)),
  );
}

function settle(
  api: HubspotApi,
  written: Written,
  outcomes: Outcomes,
  extra: (key: string) => { created?: boolean; note?: string },
): void {
  for (const [key, reply] of written) {
    outcomes.set(
      key,
      reply.ok
        ? { state: 'done', crmId: reply.data.id, ...extra(key) }
        : api.outcome(reply.failure, 'repeatable'),
    );
  }
}

export function settleAll(changes: { key: string }[], outcome: Outcome, outcomes: Outcomes): void {
  for (const { key } of changes) {
    outcomes.set(key, outcome);
  }
}
