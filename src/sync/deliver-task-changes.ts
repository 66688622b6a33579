import { actMark } from '../decide/keys.ts';
import type { ChosenOwner } from '../decide/owner.ts';
import type { Outcome, Outcomes } from './crm.ts';
import { TAKEN_OVER, type TaskLine } from './crm-tasks.ts';
import { ROUND, recordPending } from './hangs-on.ts';
import { gravest } from './next-state.ts';
import type { TaskAct, TaskChangeItem } from './outbox.ts';
import { ownerOfRecord, type Passed, passOn } from './passing-on.ts';
import { type DeliverDeps, settle } from './settle.ts';
import { actsBefore, tasksBefore } from './task-acts.ts';

interface Result {
  outcome: Outcome;
  owner?: ChosenOwner | undefined;
  /** Tasks have a new owner. */
  told?: boolean;
}

/** A line with the tasks that it joins. */
interface Change {
  item: TaskChangeItem;
  taskIds: string[];
}

/**
 * Adds a line to the open tasks of accounts, closes those of accounts that bought or are suppressed, and passes those on that
 * nobody has touched in time.
 */
export async function deliverTaskChanges(deps: DeliverDeps): Promise<number> {
  const { outbox, connection } = deps;
  const items = await outbox.claimTaskChanges(connection, ROUND);
  if (items.length === 0) {
    return 0;
  }
  const acts = await outbox.taskActs(
    connection,
    items.map(({ account }) => account),
  );
  const results = new Map<string, Result>();
  const changes = items.flatMap((item): Change[] => {
    const targets = tasksBefore(item.id, acts.get(item.account) ?? []);
    if (targets === 'pending' || targets.length === 0) {
      results.set(item.id, { outcome: targets === 'pending' ? TASK_PENDING : NO_TASK });
      return [];
    }
    return [{ item, taskIds: targets }];
  });
  await addLines(deps, changes, acts, results);
  await settle(
    deps,
    items.map((item) => ({ item, outcome: NO_TASK, ...results.get(item.id) })),
    [],
  );
  return items.length;
}

const TASK_PENDING = recordPending('a task of the account is on its way');
const NO_TASK: Outcome = { state: 'skipped', code: 'no_task', reason: 'the account has no task in the CRM' };

/** One whose new owner the CRM refuses goes to the next of the chain, until nobody is left; then it stays where it is. */
async function addLines(
  deps: DeliverDeps,
  changes: readonly Change[],
  acts: ReadonlyMap<string, TaskAct[]>,
  results: Map<string, Result>,
): Promise<void> {
  const refused = new Map<string, Set<string>>();
  let open = changes;
  while (open.length > 0) {
    const passed = await passOn(
      deps,
      open.map(({ item }) => item),
      acts,
      refused,
    );
    const going = open.filter(({ item: { id } }) => {
      const failure = passed.failed.get(id);
      if (failure !== undefined) {
        results.set(id, { outcome: failure });
      }
      return failure === undefined;
    });
    const lines = going.flatMap((change) => linesOf(change, passed, acts.get(change.item.account) ?? []));
    const outcomes: Outcomes = lines.length === 0 ? new Map() : await deps.connector.tasks.addLines(lines);
    open = going.filter(({ item: { id }, taskIds }) => {
      const outcome = gravest(taskIds.flatMap((taskId) => outcomes.get(keyOf(id, taskId)) ?? [])) ?? NO_TASK;
      const owner = passed.owners.get(id);
      const again = outcome.state === 'parked' && outcome.ownerRefused === true && owner !== undefined;
      if (again) {
        refused.set(id, (refused.get(id) ?? new Set()).add(owner.id));
      }
      const told = hasGot(outcome) && owner !== undefined;
      results.set(id, told ? { outcome, owner, told } : { outcome });
      return again;
    });
  }
}

function hasGot(outcome: Outcome): boolean {
  return outcome.state === 'done' && outcome.note !== TAKEN_OVER;
}

function linesOf(
  { item, taskIds }: Change,
  { owners, nobody }: Passed,
  acts: readonly TaskAct[],
): TaskLine[] {
  const { id, kind, payload } = item;
  const owner = owners.get(id);
  const stays = nobody.get(id);
  return taskIds.map((taskId) => ({
    key: keyOf(id, taskId),
    taskId,
    mark: actMark(payload.crmKey),
    line: stays === undefined ? payload.line : `${payload.line} It stays where it is: ${stays}.`,
    close: kind === 'close',
    ...(owner === undefined
      ? {}
      : {
          handTo: {
            from: ownerOfRecord(taskId, actsBefore(id, acts)),
            to: owner.id,
            said: `It goes to ${owner.name} (${owner.why}).`,
          },
        }),
  }));
}

function keyOf(id: string, taskId: string): string {
  return `${id} ${taskId}`;
}
