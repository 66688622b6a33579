import type { Json } from '../shared/json.ts';
import { textOf } from './coerce.ts';
import { emailDomain, registrableDomain } from './domains.ts';
import { idOf } from './identity.ts';
import { ACTIVITY, type AccountState, type PersonPart, type SignalTally, type TraitSlot } from './state.ts';

/** The value in force: the last one set, else the earliest `set_once`; null when unset or unknown. */
export function traitValue(slot: TraitSlot | undefined): Json {
  if (slot?.set !== undefined && slot.set.value !== null) {
    return slot.set.value;
  }
  return slot?.set === undefined ? (slot?.once?.value ?? null) : null;
}

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
  const traits = Object.fromEntries(
    Object.entries(part.traits)
      .map(([name, slot]) => [name, traitValue(slot)] as const)
      .filter(([, value]) => value !== null),
  );
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
    traits,
    lastActive: part.signals[ACTIVITY]?.last ?? null,
    signals: part.signals,
  };
}

/** The account's traits in force over all of its parts: the winner of each trait by its stamp. */
export function accountTraits(state: AccountState): Record<string, Json> {
  const slots: Record<string, TraitSlot> = {};
  for (const part of state.parts) {
    for (const [name, slot] of Object.entries(part.accountTraits)) {
      slots[name] = winner(slots[name], slot);
    }
  }
  return Object.fromEntries(
    Object.entries(slots)
      .map(([name, slot]) => [name, traitValue(slot)] as const)
      .filter(([, value]) => value !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function winner(a: TraitSlot | undefined, b: TraitSlot): TraitSlot {
  if (a === undefined) {
    return b;
  }
  const later = (x: TraitSlot['set'], y: TraitSlot['set']) =>
    x === undefined ? y : y === undefined ? x : stampKey(x.stamp) >= stampKey(y.stamp) ? x : y;
  const earlier = (x: TraitSlot['once'], y: TraitSlot['once']) =>
    x === undefined ? y : y === undefined ? x : stampKey(x.stamp) <= stampKey(y.stamp) ? x : y;
  const set = later(a.set, b.set);
  const once = earlier(a.once, b.once);
  return { ...(set === undefined ? {} : { set }), ...(once === undefined ? {} : { once }) };
}

/** Sorts as stamps do: declared, then time, then tie-break. */
function stampKey({ declared, at, tie }: { declared: boolean; at: number; tie: string }): string {
  return `${declared ? 1 : 0} ${String(at).padStart(16, '0')} ${tie}`;
}

/** The account's own domain: its website or domain trait, else the mail domain that all its people share. */
export function accountDomain(
  state: AccountState,
  isWork: (domain: string) => boolean = () => true,
): string | null {
  const traits = accountTraits(state);
  const site = textOf(traits.domain) ?? textOf(traits.website);
  const own = site === null ? null : registrableDomain(site);
  if (own !== null) {
    return own;
  }
  const mail = people(state)
    .map(({ email }) => (email === null ? null : emailDomain(email)))
    .filter((domain) => domain !== null && isWork(domain));
  const [only, ...others] = new Set(mail);
  return only !== undefined && only !== null && others.length === 0 ? only : null;
}
