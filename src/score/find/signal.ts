import { type Measure, measure } from '../../accounts/measure.ts';
import type { SignalInfo } from '../../accounts/signal.ts';
import { RECENT_MAX } from '../../accounts/state.ts';
import type { Window } from '../../accounts/window.ts';
import type { Json } from '../../shared/json.ts';
import { isoDate } from '../../shared/time.ts';
import { testText } from '../compile/test.ts';
import { windowPhrase } from '../compile/window.ts';
import type { Look, Scene } from './look.ts';

/** How often a signal was given within a window, in its own way of counting. */
export function lookAtSignal(signal: SignalInfo, window: Window, { state, now }: Scene): Look {
  const found = measure(signal, state, window, now);
  const dates = (): Record<string, Json> =>
    found.first === null || found.last === null
      ? {}
      : { first: isoDate(found.first), last: isoDate(found.last) };
  const cut = isCut(signal, window, found);
  const [name, count] = shownCount(signal, found);
  const phrase = windowPhrase(window);
  return {
    amount: found.amount,
    missing: null,
    nextChange: found.nextChange,
    evidence: () => ({
      [name]: count,
      ...(cut ? { at_least: true } : {}),
      people: found.users.length,
      ...dates(),
    }),
    words: () => ({ count: cut ? `at least ${count}` : count, people: found.users.length, ...dates() }),
    short: (test) => {
      const wanted = test === null || isAny(test) ? '' : ` of ${testText(test)}`;
      const have = count === 0 && wanted === '' ? 'none' : `${count}${wanted}`;
      return phrase === '' ? `${have} so far` : `${have} in ${phrase}`;
    },
  };
}

function isAny(test: Parameters<Look['short']>[0]): boolean {
  return test?.kind === 'number' && test.least === 1 && test.most === Number.POSITIVE_INFINITY;
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
