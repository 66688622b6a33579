import type { Loads } from './handoff/pick.ts';
import { absenceAt, type Team } from './handoff/team.ts';

/** One step of the owner chain as it holds for one account: rules are resolved, e-mails are not. */
export type OwnerStep =
  | { kind: 'account_owner' }
  /** Any of them, by e-mail; `why` says which rule named them. */
  | { kind: 'people'; names: readonly string[]; why: string }
  /** A pool of handoff.yaml, by its name; `why` is '' where no rule named it. */
  | { kind: 'pool'; pool: string; why: string }
  /** An e-mail, or the name of a queue. */
  | { kind: 'fallback'; name: string };

/** Somebody, or a queue, to whom the CRM can give a task. */
export interface Owner {
  id: string;
  /** Names under which a mapping may mean it, lower case: e-mail, name of a queue. */
  names: readonly string[];
  /** Shown: e-mail, else name. */
  label: string;
  active: boolean;
  /** The user that we write as: it owns what we made, and nobody reads its tasks. */
  ourselves?: true;
}

/** Who gets a task, and why. Kept with the act. */
export interface ChosenOwner {
  id: string;
  name: string;
  why: string;
  /** E-mail, the same in every CRM; absent: a queue, or nobody knows it. */
  person?: string;
  /** The pool that they have the account from; absent: none. */
  pool?: string;
}

/** Who has an account from a pool. */
export interface Held {
  person: string;
  /** ISO date. */
  since: string;
  /** How they were chosen. */
  why: string;
}

export interface OwnerQuestion {
  steps: readonly OwnerStep[];
  /** Account key: the same account always gets the same person of a pool. */
  account: string;
  /** The owner of the CRM's company or Account; null: it has none. */
  accountOwner: string | null;
  /** null: the CRM does not let us read its owners, and only `accountOwner` can be believed. */
  directory: readonly Owner[] | null;
  /** Ids that the CRM has refused for this task. */
  refused: ReadonlySet<string>;
  team: Team;
  /** Business time, ms: who is out, and whose week it is. */
  now: number;
  /** By pool: who has this account. */
  held: ReadonlyMap<string, Held>;
  loads: Loads;
  /** E-mails whom another CRM was last seen to lack: of several they come last, so that both CRMs name one person. */
  elsewhere: ReadonlySet<string>;
}

/** What a step comes to: who was passed over, and who was chosen. */
export interface StepChoice {
  passed: string[];
  chosen: ChosenOwner | null;
}

/** Several users may share an e-mail: one who can take the task comes first. */
export function named(directory: readonly Owner[], name: string, refused: ReadonlySet<string>): Owner | null {
  const same = directory.filter(({ names }) => names.includes(name.toLowerCase()));
  return same.find((owner) => usable(owner, refused)) ?? same[0] ?? null;
}

export const UNABLE = 'inactive or unknown';

/** Why somebody cannot take a task, whatever else they have to do; null: they can. */
export function obstacleTo(
  owner: Owner | null,
  { refused, team, now }: Pick<OwnerQuestion, 'refused' | 'team' | 'now'>,
): string | null {
  if (owner === null || !usable(owner, refused)) {
    return UNABLE;
  }
  const person = team.people.get(emailOf(owner, team) ?? '');
  const absence = person === undefined ? null : absenceAt(person, now);
  return absence === null ? null : `out until ${absence.to}`;
}

/** `ann@, bo@ inactive or unknown`, `cy@ out until 2026-08-15`: a line for each reason. */
export function inWords(people: readonly (readonly [string, string | null])[]): string[] {
  const reasons = Map.groupBy(
    people.filter(([, obstacle]) => obstacle !== null),
    ([, obstacle]) => obstacle,
  );
  return [...reasons].map(([reason, of]) => `${of.map(([name]) => name).join(', ')} ${reason}`);
}

/** The name that handoff.yaml knows, else the first address: a CRM may have a user name beside it. */
export function emailOf({ names }: Pick<Owner, 'names'>, { people }: Team): string | null {
  return names.find((name) => people.has(name)) ?? names.find((name) => name.includes('@')) ?? null;
}

function usable({ active, id }: Owner, refused: ReadonlySet<string>): boolean {
  return active && !refused.has(id);
}
