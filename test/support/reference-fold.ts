import { type AccountRules, companyOfSite } from '../../src/accounts/account-rules.ts';
import { mergeParts } from '../../src/accounts/fold.ts';
import { type AliasEdge, type Link, linksOf, personOf, type Ref } from '../../src/accounts/identity.ts';
import { isAccount } from '../../src/accounts/memberships.ts';
import { type FoldRules, type PersonRecord, rebuildPerson } from '../../src/accounts/person.ts';
import type { Part } from '../../src/accounts/state.ts';
import { mergeTraits, type Traits, traitValue } from '../../src/accounts/traits.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { domainOf, fallbackOf, placeParts } from '../../src/store/fold/placing.ts';

/** account key -> person ref -> part, as stable JSON: the state of a set of events, folded in one go. */
export type States = Record<string, Record<Ref, string>>;

/** Which account an operator merged into which. */
export type Merges = ReadonlyMap<string, string>;

/** The whole set at once, with no increments: what every order of arrival must lead to (I3). */
export function referenceStates(
  rules: FoldRules,
  events: readonly ProductEvent[],
  merges: Merges = new Map(),
): States {
  const edges: AliasEdge[] = events.flatMap(({ kind, previousId, userId }) =>
    kind === 'alias' && previousId !== null && userId !== null && previousId !== userId
      ? [{ previous: previousId, user: userId }]
      : [],
  );
  const links = new Map<string, Link[]>();
  const linksFor = (id: string) => links.get(id) ?? links.set(id, linksOf(id, events)).get(id) ?? [];
  const byPerson = new Map<Ref, ProductEvent[]>();
  for (const one of events) {
    const ref = personOf(one, edges, linksFor);
    if (ref !== null) {
      byPerson.set(ref, [...(byPerson.get(ref) ?? []), one]);
    }
  }
  const records = [...byPerson].map(([ref, own]) => rebuildPerson(rules, ref, own));
  return place(rules, records, merges);
}

interface Claim {
  domain: string;
  account: string;
}

/** An account has the work-mail domains of its members. */
function mailClaims(rules: AccountRules, records: readonly PersonRecord[]): Claim[] {
  return records.flatMap((record) => {
    const domain = domainOf(record, rules);
    const accounts = [...record.parts.keys()].filter(isAccount);
    const isMember = (account: string) => !(record.facts.left ?? []).includes(account);
    return domain === null ? [] : accounts.filter(isMember).map((account) => ({ domain, account }));
  });
}

/** An account has the domain of its web site: the one trait in force, whoever's events declared it. */
function siteClaims(rules: AccountRules, records: readonly PersonRecord[]): Claim[] {
  const traits = new Map<string, Traits>();
  for (const [account, part] of records.flatMap(({ parts }) => [...parts])) {
    const known = traits.get(account) ?? {};
    mergeTraits(known, part.accountTraits);
    traits.set(account, known);
  }
  return [...traits]
    .filter(([account]) => isAccount(account))
    .flatMap(([account, { website, domain }]) =>
      [website, domain].flatMap((slot) => {
        const site = traitValue(slot);
        const named = typeof site === 'string' ? companyOfSite(rules, site) : null;
        return named === null ? [] : [{ domain: named, account }];
      }),
    );
}

function place({ rules }: FoldRules, records: PersonRecord[], merges: Merges): States {
  const root = (key: string): string => {
    const into = merges.get(key);
    return into === undefined ? key : root(into);
  };
  const groups = new Map<string, Set<string>>();
  for (const { domain, account } of [...mailClaims(rules, records), ...siteClaims(rules, records)]) {
    groups.set(domain, (groups.get(domain) ?? new Set()).add(root(account)));
  }
  const owners = new Map<string, string | null>();
  for (const record of records) {
    const domain = domainOf(record, rules);
    const having = domain === null ? undefined : groups.get(domain);
    const [only] = having ?? [];
    if (domain !== null && having?.size === 1 && only !== undefined) {
      owners.set(domain, only);
    }
  }
  const parts: Record<string, Record<Ref, Part>> = {};
  for (const record of records) {
    for (const { key, ref, part } of placeParts(record, fallbackOf(record, owners, rules), root)) {
      const there = parts[key]?.[ref];
      parts[key] = { ...parts[key], [ref]: there === undefined ? part : mergeParts(there, part) };
    }
  }
  const asText = (people: Record<Ref, Part>) =>
    Object.fromEntries(Object.entries(people).map(([ref, part]) => [ref, stableJson(part)]));
  return Object.fromEntries(Object.entries(parts).map(([key, people]) => [key, asText(people)]));
}
