import { type Measure, measureShares, type Reading, readShares } from './measuring/evidence.ts';
import { measureNumber } from './measuring/numbers.ts';
import type { SignalInfo } from './signal.ts';
import type { AccountState } from './state.ts';
import type { Window } from './window.ts';

export type { Measure, Reading } from './measuring/evidence.ts';
export { occasionsOf } from './measuring/occasions.ts';

/**
 * What an account's people did of one signal of the catalogue within a window, derived signals included.
 *
 * @param now ms since 1970, UTC
 */
export function measure(signal: SignalInfo, state: AccountState, window: Window, now: number): Measure {
  return measureNumber(signal, state, window, now) ?? measureShares(signal, state, window, now);
}

/** The same amount and next change as `measure` gives, for a fraction of the cost: no evidence is gathered. */
export function amountOf(signal: SignalInfo, state: AccountState, window: Window, now: number): Reading {
  return measureNumber(signal, state, window, now) ?? readShares(signal, state, window, now);
}
