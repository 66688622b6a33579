import { textOf } from '../accounts/coerce.ts';
import type { MailRules } from '../accounts/domains.ts';
import type { AccountState } from '../accounts/state.ts';
import { accountDomain, firstNameOf, type PersonView, people } from '../accounts/views.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Json } from '../shared/json.ts';
import { topReasons } from './reasons.ts';

/** Everything that fields and texts may say about one account. */
export interface AccountFacts {
  key: string;
  name: string;
  domain: string | null;
  link: string;
  /** It is of the share that nobody contacts. */
  holdout: boolean;
  traits: Readonly<Record<string, Json>>;
  /** People in a fixed order; those with an e-mail can stand in a CRM. */
  people: PersonView[];
  /** Those of them who did not opt out of e-mail: nobody else joins a campaign, or is the person of a task. */
  reachable: PersonView[];
  score: {
    value: number;
    /** The tier that the account holds. */
    tier: string;
    reasons: string;
    at: string;
    raw: number;
    /** Flags and the segment as text; null: none. */
    flags: string | null;
    segment: string | null;
  };
}

interface Known {
  state: AccountState;
  /** What is known of the account: its traits, and what CRMs and CSV files say. */
  traits: Readonly<Record<string, Json>>;
  evaluation: Evaluation;
  /** The tier that the account holds. */
  tier: string;
  /** When score, tier or reasons last changed, ISO 8601 (decision 16). */
  scoredAt: string;
  /** Where the account can be looked at. */
  linkBase: string;
  mail: MailRules;
  holdout: boolean;
  /** Refs of people who opted out of e-mail. */
  unsubscribed: ReadonlySet<string>;
}

export function factsOf({
  state,
  traits,
  evaluation,
  tier,
  scoredAt,
  linkBase,
  mail,
  holdout,
  unsubscribed,
}: Known): AccountFacts {
  const everybody = people(state);
  const domain = accountDomain(state, mail);
  const { value, raw, flags = [], segment } = evaluation;
  return {
    key: state.key,
    name: textOf(traits.name) ?? domain ?? state.key,
    domain,
    link: `${linkBase}/accounts/${encodeURIComponent(state.key)}`,
    holdout,
    traits,
    people: everybody,
    reachable: everybody.filter(({ ref }) => !unsubscribed.has(ref)),
    score: {
      value,
      tier,
      reasons: topReasons(evaluation),
      at: scoredAt,
      raw,
      flags: flags.length === 0 ? null : flags.join(', '),
      segment: segment?.id ?? null,
    },
  };
}

/** The value of one fact; null: unknown. Mappings were checked, so every name is known here. */
export function factValue(facts: AccountFacts, person: PersonView | null, name: string): Json {
  const [subject = '', key = '', ...rest] = name.split('.');
  if (key === 'traits') {
    return (subject === 'account' ? facts.traits : (person?.traits ?? {}))[rest.join('.')] ?? null;
  }
  switch (subject) {
    case 'score':
      return facts.score[key as keyof AccountFacts['score']] ?? null;
    case 'account':
      return key === 'website'
        ? websiteOf(facts)
        : ((facts[key as 'key' | 'name' | 'domain' | 'link' | 'holdout'] as Json) ?? null);
    default:
      return person === null ? null : personFact(person, key);
  }
}

function websiteOf(facts: AccountFacts): Json {
  return textOf(facts.traits.website) ?? (facts.domain === null ? null : `https://${facts.domain}`);
}

function personFact(person: PersonView, key: string): Json {
  switch (key) {
    case 'id':
      return person.id;
    case 'email':
      return person.email;
    case 'name':
      return person.name;
    case 'first_name':
      return firstNameOf(person);
    case 'last_name':
      return lastName(person);
    case 'last_name_or_email':
      return lastName(person) ?? person.email;
    case 'title':
      return person.title;
    default:
      return person.department;
  }
}

function lastName(person: PersonView): string | null {
  const parts = person.name?.split(' ') ?? [];
  return person.lastName ?? (parts.length > 1 ? parts.slice(1).join(' ') : null);
}
