import type { Json } from '../shared/json.ts';
import { textOf } from './coerce.ts';
import { type MailRules, registrableDomain, workDomain } from './domains.ts';
import { idOf } from './identity.ts';
import { ACTIVITY, type AccountState, type PersonPart, type SignalTally } from './state.ts';
import { mergeTraits, type Traits, traitValues } from './traits.ts';

export { traitValue } from './traits.ts';

/** One person of an account, as rules and CRM fields see them. */
export interface PersonView {
  /** Person key, e.g. `u-42`: the user id, or the anonymous id. */
  id: string;
  ref: string;
  email: string | null;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  title: string | null;
  department: string | null;
  role: string | null;
  traits: Record<string, Json>;
  /** Newest activity within this account; null: never active. */
  lastActive: number | null;
  signals: Record<string, SignalTally>;
}

/** People of the account in a fixed order. The remainder (events without a person) is no person. */
export function people(state: AccountState): PersonView[] {
  return state.parts
    .filter((part): part is PersonPart & { person: string } => part.person !== null)
    .map((part) => personView(part.person, part))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function personView(ref: string, part: PersonPart): PersonView {
  const traits = traitValues(part.traits);
  const first = textOf(traits.first_name);
  const last = textOf(traits.last_name);
  const both = [first, last].filter((name) => name !== null).join(' ');
  const email = textOf(traits.email)?.toLowerCase() ?? null;
  return {
    id: idOf(ref),
    ref,
    email: email !== null && /^[^\s@]+@[^\s@]+$/.test(email) ? email : null,
    name: textOf(traits.name) ?? (both === '' ? null : both),
    firstName: first,
    lastName: last,
    title: textOf(traits.title),
    department: textOf(traits.department),
    role: textOf(traits.role),
    traits,
    lastActive: part.signals[ACTIVITY]?.last ?? null,
    signals: part.signals,
  };
}

/** What to call somebody in a letter; null: not known. */
export function firstNameOf({ firstName, name }: Pick<PersonView, 'firstName' | 'name'>): string | null {
  return firstName ?? name?.split(' ')[0] ?? null;
}

/** The account's traits in force over all of its parts: the winner of each trait, whoever's events said it. */
export function accountTraits(state: AccountState): Record<string, Json> {
  const speaking = state.parts.filter(({ accountTraits: said }) => Object.keys(said).length > 0);
  const [only] = speaking;
  if (only !== undefined && speaking.length === 1) {
    return traitValues(only.accountTraits);
  }
  const traits: Traits = {};
  for (const part of speaking) {
    mergeTraits(traits, part.accountTraits);
  }
  return traitValues(traits);
}

/**
 * The account's own domain: its `domain` or `website` trait, else the one work-mail domain that its people have.
 * Without rules nobody can tell work mail from free mail, and only the traits count.
 */
export function accountDomain(state: AccountState, rules: MailRules | null = null): string | null {
  const traits = accountTraits(state);
  const declared = [traits.domain, traits.website]
    .map((site) => registrableDomain(textOf(site) ?? ''))
    .find((domain) => domain !== null);
  if (declared !== undefined) {
    return declared;
  }
  const mail = people(state).map(({ email }) =>
    email === null || rules === null ? null : workDomain(email, rules),
  );
  const [only, ...others] = new Set(mail.filter((domain) => domain !== null));
  return only !== undefined && others.length === 0 ? only : null;
}
