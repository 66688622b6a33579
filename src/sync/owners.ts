import { type ChosenOwner, chooseOwner, type OwnerStep } from '../decide/owner.ts';
import type { CrmConnector, Outcome } from './crm.ts';
import type { FailedRead } from './crm-reads.ts';
import type { OwnerName } from './crm-tasks.ts';
import type { TaskItem } from './outbox.ts';

/** A task on its way, with the records that it hangs on. */
export interface ReadyTask extends Ownerless {
  item: TaskItem;
  personCrmId: string | null;
}

/** An act for which an owner is looked for. */
export interface Ownerless {
  item: Pick<TaskItem, 'id' | 'account' | 'accountKey' | 'owner' | 'uncertain'> & {
    payload: Pick<TaskItem['payload'], 'owners'>;
  };
  accountCrmId: string;
}

/** Who gets which task, by the act's id. */
export interface Assigned {
  owners: Map<string, ChosenOwner>;
  /** Made without an owner, and why. */
  nobody: Map<string, string>;
  /** Not to be made now. */
  failed: Map<string, Outcome>;
}

/**
 * Asks the CRM for the owners of all accounts at once, and for the people whom the chains name (which it remembers),
 * and goes down each chain. Who was chosen at an earlier attempt stays, unless the CRM has refused them.
 */
export async function assignOwners(
  { tasks }: CrmConnector,
  ready: readonly Ownerless[],
  refused: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Assigned> {
  const assigned: Assigned = { owners: new Map(), nobody: new Map(), failed: new Map() };
  const open = ready.filter((one) => !stays(one, refused, assigned) && stepsOf(one).length > 0);
  if (open.length === 0) {
    return assigned;
  }
  const accounts = await accountOwners(tasks, open);
  const directory =
    accounts.state === 'failed' ? accounts : await tasks.owners(namesIn(open), [...accounts.owners.values()]);
  for (const one of open) {
    if (accounts.state === 'failed' || directory.state === 'failed') {
      const failure = accounts.state === 'failed' ? accounts : (directory as FailedRead);
      assigned.failed.set(one.item.id, unread(failure));
    } else {
      const question = {
        steps: stepsOf(one),
        account: one.item.accountKey,
        accountOwner: accounts.owners.get(one.accountCrmId) ?? null,
        directory: directory.owners,
        refused: refused.get(one.item.id) ?? new Set<string>(),
      };
      choose(one, chooseOwner(question), assigned);
    }
  }
  return assigned;
}

function stays({ item }: Ownerless, refused: ReadonlyMap<string, ReadonlySet<string>>, assigned: Assigned) {
  const { id, owner } = item;
  if (owner === null || refused.get(id)?.has(owner.id)) {
    return false;
  }
  assigned.owners.set(id, owner);
  return true;
}

function choose({ item }: Ownerless, choice: ReturnType<typeof chooseOwner>, assigned: Assigned): void {
  if (choice.found) {
    assigned.owners.set(item.id, choice.owner);
  } else if (choice.must) {
    const reason = `nobody can take the task: ${choice.why}`;
    const remedy = 'name somebody active under task.owner of the mapping, then: pql errors retry';
    assigned.failed.set(item.id, { state: 'parked', code: 'no_owner', reason, remedy });
  } else {
    assigned.nobody.set(item.id, choice.why);
  }
}

/** Tasks from before there were chains have none. */
function stepsOf({ item }: Ownerless): readonly OwnerStep[] {
  return item.payload.owners ?? [];
}

async function accountOwners(tasks: CrmConnector['tasks'], open: readonly Ownerless[]) {
  const asked = open.filter((one) => stepsOf(one).some(({ kind }) => kind === 'account_owner'));
  return asked.length === 0
    ? { state: 'read' as const, owners: new Map<string, string>() }
    : tasks.accountOwners([...new Set(asked.map(({ accountCrmId }) => accountCrmId))]);
}

function namesIn(open: readonly Ownerless[]): OwnerName[] {
  const names = new Map<string, OwnerName>();
  for (const step of open.flatMap(stepsOf)) {
    const queue = step.kind === 'fallback';
    for (const name of step.kind === 'people' ? step.names : step.kind === 'fallback' ? [step.name] : []) {
      names.set(`${name} ${queue}`, { name, queue });
    }
  }
  return [...names.values()];
}

/** Nothing was asked about the task: it waits until the CRM answers again. */
function unread({ afterMs, pause, code, reason }: FailedRead): Outcome {
  return pause
    ? { state: 'halt', afterMs, code, reason }
    : { state: 'retry', afterMs, code, reason: `the owners could not be read: ${reason}`, patient: true };
}
