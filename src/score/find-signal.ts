import { type Measure, measure } from '../accounts/measure.ts';
import type { SignalInfo } from '../accounts/signal.ts';
import { RECENT_MAX } from '../accounts/state.ts';
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
  const people = found.users.length;
  const cut = isCut(signal, window, found);
  const [name, count] = shownCount(signal, found);
  return {
    awards: Math.floor(found.amount),
    evidence: { [name]: count, ...(cut ? { at_least: true } : {}), people, ...dates },
    words: { count: cut ? `at least ${count}` : count, people, ...dates },
    otherwise: window === 'lifetime' ? 'none so far' : `none in the last ${windowText(window)}`,
    nextChange: found.nextChange,
  };
}

/** "Once" still shows how often: a rep wants to know that the limit was hit nine times. */
function shownCount({ count }: SignalInfo, found: Measure): [string, number] {
  switch (count) {
    case 'distinct value':
      return ['unique', found.amount];
    case 'distinct users':
      return ['users', found.amount];
    case 'distinct days':
      return ['days', found.amount];
    case 'sum':
      return ['sum', found.amount];
    default:
      return ['count', found.count];
  }
}

/** Of a window in hours only the newest instants of each person are known. */
function isCut({ count }: SignalInfo, window: Window, found: Measure): boolean {
  const exact = count === 'distinct value' || count === 'distinct users';
  return typeof window === 'object' && 'hours' in window && !exact && found.count >= RECENT_MAX;
}
