import type { TaskAct } from '../sync/outbox.ts';
import type { Db } from './db.ts';

/**
 * What is to happen, and has happened, to the tasks of accounts in one CRM, by account id, oldest first. A clock that is
 * moved by hand may give a task and its close one instant: the task came first.
 */
export async function loadTaskActs(
  db: Db,
  connection: string,
  accounts: readonly string[],
): Promise<Map<string, TaskAct[]>> {
  const rows = await db.query<Omit<TaskAct, 'crmId'> & { crm_id: string | null }>({
    name: 'task-acts',
    text: `SELECT id, account, kind, state, payload ->> 'play' AS play, crm_id,
             CASE WHEN kind = 'task' OR state = 'done' THEN owner END AS owner,
             CASE kind WHEN 'task' THEN payload -> 'owners' END AS owners FROM actions
           WHERE connection = $1 AND kind IN ('task', 'note', 'close') AND account = ANY($2::uuid[])
           ORDER BY created_at, kind <> 'task', id`,
    values: [connection, [...new Set(accounts)]],
  });
  return Map.groupBy(
    rows.rows.map(({ crm_id, ...row }) => ({ ...row, crmId: crm_id })),
    ({ account }) => account,
  );
}
