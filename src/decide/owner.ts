import { createHash } from 'node:crypto';

/** One step of the owner chain as it holds for one account: rules are resolved, e-mails are not. */
export type OwnerStep =
  | { kind: 'account_owner' }
  /** Any of them, by e-mail; `why` says which rule named them. */
  | { kind: 'people'; names: readonly string[]; why: string }
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
}

/** `must`: the chain ends in a fallback, so a task without an owner is not what was asked for. */
export type OwnerChoice = { found: true; owner: ChosenOwner } | { found: false; why: string; must: boolean };

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
}

/** The chain as one reads it before anybody has asked the CRM who of them can take the task. */
export function ownersInWords(steps: readonly OwnerStep[]): string {
  return steps.length === 0 ? 'nobody' : steps.map(stepInWords).join(', else ');
}

function stepInWords(step: OwnerStep): string {
  switch (step.kind) {
    case 'account_owner':
      return 'the owner of the account';
    case 'people':
      return `${step.names.length === 1 ? '' : 'one of '}${step.names.join(', ')} (${step.why})`;
    default:
      return `${step.name} (fallback)`;
  }
}

/** The first of the chain who can take the task. Whoever was passed over is named in the reason. */
export function chooseOwner(question: OwnerQuestion): OwnerChoice {
  const passed: string[] = [];
  for (const step of question.steps) {
    const chosen = ofStep(step, question, passed);
    if (chosen !== null) {
      const why = [chosen.why, ...passed].join('; ');
      return { found: true, owner: { ...chosen, why } };
    }
  }
  const why = passed.length === 0 ? 'the chain names nobody' : passed.join('; ');
  return { found: false, why, must: question.steps.some(({ kind }) => kind === 'fallback') };
}

function ofStep(step: OwnerStep, question: OwnerQuestion, passed: string[]): ChosenOwner | null {
  switch (step.kind) {
    case 'account_owner':
      return accountOwner(question, passed);
    case 'people':
      return ofPool(step.names, step.why, question, passed);
    default:
      return ofPool([step.name], 'fallback', question, passed);
  }
}

function accountOwner(question: OwnerQuestion, passed: string[]): ChosenOwner | null {
  const { accountOwner: id, directory, refused } = question;
  const why = 'owner of the account';
  if (id === null) {
    passed.push('the account has no owner');
    return null;
  }
  if (directory === null) {
    return refused.has(id) ? skip(passed, `the CRM refuses the ${why}`) : { id, name: id, why };
  }
  const owner = directory.find((one) => one.id === id);
  if (owner?.ourselves) {
    return skip(passed, 'the account belongs to the integration user');
  }
  return owner !== undefined && usable(owner, refused)
    ? { id, name: owner.label, why }
    : skip(passed, `the ${why}${owner === undefined ? '' : `, ${owner.label},`} is inactive`);
}

function ofPool(
  names: readonly string[],
  why: string,
  { directory, account, refused }: OwnerQuestion,
  passed: string[],
): ChosenOwner | null {
  if (directory === null) {
    return skip(passed, 'the owners of the CRM cannot be read');
  }
  const found = names.map((name) => ({ name, owner: named(directory, name, refused) }));
  const able = found.flatMap(({ owner }) => (owner !== null && usable(owner, refused) ? [owner] : []));
  const away = found.flatMap(({ name, owner }) => (owner !== null && usable(owner, refused) ? [] : [name]));
  if (away.length > 0) {
    passed.push(`${away.join(', ')} inactive or unknown`);
  }
  const [first] = able.sort((a, b) => weight(account, b) - weight(account, a) || (a.id < b.id ? -1 : 1));
  return first === undefined ? null : { id: first.id, name: first.label, why };
}

/** Several users may share an e-mail: one who can take the task comes first. */
function named(directory: readonly Owner[], name: string, refused: ReadonlySet<string>): Owner | null {
  const same = directory.filter(({ names }) => names.includes(name.toLowerCase()));
  return same.find((owner) => usable(owner, refused)) ?? same[0] ?? null;
}

function usable({ active, id }: Owner, refused: ReadonlySet<string>): boolean {
  return active && !refused.has(id);
}

/**
 * Rendezvous hashing: who is highest for an account stays so whoever else joins or leaves, so that only the accounts
 * of somebody who left move.
 */
function weight(account: string, { names, id }: Owner): number {
  const text = JSON.stringify([account, names[0] ?? id]);
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}

function skip(passed: string[], why: string): null {
  passed.push(why);
  return null;
}
