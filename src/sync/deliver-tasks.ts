import { actMark } from '../decide/keys.ts';
import type { ChosenOwner } from '../decide/owner.ts';
import type { Outcome, Outcomes, TaskChange } from './crm.ts';
import { TASK_CLOSED, TASK_GONE } from './crm-tasks.ts';
import { forget, hasRecord, ROUND, recordPending, withoutRecord } from './hangs-on.ts';
import type { Link, TaskAct, TaskItem } from './outbox.ts';
import { assignOwners, type ReadyTask, tryOwners } from './owners.ts';
import { type DeliverDeps, NO_ANSWER, settle } from './settle.ts';
import { earlierTask, isOvertaken } from './task-acts.ts';
import { unwanted } from './unwanted.ts';

type Results = Map<string, Outcome>;

/**
 * Makes tasks, each once. One whose account and play has an open task already becomes a line of that one; one whose
 * account bought, was suppressed or is held back meanwhile is not made.
 */
export async function deliverTasks(deps: DeliverDeps): Promise<number> {
  const { outbox, connection } = deps;
  const items = await outbox.claimTasks(connection, ROUND);
  if (items.length === 0) {
    return 0;
  }
  const results: Results = new Map();
  const acts = await outbox.taskActs(
    connection,
    items.map(({ account }) => account),
  );
  const wanted = await skipHeld(deps, skipOvertaken(items, acts, results), results);
  const ready = await readyTasks(deps, wanted, results);
  const toMake = await joinEarlier(deps, ready, acts, results);
  await makeTasks(deps, toMake, results);
  await settleTasks(deps, items, results);
  return items.length;
}

function skipOvertaken(
  items: readonly TaskItem[],
  acts: ReadonlyMap<string, TaskAct[]>,
  results: Results,
): TaskItem[] {
  return items.filter((item) => {
    const overtaken = isOvertaken(item, acts.get(item.account) ?? []);
    if (overtaken) {
      const reason = 'the account bought, or is not to be contacted any more';
      results.set(item.id, { state: 'skipped', code: 'overtaken', reason });
    }
    return !overtaken;
  });
}

/**
 * Whoever must not be contacted now gets no task. One that an earlier attempt may have made is looked for: found, it stands in the
 * ledger, so that it can be closed.
 */
async function skipHeld(
  { outbox, connection, connector }: DeliverDeps,
  items: readonly TaskItem[],
  results: Results,
): Promise<TaskItem[]> {
  const held = await outbox.held(
    connection,
    items.map(({ account }) => account),
  );
  const stopped = items.filter(({ account }) => held.has(account));
  const whyOf = ({ account }: TaskItem) => held.get(account) ?? '';
  const perhaps = stopped.filter(({ uncertain }) => uncertain);
  const changes = perhaps.map((item) => ({ ...withoutRecords(item), unwanted: whyOf(item) }));
  const looked: Outcomes = changes.length === 0 ? new Map() : await connector.createTasks(changes);
  for (const item of stopped) {
    const found = looked.get(item.payload.crmKey) ?? NO_ANSWER;
    const outcome = item.uncertain ? stillUncertain(item, found) : unwanted(whyOf(item));
    results.set(item.id, outcome);
  }
  return items.filter(({ account }) => !held.has(account));
}

function withoutRecords(item: TaskItem): TaskChange {
  return taskChange({ item, accountCrmId: '', personCrmId: null }, null);
}

/** Those whose account is in the CRM, and whose person is, or will not be. */
async function readyTasks(
  { outbox, connection }: DeliverDeps,
  items: readonly TaskItem[],
  results: Results,
): Promise<ReadyTask[]> {
  // Before the links: records that are made in between then count as still on their way, and not as absent.
  const states = await outbox.recordStates(
    connection,
    items.map(({ account }) => account),
  );
  const keys = items.map(({ accountKey }) => accountKey);
  const accounts = await outbox.links(connection, 'account', keys);
  const refs = items.flatMap(({ payload }) => payload.person ?? []);
  const people = await outbox.links(connection, 'person', refs);
  return items.flatMap((item): ReadyTask[] => {
    const { person } = item.payload;
    const state = states.get(item.account);
    if (
      hasRecord(accounts, item.accountKey) &&
      (person === null || hasRecord(people, person) || state !== 'pending')
    ) {
      const personCrmId = people.get(person ?? '')?.crmId || null;
      return [{ item, accountCrmId: accounts.get(item.accountKey)?.crmId ?? '', personCrmId }];
    }
    results.set(item.id, withoutRecord(state, 'the account has no record in the CRM'));
    return [];
  });
}

/** A line in the open task of the same account and play stands for a second task. Gives those that need one of their own. */
async function joinEarlier(
  { connector }: DeliverDeps,
  ready: readonly ReadyTask[],
  acts: ReadonlyMap<string, TaskAct[]>,
  results: Results,
): Promise<ReadyTask[]> {
  const earlier = ready.map((one) => ({
    one,
    found: earlierTask(one.item, acts.get(one.item.account) ?? []),
  }));
  const lines = earlier.flatMap(({ one: { item }, found }) =>
    found === null || found === 'pending'
      ? []
      : [
          {
            key: item.id,
            taskId: found,
            mark: actMark(item.payload.crmKey),
            line: item.payload.noteIfOpen ?? '',
            close: false,
          },
        ],
  );
  const outcomes: Outcomes = lines.length === 0 ? new Map() : await connector.tasks.addLines(lines);
  return earlier.flatMap(({ one, found }) => {
    const outcome = found === 'pending' ? AFTER_EARLIER : outcomes.get(one.item.id);
    if (outcome === undefined || isOver(outcome)) {
      return [one];
    }
    const kept = outcome === AFTER_EARLIER ? outcome : stillUncertain(one.item, named(outcome));
    results.set(one.item.id, kept);
    return [];
  });
}

const AFTER_EARLIER = recordPending('an earlier task of the account is on its way');

function isOver(outcome: Outcome): boolean {
  return outcome.state === 'skipped' && [TASK_CLOSED, TASK_GONE].includes(outcome.code);
}

function named(outcome: Outcome): Outcome {
  return outcome.state === 'done' ? { ...outcome, note: 'added to the open task of the account' } : outcome;
}

async function makeTasks(deps: DeliverDeps, ready: readonly ReadyTask[], results: Results): Promise<void> {
  await tryOwners(ready, {
    choose: (open, refused) => assignOwners(deps, open, refused),
    act: async (going, { owners }) => {
      const changes = going.map((one) => taskChange(one, owners.get(one.item.id)?.id ?? null));
      const outcomes: Outcomes = changes.length === 0 ? new Map() : await deps.connector.createTasks(changes);
      return ({ item }) => outcomes.get(item.payload.crmKey) ?? NO_ANSWER;
    },
    note: ({ item }, outcome, chosen) => {
      const { id } = item;
      results.set(
        id,
        chosen === null
          ? stillUncertain(item, outcome)
          : told(outcome, chosen.owners.get(id), chosen.nobody.get(id)),
      );
    },
  });
}

/** Nobody has looked for the task itself: what was perhaps there still is (I6). */
function stillUncertain({ uncertain }: TaskItem, outcome: Outcome): Outcome {
  if (!uncertain || (outcome.state !== 'retry' && outcome.state !== 'parked')) {
    return outcome;
  }
  const { code, reason } = outcome;
  const patient = outcome.state === 'retry' && outcome.patient ? { patient: true as const } : {};
  return { state: 'uncertain', code, reason, ...patient };
}

/** The reason of a task that was made says who got it, and why, or why nobody. */
function told(outcome: Outcome, owner: ChosenOwner | undefined, nobody: string | undefined): Outcome {
  const who = owner === undefined ? nobody && `no owner: ${nobody}` : `${owner.name}: ${owner.why}`;
  return outcome.state === 'done' && who
    ? { ...outcome, note: [outcome.note, who].filter(Boolean).join('; ') }
    : outcome;
}

function taskChange({ item, accountCrmId, personCrmId }: ReadyTask, ownerId: string | null): TaskChange {
  const { payload, firstTriedAt, uncertain } = item;
  const { crmKey: key, subject, body, dueAt, priority, type = 'todo' } = payload;
  const records = { accountCrmId, personCrmId, ownerId };
  return { key, subject, body, dueAt, priority, type, ...records, firstTriedAt, uncertain };
}

/** When the CRM knows a record that a task hangs on no more, its link is forgotten. */
async function settleTasks(deps: DeliverDeps, items: readonly TaskItem[], results: Results): Promise<void> {
  const settled = items.map((item) => ({ item, outcome: results.get(item.id) ?? NO_ANSWER }));
  const gone = settled.filter(({ outcome }) => outcome.state === 'rematch');
  await settle(
    deps,
    settled,
    gone.flatMap(({ item }) => hangsOn(item).map((link) => forget(item, link))),
  );
}

function hangsOn({ accountKey, payload }: TaskItem): Pick<Link, 'object' | 'ref'>[] {
  const person = payload.person === null ? [] : [{ object: 'person' as const, ref: payload.person }];
  return [{ object: 'account', ref: accountKey }, ...person];
}
