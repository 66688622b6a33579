import type { Outcome, Outcomes } from '../../sync/crm.ts';
import { TASK_GONE, type TaskLine } from '../../sync/crm-tasks.ts';
import { settleAll, settleRest } from '../settle-all.ts';
import { editFor } from '../task-lines.ts';
import { type Properties, updateRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { TEXT_MAX } from './fields.ts';
import { readRecords } from './lookup.ts';
import { taskBody } from './task-text.ts';

const CLOSED = 'COMPLETED';

/** Adds lines to open tasks and closes them: one read and one write call for each hundred. */
export async function addLines(api: HubspotApi, lines: readonly TaskLine[]): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const ids = lines.map(({ taskId }) => taskId);
  const read = await readRecords(api, 'tasks', ids, ['hs_task_status', 'hs_task_body']);
  if (!read.ok) {
    settleAll(lines, api.outcome(read.failure, 'repeatable'), outcomes);
    return outcomes;
  }
  const tasks = new Map(read.data.map(({ id, properties }) => [id, properties]));
  const updates = [...Map.groupBy(lines, ({ taskId }) => taskId)].flatMap(([id, own]) => {
    const task = tasks.get(id);
    const properties = task === undefined ? gone(own, outcomes) : changeOf(id, task, own, outcomes);
    return properties === null ? [] : [{ key: id, id, properties }];
  });
  for (const [id, reply] of await updateRecords(api, 'tasks', updates)) {
    const own = lines.filter(({ taskId }) => taskId === id);
    const outcome: Outcome = reply.ok
      ? { state: 'done', crmId: id }
      : api.outcome(reply.failure, 'repeatable');
    settleRest(own, outcome.state === 'rematch' ? TASK_IS_GONE : outcome, outcomes);
  }
  return outcomes;
}

/** What is to be written to one task, and the fate of the lines that need nothing. null: nothing. */
function changeOf(
  id: string,
  task: Record<string, string | null>,
  lines: readonly TaskLine[],
  outcomes: Outcomes,
): Properties | null {
  const text = task.hs_task_body ?? '';
  const edit = editFor(id, { text, closed: task.hs_task_status === CLOSED }, lines, outcomes);
  if (edit === null) {
    return null;
  }
  const longer = text + edit.added.map((line) => `<br><br>${taskBody(line)}`).join('');
  return {
    ...(edit.added.length > 0 && longer.length <= TEXT_MAX ? { hs_task_body: longer } : {}),
    ...(edit.close ? { hs_task_status: CLOSED } : {}),
  };
}

function gone(lines: readonly TaskLine[], outcomes: Outcomes): null {
  settleAll(lines, TASK_IS_GONE, outcomes);
  return null;
}

const TASK_IS_GONE: Outcome = { state: 'skipped', code: TASK_GONE, reason: 'the task was deleted' };
