import type { Change, Fact } from './fact.ts';

/** A fact with whose it is. `person` is null for what is said of an account alone. */
export interface Attributed {
  fact: Fact;
  person: string | null;
  account: string;
}

/** The free mail that the demo and the oracle's tests use. */
const FREE_MAIL = ['gmail.com', 'outlook.com', 'yahoo.com'];

/** Whose each fact is (decisions 8 and 9). */
export function attribute(facts: readonly Fact[]): Attributed[] {
  const sorted = [...facts].sort(byTime);
  const owned = sorted.map((fact) => ({ fact, person: personOf(fact, sorted) }));
  const named = owned.map(({ fact, person }) => ({
    fact,
    person,
    account: namedAccount(fact, person, owned),
  }));
  return named.map(({ fact, person, account }) => ({
    fact,
    person,
    account: account ?? unnamedAccount(person, named),
  }));
}

interface Owned {
  fact: Fact;
  person: string | null;
}
interface Named extends Owned {
  account: string | null;
}

/**
 * An anonymous fact is of the first user identified on the device at or after it, else of the last before.
 */
function personOf(fact: Fact, sorted: readonly Fact[]): string | null {
  if (fact.user !== null || fact.device === null) {
    return fact.user;
  }
  const sightings = sorted.filter(({ user, device }) => user !== null && device === fact.device);
  const after = sightings.find(({ at }) => at >= fact.at);
  return (after ?? sightings.at(-1))?.user ?? fact.device;
}

/**
 * The account it names, else the one its person had declared most recently at that time, else the first
 * after it.
 */
function namedAccount(fact: Fact, person: string | null, owned: readonly Owned[]): string | null {
  if (fact.account !== null || person === null) {
    return fact.account;
  }
  const declared = owned.filter((other) => other.person === person && other.fact.account !== null);
  const before = declared.filter((other) => other.fact.at <= fact.at);
  return (before.at(-1) ?? declared[0])?.fact.account ?? null;
}

/**
 * No account was ever named: the one group that has the mail domain, else the domain itself, else a
 * personal account.
 */
function unnamedAccount(person: string | null, named: readonly Named[]): string {
  const domain = workDomain(person, named);
  if (domain === null) {
    return `person:${person}`;
  }
  const groups = new Set(
    named
      .filter((other) => other.account !== null && hasDomain(other, domain, named))
      .map(({ account }) => account),
  );
  const [only] = groups;
  return groups.size === 1 && only ? only : domain;
}

/** A member's work mail, or the account's own site. */
function hasDomain({ account, person }: Named, domain: string, named: readonly Named[]): boolean {
  const said = named.filter((other) => other.account === account).map(({ fact }) => fact);
  const sites = ['website', 'domain'].map((trait) => siteDomain(latest(said, 'aboutAccount', trait)));
  return workDomain(person, named) === domain || sites.includes(domain);
}

function workDomain(person: string | null, owned: readonly Owned[]): string | null {
  const own = owned.filter((other) => person !== null && other.person === person).map(({ fact }) => fact);
  const email = latest(own, 'aboutPerson', 'email');
  const domain = typeof email === 'string' ? (email.toLowerCase().split('@')[1] ?? null) : null;
  return domain === null || FREE_MAIL.includes(domain) ? null : domain;
}

function siteDomain(site: unknown): string | null {
  return typeof site === 'string'
    ? site
        .replace(/^https?:\/\//, '')
        .replace(/^www\./, '')
        .replace(/\/.*$/, '')
    : null;
}

/**
 * The value in force (decision 7): declared beats snapshot, then the later, then the greater id; set-once
 * only while nothing was set.
 */
export function latest(
  facts: readonly Fact[],
  about: 'aboutPerson' | 'aboutAccount',
  trait: string,
): unknown {
  const said = [...facts]
    .sort((a, b) => Number(a.declared) - Number(b.declared) || byTime(a, b))
    .flatMap((fact) => fact[about].filter((change) => change.trait === trait));
  const set = said.filter(({ op }) => op !== 'once').at(-1);
  if (set !== undefined) {
    return set.op === 'unset' ? null : set.value;
  }
  return earliestOnce(facts, about, trait)?.value ?? null;
}

function earliestOnce(
  facts: readonly Fact[],
  about: 'aboutPerson' | 'aboutAccount',
  trait: string,
): Change | undefined {
  return [...facts]
    .sort(byTime)
    .flatMap((fact) => fact[about].filter((change) => change.trait === trait && change.op === 'once'))[0];
}

export function byTime(a: Fact, b: Fact): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
