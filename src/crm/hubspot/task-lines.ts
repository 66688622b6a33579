import type { Outcome, Outcomes } from '../../sync/crm.ts';
import { TASK_GONE, type TaskLine } from '../../sync/crm-tasks.ts';
import { settleAll, settleRest } from '../settle-all.ts';
import { editFor } from '../task-lines.ts';
import { type Properties, updateRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { TEXT_MAX } from './fields.ts';
import { readRecords } from './lookup.ts';
import { refusesOwner } from './outcomes.ts';
import type { Failure } from './reply.ts';
import { taskBody } from './task-text.ts';

const CLOSED = 'COMPLETED';
const PROPERTIES = ['hs_task_status', 'hs_task_body', 'hubspot_owner_id'];

/** Adds lines to open tasks and closes them: one read and one write call for each hundred. */
export async function addLines(api: HubspotApi, lines: readonly TaskLine[]): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const ids = lines.map(({ taskId }) => taskId);
  const read = await readRecords(api, 'tasks', ids, PROPERTIES);
  if (!read.ok) {
    settleAll(lines, api.outcome(read.failure, 'repeatable'), outcomes);
    return outcomes;
  }
  const tasks = new Map(read.data.map(({ id, properties }) => [id, properties]));
  const changes = new Map<string, Change>();
  for (const [id, own] of Map.groupBy(lines, ({ taskId }) => taskId)) {
    const task = tasks.get(id);
    const change = task === undefined ? gone(own, outcomes) : changeOf(id, task, own, outcomes);
    if (change !== null) {
      changes.set(id, change);
    }
  }
  const updates = [...changes].map(([id, { properties }]) => ({ key: id, id, properties }));
  for (const [id, reply] of await updateRecords(api, 'tasks', updates)) {
    const own = lines.filter(({ taskId }) => taskId === id);
    const outcome: Outcome = reply.ok
      ? { state: 'done', crmId: id, ...changes.get(id)?.note }
      : refusedOr(reply.failure, changes.get(id), api.outcome(reply.failure, 'repeatable'));
    settleRest(own, outcome.state === 'rematch' ? TASK_IS_GONE : outcome, outcomes);
  }
  return outcomes;
}

interface Change {
  properties: Properties;
  note: { note?: string };
}

/** A refused owner says nothing about the line. */
function refusedOr(failure: Failure, change: Change | undefined, outcome: Outcome): Outcome {
  const isOwner = change?.properties.hubspot_owner_id !== undefined && refusesOwner(failure);
  return isOwner && outcome.state === 'parked' ? { ...outcome, ownerRefused: true } : outcome;
}

/** What is to be written to one task, and the fate of the lines that need nothing. null: nothing. */
function changeOf(
  id: string,
  task: Record<string, string | null>,
  lines: readonly TaskLine[],
  outcomes: Outcomes,
): Change | null {
  const text = task.hs_task_body ?? '';
  const closed = task.hs_task_status === CLOSED;
  const edit = editFor(id, { text, closed, owner: task.hubspot_owner_id || null }, lines, outcomes);
  if (edit === null) {
    return null;
  }
  const longer = text + edit.added.map((line) => `<br><br>${taskBody(line)}`).join('');
  const properties = {
    ...(edit.added.length > 0 && longer.length <= TEXT_MAX ? { hs_task_body: longer } : {}),
    ...(edit.close ? { hs_task_status: CLOSED } : {}),
    ...(edit.owner === null ? {} : { hubspot_owner_id: edit.owner }),
  };
  return { properties, note: edit.note };
}

function gone(lines: readonly TaskLine[], outcomes: Outcomes): null {
  settleAll(lines, TASK_IS_GONE, outcomes);
  return null;
}

const TASK_IS_GONE: Outcome = { state: 'skipped', code: TASK_GONE, reason: 'the task was deleted' };
