import { MANAGER, NEXT_OWNER } from '../decide/handoff/sla.ts';
import { managerOf, NO_TEAM, type Team } from '../decide/handoff/team.ts';
import type { OwnerStep } from '../decide/owner.ts';
import type { TaskAct, TaskChangeItem } from './outbox.ts';
import { type Assigned, assignOwners, type Ownerless, type Refused } from './owners.ts';
import type { DeliverDeps } from './settle.ts';
import { actsBefore } from './task-acts.ts';

/**
 * Goes on down the chain that each task came from, past everybody who has had it; to the manager of whoever has it; or to whom
 * the promise names. Tasks of `nobody` stay where they are.
 */
export async function passOn(
  deps: DeliverDeps,
  items: readonly TaskChangeItem[],
  acts: ReadonlyMap<string, TaskAct[]>,
  refused: Refused,
): Promise<Assigned> {
  const team = deps.team?.() ?? NO_TEAM;
  const open = items.filter(({ payload }) => payload.handTo !== undefined);
  const links = await accountsOf(deps, open);
  const before = new Map(open.map((item) => [item.id, actsBefore(item.id, acts.get(item.account) ?? [])]));
  const asked = open.map((item): Ownerless => {
    const { id, account, accountKey, owner, uncertain, payload } = item;
    const owners = stepsOf(payload.handTo ?? '', before.get(id) ?? [], team);
    return {
      item: { id, account, accountKey, owner, uncertain, payload: { owners } },
      accountCrmId: links.get(accountKey) ?? '',
    };
  });
  const out = new Map(
    open.map(({ id, payload }) => {
      const had = payload.handTo === NEXT_OWNER ? hadIt(before.get(id) ?? []) : [];
      return [id, new Set([...had, ...(refused.get(id) ?? [])])];
    }),
  );
  const { owners, nobody, failed } = await assignOwners(deps, asked, out);
  for (const { item } of asked) {
    const failure = failed.get(item.id);
    // A chain that must end in somebody parks a task that is to be made; this one is made, and somebody has it.
    if (failure?.state === 'parked' || (item.payload.owners ?? []).length === 0) {
      failed.delete(item.id);
      nobody.set(item.id, failure?.state === 'parked' ? failure.reason : 'nobody else is named for it');
    }
  }
  return { owners, nobody, failed };
}

async function accountsOf({ outbox, connection }: DeliverDeps, items: readonly TaskChangeItem[]) {
  const keys = items.map(({ accountKey }) => accountKey);
  const links = keys.length === 0 ? new Map() : await outbox.links(connection, 'account', keys);
  return new Map([...links].map(([key, { crmId }]) => [key, String(crmId)]));
}

function stepsOf(to: string, before: readonly TaskAct[], team: Team): readonly OwnerStep[] {
  if (to === MANAGER) {
    const { person } = before.filter(({ owner }) => owner).at(-1)?.owner ?? {};
    const manager = person === undefined ? null : managerOf(team, person);
    return manager === null ? [] : [{ kind: 'people', names: [manager], why: `manager of ${person}` }];
  }
  return to === NEXT_OWNER
    ? (before.filter(({ owners }) => (owners ?? []).length > 0).at(-1)?.owners ?? [])
    : [{ kind: 'people', names: [to], why: 'nobody got in touch in time' }];
}

function hadIt(before: readonly TaskAct[]): string[] {
  return before.flatMap(({ owner }) => owner?.id ?? []);
}

/** Who has a record in the CRM, as far as we gave it to anybody; null: nobody. */
export function ownerOfRecord(crmId: string, before: readonly TaskAct[]): string | null {
  const given = before.filter(
    ({ kind, owner, crmId: record }) => owner && (kind !== 'task' || record === crmId),
  );
  return given.at(-1)?.owner?.id ?? null;
}
