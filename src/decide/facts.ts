import { textOf } from '../accounts/coerce.ts';
import type { MailRules } from '../accounts/domains.ts';
import type { AccountState } from '../accounts/state.ts';
import { accountDomain, accountTraits, type PersonView, people } from '../accounts/views.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Json } from '../shared/json.ts';
import { topReasons } from './reasons.ts';

/** Everything that fields and texts may say about one account. */
export interface AccountFacts {
  key: string;
  name: string;
  domain: string | null;
  link: string;
  traits: Record<string, Json>;
  /** People in a fixed order; those with an e-mail can stand in a CRM. */
  people: PersonView[];
  score: { value: number; tier: string; reasons: string; at: string };
}

/** `scoredAt`: when score, tier or reasons last changed, ISO 8601 (decision 16). `linkBase`: where the account can be looked at. */
export function factsOf(
  state: AccountState,
  evaluation: Evaluation,
  scoredAt: string,
  linkBase: string,
  mail: MailRules,
): AccountFacts {
  const traits = accountTraits(state);
  const domain = accountDomain(state, mail);
  return {
    key: state.key,
    name: textOf(traits.name) ?? domain ?? state.key,
    domain,
    link: `${linkBase}/accounts/${encodeURIComponent(state.key)}`,
    traits,
    people: people(state),
    score: {
      value: evaluation.value,
      tier: evaluation.tier,
      reasons: topReasons(evaluation),
      at: scoredAt,
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
        : ((facts[key as 'key' | 'name' | 'domain' | 'link'] as Json) ?? null);
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
      return person.firstName ?? person.name?.split(' ')[0] ?? null;
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
