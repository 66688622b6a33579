import type { AccountChange, Beside, How, Outcomes, PersonChange } from '../../sync/crm.ts';
import { settleAll } from '../settle-all.ts';
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
import { readRecords } from './lookup.ts';
import { existingId } from './outcomes.ts';
import { type Existing, readPresent, settled } from './present.ts';

/** What companies and contacts have in common: linked records are updated, matched ones adopted, others created. */
type Change = AccountChange | PersonChange;

export interface Adoption<C extends Change> {
  change: C;
  crmId: string;
  /** What it gets beside the mapped fields: our key. */
  extra: Properties;
  how: How;
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
  const linked = changes.flatMap((change) =>
    change.crmId === null ? [] : [{ change, crmId: change.crmId, fields: change.fields, extra: {} }],
  );
  await updateExisting(api, object, linked, outcomes);
  const moved = linked.flatMap(({ change, crmId }) => {
    const outcome = outcomes.get(change.key);
    return outcome?.state === 'done' && outcome.crmId !== crmId
      ? [{ change, from: crmId, to: outcome.crmId }]
      : [];
  });
  if (moved.length > 0) {
    await followMerged(api, object, moved, outcomes);
  }
}

/**
 * HubSpot answers for a record that was merged away with the one that it is part of now. That one gets every field, unless
 * it stands for another account: then the link is given up, for the next write would go there too. The one write that
 * found it out cannot be undone here.
 */
async function followMerged(
  api: HubspotApi,
  object: ObjectType,
  moved: readonly { change: Change; from: string; to: string }[],
  outcomes: Outcomes,
): Promise<void> {
  const key = object === 'companies' ? api.keys.company : null;
  const ids = moved.map(({ to }) => to);
  const owners = key === null ? null : await readRecords(api, object, ids, [key]);
  const followed: Adoption<Change>[] = [];
  for (const { change, from, to } of moved) {
    const record = owners?.ok ? owners.data.find(({ id }) => id === to) : undefined;
    const owner = record?.properties[key ?? ''] || change.key;
    if (owners !== null && !owners.ok) {
      outcomes.set(change.key, api.outcome(owners.failure, 'repeatable'));
    } else if (owner !== change.key) {
      const reason = `company ${from} was merged into ${to}, which stands for ${owner}`;
      outcomes.set(change.key, { state: 'rematch', code: 'merged_away', reason });
    } else {
      const note = `record ${from} was merged into ${to}`;
      const extra: Properties = key === null ? {} : { [key]: change.key };
      followed.push({ change, crmId: to, extra, how: 'merge', note });
    }
  }
  await adoptRecords(api, object, followed, outcomes);
}

/** Writes every mapped field to a record that was found by something else than a link. */
export async function adoptRecords<C extends Change>(
  api: HubspotApi,
  object: ObjectType,
  adoptions: Adoption<C>[],
  outcomes: Outcomes,
): Promise<void> {
  const found = adoptions.map(({ note, how, ...adoption }) => ({
    ...adoption,
    fields: adoption.change.allFields,
    beside: { how, ...(note === undefined ? {} : { note }) },
  }));
  await updateExisting(api, object, found, outcomes);
}

/** Updates records that are there: each gets what its rules let through, and its key. Nothing to write costs no call. */
async function updateExisting(
  api: HubspotApi,
  object: ObjectType,
  records: (Existing & { extra: Properties; beside?: Beside })[],
  outcomes: Outcomes,
): Promise<void> {
  const present = await readPresent(api, object, records);
  if (!present.ok) {
    const outcome = api.outcome(present.failure, 'repeatable');
    settleAll(
      records.map(({ change }) => change),
      outcome,
      outcomes,
    );
    return;
  }
  const inputs: UpdateInput[] = [];
  const beside = new Map<string, Beside>();
  for (const record of records) {
    const { change, crmId, extra } = record;
    const fate = settled(record, present.data);
    if ('state' in fate) {
      outcomes.set(change.key, fate);
      continue;
    }
    const { write, held, restored } = fate;
    const properties = { ...toProperties(write), ...extra };
    beside.set(change.key, { ...record.beside, ...(change.guard === undefined ? {} : { held, restored }) });
    if (Object.keys(properties).length === 0) {
      outcomes.set(change.key, { state: 'done', crmId, ...beside.get(change.key) });
    } else {
      inputs.push({ key: change.key, id: crmId, properties });
    }
  }
  settle(api, await updateRecords(api, object, inputs), outcomes, (key) => beside.get(key) ?? {});
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
  const taker = uniqueProperty === 'email' ? 'email' : 'unique';
  const existing: Adoption<C>[] = [];
  for (const { change, properties } of creations) {
    const reply = written.get(change.key);
    const crmId = reply?.ok === false ? existingId(reply.failure) : null;
    if (crmId !== null) {
      written.delete(change.key);
      existing.push({ change, crmId, extra: notMapped(change, properties), how: taker });
    }
  }
  settle(api, written, outcomes, () => ({ created: true, how: 'created' }));
  await adoptRecords(api, object, existing, outcomes);
}

/** What a create would have set beside the mapping: our key. What is written on create only stays as a person left it. */
function notMapped({ allFields, createFields }: Change, properties: Properties): Properties {
  const mapped = toProperties({ ...createFields, ...allFields });
  return Object.fromEntries(Object.entries(properties).filter(([name, value]) => mapped[name] !== value));
}

function settle(
  api: HubspotApi,
  written: Written,
  outcomes: Outcomes,
  beside: (key: string) => Beside,
): void {
  for (const [key, reply] of written) {
    outcomes.set(
      key,
      reply.ok
        ? { state: 'done', crmId: reply.data.id, ...beside(key) }
        : api.outcome(reply.failure, 'repeatable'),
    );
  }
}
