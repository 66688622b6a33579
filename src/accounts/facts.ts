import type { Json } from '../shared/json.ts';
import { booleanOf, comparable, numberOf, textOf } from './coerce.ts';
import type { CompanyKinds } from './company-kind.ts';
import { asciiHost, registrableDomain } from './domains.ts';
import { type CompanyKind, DOMAIN_KINDS, type FactSource } from './facts-config.ts';
import type { AccountState } from './state.ts';
import { contains, type Phrase, type Seniority, seniorityOf, wordsOf } from './titles.ts';
import { traitValue, traitValues } from './traits.ts';
import { accountTraits } from './views.ts';

/** Facts by name. A fact that nobody knows is absent: never zero, never false, never an empty text. */
export type Facts = Record<string, Json>;

/** Where a fact comes from; `computed` is made from others. */
export type Origin = FactSource | 'computed';

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

/** `mappings/facts.yaml`, ready for use. */
export interface FactRules {
  hash: string;
  titleTraits: readonly string[];
  seniority: readonly { is: Seniority; phrases: readonly Phrase[] }[];
  buyers: readonly { seniority: readonly Seniority[]; phrases: readonly Phrase[] | null }[];
  kinds: CompanyKinds;
  /** List name -> domains. */
  lists: ReadonlyMap<string, ReadonlySet<string>>;
  customer: {
    trait: string;
    started: string;
    cancelled: string;
    plan: string;
    freePlans: ReadonlySet<string>;
  };
  acv: { from: string; bands: readonly { from: number; is: number }[] } | null;
  prefer: readonly FactSource[];
  preferFor: ReadonlyMap<string, readonly FactSource[]>;
}

interface Read {
  facts: Facts;
  origins: Record<string, Origin>;
}

type Rules = FactRules & { sites: SiteReader };

/** A host, or a web site, as far as facts go. */
interface Site {
  /** As registered: mail.acme.co.uk is acme.co.uk. */
  domain: string | null;
  kind: CompanyKind;
  /** Whether its mail names a company. */
  work: boolean;
}
type SiteReader = (text: string) => Site | null;

export function factReader(given: FactRules): FactReader {
  const rules = { ...given, sites: siteReader(given) };
  const known = new WeakMap<AccountState, Read>();
  const readOnce = (state: AccountState): Read => {
    const before = known.get(state);
    if (before !== undefined) {
      return before;
    }
    const read = readAccount(state, rules);
    known.set(state, read);
    return read;
  };
  const titles = remembering((title: string) => titleFacts(title, rules));
  return {
    hash: rules.hash,
    account: (state) => readOnce(state).facts,
    origins: (state) => readOnce(state).origins,
    domainOf: (state) => domainOf(rules.sites, saidOf(state), mailSites(state, rules.sites)),
    person: (traits) => {
      const title = rules.titleTraits.map((name) => textOf(traits[name])).find((text) => text !== null);
      const site = mailSite(traits.email, rules.sites);
      return {
        ...(title === undefined || title === null ? {} : titles(title)),
        ...withoutBlanks(traits),
        ...(site === null ? {} : { email_kind: site.kind }),
      };
    },
  };
}

/** People share few titles and mail hosts. */
const REMEMBERED = 10_000;

function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) {
      return before;
    }
    if (known.size >= REMEMBERED) {
      known.clear();
    }
    const value = compute(text);
    known.set(text, value);
    return value;
  };
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

function siteReader({ kinds }: FactRules): SiteReader {
  return remembering((text) => {
    const host = asciiHost(text);
    return host === null
      ? null
      : {
          domain: registrableDomain(host),
          kind: kinds.kindOf(host),
          work: kinds.domainList.kind(host) === 'work',
        };
  });
}

function readAccount(state: AccountState, rules: Rules): Read {
  const said = saidOf(state);
  const read = preferred(said, state.facts ?? {}, rules);
  const computed = computedFacts(state, rules, read.facts, said);
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

function computedFacts(state: AccountState, rules: Rules, facts: Facts, said: Facts): Facts {
  const mail = mailSites(state, rules.sites);
  const domain = domainOf(rules.sites, said, mail) ?? siteOf(facts, rules.sites);
  const kind = domain === null ? kindOfMost(mail) : (rules.sites(domain)?.kind ?? null);
  const acv = Object.hasOwn(facts, 'acv_potential') ? null : estimate(rules.acv, facts);
  return {
    ...(domain === null ? {} : { domain, target_lists: listsWith(domain, rules) }),
    ...(kind === null ? {} : { domain_kind: kind }),
    ...customerFacts(state, rules, facts),
    ...(acv === null ? {} : { acv_potential: acv }),
  };
}

/** Its `domain` or `website`, else the one work-mail domain that its people have. */
function domainOf(sites: SiteReader, said: Facts, mail: readonly Site[]): string | null {
  const declared = siteOf(said, sites);
  if (declared !== null) {
    return declared;
  }
  const domains = new Set(mail.flatMap(({ domain, work }) => (work && domain !== null ? [domain] : [])));
  const [only] = domains;
  return only !== undefined && domains.size === 1 ? only : null;
}

function siteOf({ domain, website }: Facts, sites: SiteReader): string | null {
  const read = (site: Json | undefined) => sites(textOf(site) ?? '')?.domain ?? null;
  return read(domain) ?? read(website);
}

function mailSites(state: AccountState, sites: SiteReader): Site[] {
  return state.parts.flatMap(({ person, traits }) => {
    const site = person === null ? null : mailSite(traitValue(traits.email), sites);
    return site === null ? [] : [site];
  });
}

function mailSite(email: Json | undefined, sites: SiteReader): Site | null {
  const text = textOf(email) ?? '';
  const at = text.lastIndexOf('@');
  return at < 1 ? null : sites(text.slice(at + 1));
}

/** Without a domain of its own an account is of the kind that most of its people's addresses are; of a tie, `work` first. */
function kindOfMost(mail: readonly Site[]): CompanyKind | null {
  const counts = new Map<CompanyKind, number>();
  for (const { kind } of mail) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const order = ['work', ...DOMAIN_KINDS] as const;
  return order.find((kind) => counts.get(kind) === most) ?? null;
}

function listsWith(domain: string, { lists }: FactRules): string[] {
  return [...lists].filter(([, domains]) => domains.has(domain)).map(([name]) => name);
}

/** The first of trait, signals and plan that knows decides (S4-160). Time plays no part: what is folded has happened. */
function customerFacts(state: AccountState, { customer }: FactRules, facts: Facts): Facts {
  const cancelled = lastOf(state, customer.cancelled);
  const started = lastOf(state, customer.started);
  const bySignals = started === null && cancelled === null ? null : (started ?? 0) > (cancelled ?? 0);
  const plan = comparable(facts[customer.plan]);
  const byPlan = plan === null ? null : !customer.freePlans.has(plan);
  const is = booleanOf(facts[customer.trait]) ?? bySignals ?? byPlan;
  return {
    ...(is === null ? {} : { customer: is }),
    ...(cancelled === null ? {} : { churned_at: new Date(cancelled).toISOString() }),
  };
}

function lastOf(state: AccountState, signal: string): number | null {
  return state.parts.reduce<number | null>((latest, { signals }) => {
    const last = signals[signal]?.last;
    return last === undefined || (latest !== null && latest >= last) ? latest : last;
  }, null);
}

function estimate(acv: FactRules['acv'], facts: Facts): number | null {
  const size = acv === null ? null : numberOf(facts[acv.from]);
  return size === null ? null : (acv?.bands.findLast(({ from }) => size >= from)?.is ?? null);
}
