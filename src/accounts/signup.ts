import { readInstant } from '../events/instant.ts';
import type { Json } from '../shared/json.ts';
import { accountTrait } from './calendar.ts';
import { type AccountState, SIGNED_UP } from './state.ts';
import { traitValue } from './traits.ts';

/** When the account signed up, as far as is known at an instant. */
export interface Signup {
  /** null: unknown. */
  at: number | null;
  /** A sign-up that is still to come, which will then count; null: none. */
  begins: number | null;
}

/**
 * As known at an instant: a day that is still to come does not count yet, whoever claims it.
 * The first `signed_up`, else the account's trait `created_at`, else the earliest `created_at` of its people (S2-47).
 * Never a guess from other events: who came by a list may have been a user for years.
 */
export function signupOf(state: AccountState, now: number): Signup {
  const first = earliestOf(state.parts.map(({ signals }) => signals[SIGNED_UP]?.first ?? null));
  if (first !== null && first <= now) {
    return { at: first, begins: null };
  }
  const own = instantOf(accountTrait(state, 'created_at'));
  if (own !== null && own <= now) {
    return { at: own, begins: first };
  }
  const people = state.parts.map(({ traits }) => instantOf(traitValue(ownSlot(traits, 'created_at'))));
  const at = earliestOf(people.filter((one) => one !== null && one <= now));
  return { at, begins: earliestOf(at === null ? [first, own, ...people] : [first, own]) };
}

const YEAR_9000 = Date.UTC(9000, 0, 1);

/** The instant that a value tells, ms; null when it tells none. A number beyond all calendars is no time. */
export function instantOf(value: Json): number | null {
  const at = readInstant(value);
  return at !== null && Math.abs(at) < YEAR_9000 ? at : null;
}

function earliestOf(instants: readonly (number | null)[]): number | null {
  return instants.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null);
}

function ownSlot<T>(slots: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(slots, name) ? slots[name] : undefined;
}
