import type { Outcome, Outcomes, TaskChange } from '../../sync/crm.ts';
import { unwanted } from '../../sync/unwanted.ts';
import { createRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { readRecords } from './lookup.ts';
import { existingId, refusesOwner } from './outcomes.ts';
import type { CrmRecord, Reply } from './reply.ts';
import { alreadyThere, fateOfMarked, keepUncertain } from './task-search.ts';
import { taskAssociations, taskProperties, withMarker } from './task-text.ts';
import type { UniqueKey, UniqueSince } from './unique-key.ts';

/**
 * Creates each task at most once (I6, decision 15); an existing one is never written to, so a rep's edits stay.
 *
 * With the unique property, HubSpot itself refuses a second create and every repeat looks first: no answer that gets
 * lost can make a second task. Without it the text carries a marker, and a repeat waits for the search index and
 * looks (`task-search.ts` states the limit of that).
 */
export async function createTasks(
  api: HubspotApi,
  taskKey: UniqueKey,
  changes: TaskChange[],
): Promise<Outcomes> {
  const before = await look(api, taskKey, changes);
  if (!before.ok) {
    const outcome = api.outcome(before.failure, 'repeatable');
    return new Map(changes.map((change) => [change.key, keepUncertain(change, outcome)]));
  }
  const outcomes: Outcomes = new Map();
  const { since, idByKey } = before.data;
  const ready: TaskChange[] = [];
  for (const change of changes) {
    const crmId = idByKey.get(change.key);
    const fate = crmId === undefined ? await fateOf(api, since, change) : alreadyThere(crmId);
    if (fate !== null) {
      outcomes.set(change.key, fate);
    } else if (change.unwanted !== undefined) {
      outcomes.set(change.key, unwanted(change.unwanted));
    } else {
      ready.push(since === null ? withMarker(change) : change);
    }
  }
  await create(api, ready, since, outcomes);
  return outcomes;
}

interface Before {
  since: UniqueSince;
  /** Tasks that earlier attempts have made, by our key. */
  idByKey: Map<string, string>;
}

async function look(api: HubspotApi, taskKey: UniqueKey, changes: TaskChange[]): Promise<Reply<Before>> {
  const unique = await taskKey.since(api);
  if (!unique.ok || unique.data === null) {
    return unique.ok ? { ok: true, data: { since: null, idByKey: new Map() } } : unique;
  }
  const property = api.keys.task;
  const repeats = changes.filter(isRepeat).map(({ key }) => key);
  const found = await readRecords(api, 'tasks', repeats, [property], property);
  if (!found.ok) {
    return found;
  }
  const idByKey = new Map(found.data.map(({ id, properties }) => [properties[property] ?? '', id]));
  return { ok: true, data: { since: unique.data, idByKey } };
}

/** null when the task may be created. A first attempt from before the property existed left only a marker. */
async function fateOf(api: HubspotApi, since: UniqueSince, change: TaskChange) {
  const guarded = since !== null && (change.firstTriedAt ?? since) >= since;
  return guarded || !isRepeat(change) ? null : await fateOfMarked(api, change);
}

function isRepeat(change: TaskChange): boolean {
  return change.uncertain || change.firstTriedAt !== null;
}

async function create(
  api: HubspotApi,
  changes: TaskChange[],
  since: UniqueSince,
  outcomes: Outcomes,
): Promise<void> {
  const inputs = changes.map((change) => ({
    key: change.key,
    properties: { ...taskProperties(change), ...(since === null ? {} : { [api.keys.task]: change.key }) },
    associations: taskAssociations(change),
  }));
  for (const [key, reply] of await createRecords(api, 'tasks', inputs, api.keys.task)) {
    outcomes.set(key, afterCreate(api, reply));
  }
}

function afterCreate(api: HubspotApi, reply: Reply<CrmRecord>): Outcome {
  if (reply.ok) {
    return { state: 'done', crmId: reply.data.id, created: true };
  }
  const crmId = existingId(reply.failure);
  const outcome = crmId === null ? api.outcome(reply.failure, 'once') : alreadyThere(crmId);
  return outcome.state === 'parked' && refusesOwner(reply.failure)
    ? { ...outcome, ownerRefused: true }
    : outcome;
}
