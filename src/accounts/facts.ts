import type { Json } from '../shared/json.ts';
import { booleanOf, textOf } from './coerce.ts';
import type { FactRules, Facts, Origin } from './fact-rules.ts';
import { computedFacts } from './facts-computed.ts';
import type { FactSource } from './facts-config.ts';
import { remembering } from './remembering.ts';
import { domainOf, mailSite, mailSites, type SiteReader, siteReader } from './sites.ts';
import type { AccountState } from './state.ts';
import { contains, seniorityOf, wordsOf } from './titles.ts';
import { traitValues } from './traits.ts';
import { accountTraits } from './views.ts';

export type { FactRules, Facts, Origin } from './fact-rules.ts';

/** What is known of an account and of a person, beside their behaviour. Pure: equal states give equal facts. */
export interface FactReader {
  /** Changes exactly when the same state may give other facts: part of a model's version. */
  hash: string;
  /** Kept per state object: a state that is changed in place afterwards is not read again. */
  account(state: AccountState): Facts;
  /** The account's facts with where each comes from. */
  origins(state: AccountState): Record<string, Origin>;
  /** A person's traits in force, with what their title and address say. */
  person(traits: Facts): Facts;
  /** The account's registered domain, by its traits from events or its people's mail; null: unknown. */
  domainOf(state: AccountState): string | null;
}

interface Read {
  facts: Facts;
  origins: Record<string, Origin>;
}

export function factReader(rules: FactRules): FactReader {
  const sites = siteReader(rules.kinds);
  const known = new WeakMap<AccountState, Read>();
  const readOnce = (state: AccountState): Read => {
    const before = known.get(state);
    if (before !== undefined) {
      return before;
    }
    const read = readAccount(state, rules, sites);
    known.set(state, read);
    return read;
  };
  const titles = remembering((title: string) => titleFacts(title, rules));
  return {
    hash: rules.hash,
    account: (state) => readOnce(state).facts,
    origins: (state) => readOnce(state).origins,
    domainOf: (state) => domainOf(sites, saidOf(state), mailSites(state, sites)),
    person: (traits) => {
      const title = rules.titleTraits.map((name) => textOf(traits[name])).find((text) => text !== null);
      const site = mailSite(traits.email, sites);
      return {
        ...(title === undefined || title === null ? {} : titles(title)),
        ...withoutBlanks(traits),
        ...(site === null ? {} : { email_kind: site.kind }),
        ...unsubscribedFact(traits, rules),
      };
    },
  };
}

/** One word that they want no e-mail is enough; what nobody said is unknown. */
function unsubscribedFact(traits: Facts, { unsubscribed }: FactRules): Facts {
  const said = unsubscribed.map((name) => booleanOf(traits[name])).filter((value) => value !== null);
  return said.length === 0 ? {} : { unsubscribed: said.includes(true) };
}

function titleFacts(title: string, { seniority, buyers }: FactRules): Facts {
  const words = wordsOf(title);
  const rank = seniorityOf(words, seniority);
  if (rank === null) {
    return {};
  }
  const buys = buyers.some(
    (buyer) =>
      buyer.seniority.includes(rank) &&
      (buyer.phrases === null || buyer.phrases.some((phrase) => contains(words, phrase))),
  );
  return { seniority: rank, economic_buyer: buys };
}

function readAccount(state: AccountState, rules: FactRules, sites: SiteReader): Read {
  const said = saidOf(state);
  const read = preferred(said, state.facts ?? {}, rules);
  const computed = computedFacts(state, rules, sites, read.facts, said);
  for (const [name, value] of Object.entries(computed)) {
    read.facts[name] = value;
    read.origins[name] = 'computed';
  }
  return read;
}

/** What events said. Mostly one person said it all: then there is nothing to merge. */
function saidOf(state: AccountState): Facts {
  const speaking = state.parts.filter(({ accountTraits: traits }) => Object.keys(traits).length > 0);
  const [only] = speaking;
  return only !== undefined && speaking.length === 1 ? traitValues(only.accountTraits) : accountTraits(state);
}

/** Of what the sources say, per trait the word of the most preferred one that knows it. */
function preferred(
  events: Facts,
  others: NonNullable<AccountState['facts']>,
  { prefer, preferFor }: FactRules,
): Pick<Read, 'facts' | 'origins'> {
  const bySource: Record<FactSource, Facts> = { events, crm: others.crm ?? {}, csv: others.csv ?? {} };
  const facts: Facts = {};
  const origins: Record<string, Origin> = {};
  const take = (source: FactSource, name: string, value: Json) => {
    if (!isBlank(value) && (preferFor.get(name) ?? prefer).includes(source)) {
      facts[name] = value;
      origins[name] = source;
    }
  };
  // The least preferred first: whoever comes later overwrites.
  for (const source of prefer.toReversed()) {
    for (const [name, value] of Object.entries(bySource[source])) {
      take(source, name, value);
    }
  }
  for (const [name, order] of preferFor) {
    for (const source of order.toReversed()) {
      if (Object.hasOwn(bySource[source], name)) {
        take(source, name, bySource[source][name] ?? null);
      }
    }
  }
  return { facts, origins };
}

function isBlank(value: Json): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

function withoutBlanks(traits: Facts): Facts {
  return Object.fromEntries(Object.entries(traits).filter(([, value]) => !isBlank(value)));
}
