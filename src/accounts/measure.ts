import { tallyAbandoned } from './abandoned.ts';
import { type SignalInfo, SUM_UNIT } from './signal.ts';
import type { AccountState } from './state.ts';
import { type Tally, tallyOf, type Window } from './window.ts';

/** A tally with the one number that the signal's count mode makes of it. */
export interface Measure extends Tally {
  amount: number;
}

/** What an account's people did of one signal of the catalogue within a window, derived signals included. */
export function measure(signal: SignalInfo, state: AccountState, window: Window, now: number): Measure {
  const tally =
    signal.abandoned === null
      ? tallyOf(state, signal.id, window, now)
      : tallyAbandoned(state, signal.abandoned, window, now);
  return { ...tally, amount: amountOf(signal, tally) };
}

function amountOf({ count }: SignalInfo, tally: Tally): number {
  switch (count) {
    case 'once':
      return Math.min(1, tally.count);
    case 'each':
      return tally.count;
    case 'distinct value':
      return tally.distinct;
    case 'distinct users':
      return tally.users.length;
    case 'distinct days':
      return tally.days.length;
    case 'sum':
      return tally.count / SUM_UNIT;
  }
}

export function occasionsOf(
  _s: SignalInfo,
  _st: AccountState,
  _w: Window,
  _n: number,
): { day: number; amount: number }[] {
  return [];
}
