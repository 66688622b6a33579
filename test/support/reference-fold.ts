import type { DomainList } from '../../src/accounts/domains.ts';
import { type AliasEdge, type Link, linksOf, personOf, type Ref } from '../../src/accounts/identity.ts';
import { type PersonRecord, rebuildPerson } from '../../src/accounts/person.ts';
import type { SignalPlan } from '../../src/accounts/signal-plan.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { domainOf, evidenceOf, fallbackOf, placeParts } from '../../src/store/fold/placing.ts';

/** account key -> person ref -> part, as stable JSON: the state of a set of events, folded in one go. */
export type States = Record<string, Record<Ref, string>>;

/** The whole set at once, with no increments: what every order of arrival must lead to (I3). */
export function referenceStates(plan: SignalPlan, list: DomainList, events: readonly ProductEvent[]): States {
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
  const records = [...byPerson].map(([ref, own]) => rebuildPerson(plan, ref, own));
  return place(records, list);
}

function place(records: PersonRecord[], list: DomainList): States {
  const groups = new Map<string, Set<string>>();
  for (const { domain, account } of records.flatMap((record) => evidenceOf(record, list))) {
    groups.set(domain, (groups.get(domain) ?? new Set()).add(account));
  }
  const owners = new Map<string, string | null>();
  for (const record of records) {
    const domain = domainOf(record, list);
    const having = domain === null ? undefined : groups.get(domain);
    const [only] = having ?? [];
    if (domain !== null && having?.size === 1 && only !== undefined) {
      owners.set(domain, only);
    }
  }
  const states: States = {};
  for (const record of records) {
    for (const { key, ref, part } of placeParts(record, fallbackOf(record, owners, list))) {
      states[key] = { ...states[key], [ref]: stableJson(part) };
    }
  }
  return states;
}
