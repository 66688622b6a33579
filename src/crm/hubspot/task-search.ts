import { MINUTE, SECOND } from '../../shared/time.ts';
import type { Outcome, TaskChange } from '../../sync/crm.ts';
import type { HubspotApi } from './client.ts';
import { searchRecords } from './lookup.ts';
import { taskMarker } from './task-text.ts';

/** Longest time after which a search is trusted to see what was written. */
const INDEX_LAG = MINUTE;

/** After this long a person decides whether the task exists (decision 15). */
const GIVE_UP = 10 * MINUTE;

/**
 * What became of an earlier attempt at a task in a portal without the unique property: its outcome, or null when the
 * task may be created. An attempt whose answer was lost is never repeated: it is found, or parked after ten minutes.
 *
 * Limit: a process that dies between the call and its outcome, and an index that lags by more than a minute, make a
 * second task. `pql crm setup --apply` makes the property wherever the portal allows it.
 */
export async function fateOfMarked(api: HubspotApi, change: TaskChange): Promise<Outcome | null> {
  const value = taskMarker(change.key);
  const groups = [
    { filters: [{ propertyName: 'hs_task_body', operator: 'CONTAINS_TOKEN' as const, value }] },
  ];
  const reply = await searchRecords(api, 'tasks', groups, ['hs_task_body']);
  if (!reply.ok) {
    return keepUncertain(change, api.outcome(reply.failure, 'repeatable'));
  }
  const task = reply.data.find(({ properties }) => properties.hs_task_body?.includes(value));
  return task === undefined ? notFound(change, api.clock.now()) : alreadyThere(task.id);
}

export function alreadyThere(crmId: string): Outcome {
  return { state: 'done', crmId, note: 'the task was there already' };
}

function notFound(change: TaskChange, now: number): Outcome | null {
  const waited = now - (change.firstTriedAt ?? now);
  if (!change.uncertain) {
    const afterMs = Math.max(SECOND, INDEX_LAG - waited);
    return waited >= INDEX_LAG ? null : { state: 'retry', afterMs, code: 'awaiting_index', reason: WAITING };
  }
  return waited < GIVE_UP
    ? { state: 'uncertain', code: 'awaiting_index', reason: WAITING }
    : {
        state: 'parked',
        code: 'uncertain_task',
        reason: 'HubSpot never answered whether it made this task, and no search finds it',
        remedy: 'look on the company in HubSpot: if the task is there dismiss this, else `pql errors retry`',
      };
}

const WAITING = 'waiting until the search index of HubSpot shows whether the task exists';

/** A look-up that failed answers nothing: what was uncertain stays so. */
export function keepUncertain(change: TaskChange, outcome: Outcome): Outcome {
  return change.uncertain && outcome.state === 'retry' ? { ...outcome, state: 'uncertain' } : outcome;
}
