import { actMark } from '../decide/keys.ts';
import type { Outcome } from './crm.ts';
import type { TaskLine } from './crm-tasks.ts';
import { ROUND, recordPending } from './hangs-on.ts';
import { gravest } from './next-state.ts';
import type { TaskChangeItem } from './outbox.ts';
import { type DeliverDeps, settle } from './settle.ts';
import { tasksBefore } from './task-acts.ts';

/** Adds a line to the open tasks of accounts, and closes those of accounts that bought or are suppressed. */
export async function deliverTaskChanges(deps: DeliverDeps): Promise<number> {
  const { outbox, connection, connector } = deps;
  const items = await outbox.claimTaskChanges(connection, ROUND);
  if (items.length === 0) {
    return 0;
  }
  const acts = await outbox.taskActs(
    connection,
    items.map(({ account }) => account),
  );
  const targets = new Map(items.map((item) => [item.id, tasksBefore(item.id, acts.get(item.account) ?? [])]));
  const lines = items.flatMap((item) => linesOf(item, targets.get(item.id) ?? []));
  const outcomes = lines.length === 0 ? new Map<string, Outcome>() : await connector.tasks.addLines(lines);
  await settle(
    deps,
    items.map((item) => ({ item, outcome: outcomeOf(item, targets.get(item.id) ?? [], outcomes) })),
    [],
  );
  return items.length;
}

function linesOf({ id, kind, payload }: TaskChangeItem, targets: string[] | 'pending'): TaskLine[] {
  return targets === 'pending'
    ? []
    : targets.map((taskId) => ({
        key: keyOf(id, taskId),
        taskId,
        mark: actMark(payload.crmKey),
        line: payload.line,
        close: kind === 'close',
      }));
}

function outcomeOf(
  { id }: TaskChangeItem,
  targets: string[] | 'pending',
  outcomes: ReadonlyMap<string, Outcome>,
): Outcome {
  if (targets === 'pending') {
    return recordPending('a task of the account is on its way');
  }
  return (
    gravest(targets.flatMap((taskId) => outcomes.get(keyOf(id, taskId)) ?? [])) ?? {
      state: 'skipped',
      code: 'no_task',
      reason: 'the account has no task in the CRM',
    }
  );
}

function keyOf(id: string, taskId: string): string {
  return `${id} ${taskId}`;
}
