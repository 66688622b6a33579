import { actMark } from '../decide/keys.ts';
import type { Outcome, Outcomes } from './crm.ts';
import { TAKEN_OVER, type TaskLine } from './crm-tasks.ts';
import { ROUND, recordPending } from './hangs-on.ts';
import { gravest } from './next-state.ts';
import type { TaskAct, TaskChangeItem } from './outbox.ts';
import { type Assigned, tryOwners } from './owners.ts';
import { ownerOfRecord, passOn } from './passing-on.ts';
import { type DeliverDeps, settle } from './settle.ts';
import { actsBefore, tasksBefore } from './task-acts.ts';

interface Result {
  outcome: Outcome;
  /** Of a line that was to pass tasks on: whether it did. */
  passed?: boolean | undefined;
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

/** One that the CRM lets nobody of the chain have stays where it is. */
async function addLines(
  deps: DeliverDeps,
  changes: readonly Change[],
  acts: ReadonlyMap<string, TaskAct[]>,
  results: Map<string, Result>,
): Promise<void> {
  await tryOwners(changes, {
    choose: (open, refused) =>
      passOn(
        deps,
        open.map(({ item }) => item),
        acts,
        refused,
      ),
    act: async (going, passed) => {
      const lines = going.flatMap((change) => linesOf(change, passed, acts.get(change.item.account) ?? []));
      const outcomes: Outcomes = lines.length === 0 ? new Map() : await deps.connector.tasks.addLines(lines);
      return ({ item: { id }, taskIds }) =>
        gravest(taskIds.flatMap((taskId) => outcomes.get(keyOf(id, taskId)) ?? [])) ?? NO_TASK;
    },
    note: ({ item: { id } }, outcome, passed) => {
      const isKnown = passed?.owners.has(id) === true && isOver(outcome);
      results.set(id, { outcome, passed: isKnown ? hasGot(outcome) : undefined });
    },
  });
}

/** Nothing is tried again; the choice of what is tried again stays. */
function isOver({ state }: Outcome): boolean {
  return state === 'done' || state === 'skipped' || state === 'parked';
}

function hasGot(outcome: Outcome): boolean {
  return outcome.state === 'done' && outcome.note !== TAKEN_OVER;
}

function linesOf(
  { item, taskIds }: Change,
  { owners, nobody }: Assigned,
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
