import { type Asked, giveAll } from '../decide/handoff/assign.ts';
import { absenceAt, NO_TEAM, type Team } from '../decide/handoff/team.ts';
import type { ChosenOwner, Owner, OwnerChoice, OwnerStep } from '../decide/owner.ts';
import type { Outcome } from './crm.ts';
import type { FailedRead } from './crm-reads.ts';
import type { OwnerName } from './crm-tasks.ts';
import type { TaskItem } from './outbox.ts';
import type { DeliverDeps } from './settle.ts';

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

/** Ids that the CRM has refused, by the act's id. */
export type Refused = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Asks the CRM for the owners of all accounts at once, and for the people whom the chains name (which it remembers),
 * and goes down each chain. Who was chosen is written down before the CRM hears of the task, and stays: unless the CRM has refused
 * them, or they are away now and certainly no task was made.
 */
export async function assignOwners(
  deps: DeliverDeps,
  ready: readonly Ownerless[],
  refused: Refused,
): Promise<Assigned> {
  const { connector, connection, outbox } = deps;
  const team = deps.team?.() ?? NO_TEAM;
  const assigned: Assigned = { owners: new Map(), nobody: new Map(), failed: new Map() };
  const open = ready.filter((one) => !stays(one, refused, team, deps, assigned) && stepsOf(one).length > 0);
  if (open.length === 0) {
    return assigned;
  }
  const accounts = await accountOwners(deps, open);
  const directory =
    accounts.state === 'failed'
      ? accounts
      : await connector.tasks.owners(namesIn(open, team), [...accounts.owners.values()]);
  if (accounts.state === 'failed' || directory.state === 'failed') {
    const failure = unread(accounts.state === 'failed' ? accounts : (directory as FailedRead));
    for (const { item } of open) {
      assigned.failed.set(item.id, failure);
    }
    return assigned;
  }
  const asked = open.map((one) => askedOf(one, accounts.owners, directory.owners, refused, team));
  const given = await outbox.giveTasks(connection, { asked, team, directory: directory.owners }, giveAll);
  for (const one of given) {
    note(one, assigned);
  }
  return assigned;
}

/** What is done with whoever was chosen. */
export interface Trial<Work, Chosen extends Assigned> {
  choose(open: readonly Work[], refused: Refused): Promise<Chosen>;
  /** Asks the CRM; gives what became of each. */
  act(going: readonly Work[], chosen: Chosen): Promise<(work: Work) => Outcome>;
  /** Writes down what became of it; `chosen` null: the CRM was not asked. */
  note(work: Work, outcome: Outcome, chosen: Chosen | null): void;
}

/** What the CRM refuses because of its owner goes to the next of the chain, until nobody is left to try. */
export async function tryOwners<Work extends { item: { id: string } }, Chosen extends Assigned>(
  works: readonly Work[],
  { choose, act, note }: Trial<Work, Chosen>,
): Promise<void> {
  const refused = new Map<string, Set<string>>();
  let open = works;
  while (open.length > 0) {
    const chosen = await choose(open, refused);
    const going = open.filter((work) => {
      const failure = chosen.failed.get(work.item.id);
      if (failure !== undefined) {
        note(work, failure, null);
      }
      return failure === undefined;
    });
    const outcomeOf = await act(going, chosen);
    open = going.filter((work) => {
      const { id } = work.item;
      const outcome = outcomeOf(work);
      const owner = chosen.owners.get(id);
      const again = outcome.state === 'parked' && outcome.ownerRefused === true && owner !== undefined;
      if (again) {
        refused.set(id, (refused.get(id) ?? new Set()).add(owner.id));
      }
      note(work, outcome, chosen);
      return again;
    });
  }
}

/** What was perhaps made stays with whom it was made for (I6). */
function stays(
  { item }: Ownerless,
  refused: Refused,
  team: Team,
  { now, realNow }: DeliverDeps,
  assigned: Assigned,
): boolean {
  const { id, owner, uncertain } = item;
  const person = team.people.get(owner?.person ?? '');
  const isAway = person !== undefined && absenceAt(person, (now ?? realNow)()) !== null;
  if (owner === null || refused.get(id)?.has(owner.id) || (isAway && !uncertain)) {
    return false;
  }
  assigned.owners.set(id, owner);
  return true;
}

function askedOf(
  one: Ownerless,
  accountOwners: ReadonlyMap<string, string>,
  directory: readonly Owner[] | null,
  refused: Refused,
  team: Team,
): Asked {
  const { id, account, accountKey } = one.item;
  return {
    id,
    accountId: account,
    steps: stepsOf(one),
    account: accountKey,
    accountOwner: accountOwners.get(one.accountCrmId) ?? null,
    directory,
    refused: refused.get(id) ?? new Set<string>(),
    team,
  };
}

function note({ id, choice }: { id: string; choice: OwnerChoice }, assigned: Assigned): void {
  if (choice.found) {
    assigned.owners.set(id, choice.owner);
  } else if (choice.must) {
    const reason = `nobody can take the task: ${choice.why}`;
    const remedy =
      'name somebody who can under task.owner of the mapping, or in the pool, then: pql errors retry';
    assigned.failed.set(id, { state: 'parked', code: 'no_owner', reason, remedy });
  } else {
    assigned.nobody.set(id, choice.why);
  }
}

/** Tasks from before there were chains have none. */
function stepsOf({ item }: Ownerless): readonly OwnerStep[] {
  return item.payload.owners ?? [];
}

async function accountOwners({ connector: { tasks } }: DeliverDeps, open: readonly Ownerless[]) {
  const asked = open.filter((one) => stepsOf(one).some(({ kind }) => kind === 'account_owner'));
  return asked.length === 0
    ? { state: 'read' as const, owners: new Map<string, string>() }
    : tasks.accountOwners([...new Set(asked.map(({ accountCrmId }) => accountCrmId))]);
}

function namesIn(open: readonly Ownerless[], team: Team): OwnerName[] {
  const names = new Map<string, OwnerName>();
  for (const step of open.flatMap(stepsOf)) {
    const queue = step.kind === 'fallback';
    for (const name of namesOf(step, team)) {
      names.set(`${name} ${queue}`, { name, queue });
    }
  }
  return [...names.values()];
}

function namesOf(step: OwnerStep, { pools }: Team): readonly string[] {
  switch (step.kind) {
    case 'people':
      return step.names;
    case 'pool':
      return pools.get(step.pool)?.people ?? [];
    case 'fallback':
      return [step.name];
    default:
      return [];
  }
}

/** Nothing was asked about the task: it waits until the CRM answers again. */
function unread({ afterMs, pause, code, reason }: FailedRead): Outcome {
  return pause
    ? { state: 'halt', afterMs, code, reason }
    : { state: 'retry', afterMs, code, reason: `the owners could not be read: ${reason}`, patient: true };
}
