import { type Measure, measure } from '../accounts/measure.ts';
import type { SignalInfo } from '../accounts/signal.ts';
import type { Window } from '../accounts/window.ts';
import type { Json } from '../shared/json.ts';
import { isoDate } from '../shared/time.ts';
import { windowText } from './compile-window.ts';
import type { Finding, Scene } from './finding.ts';

/** How often a signal was given within a window, in its own way of counting. A sum counts in whole units. */
export function findSignal(signal: SignalInfo, window: Window, { state, now }: Scene): Finding {
  const found = measure(signal, state, window, now);
  const dates: Record<string, Json> =
    found.first === null || found.last === null
      ? {}
      : { first: isoDate(found.first), last: isoDate(found.last) };
  // Not known: no points. The language says so in its own words.
  const amount = found.amount ?? 0;
  const people = found.users.length;
  const cut = isCut(signal, window, found);
  const [name, count] = shownCount(signal, found, amount);
  return {
    awards: Math.floor(amount),
    evidence: { [name]: count, ...(cut ? { at_least: true } : {}), people, ...dates },
    words: { count: cut ? `at least ${count}` : count, people, ...dates },
    otherwise: window === 'lifetime' ? 'none so far' : `none in the last ${windowText(window)}`,
    nextChange: found.nextChange,
  };
}

/** "Once" still shows how often: a rep wants to know that the limit was hit nine times. */
function shownCount({ count }: SignalInfo, found: Measure, amount: number): [string, number] {
  switch (count) {
    case 'distinct value':
      return ['unique', amount];
    case 'distinct users':
      return ['users', amount];
    case 'distinct days':
      return ['days', amount];
    case 'sum':
      return ['sum', amount];
    default:
      return ['count', found.count];
  }
}

/** Of a window in hours only the newest instants of each person are known. */
function isCut({ count, recent }: SignalInfo, window: Window, found: Measure): boolean {
  const exact = count === 'distinct value' || count === 'distinct users';
  return typeof window === 'object' && 'hours' in window && !exact && found.count >= recent;
}
