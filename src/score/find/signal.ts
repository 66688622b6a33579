import { amountOf, type Measure, measure } from '../../accounts/measure.ts';
import type { SignalInfo } from '../../accounts/signal.ts';
import type { Window } from '../../accounts/window.ts';
import type { Json } from '../../shared/json.ts';
import { isoDate } from '../../shared/time.ts';
import { countBound } from '../compile/subject.ts';
import { testText } from '../compile/test.ts';
import { windowPhrase } from '../compile/window.ts';
import type { Test } from '../model.ts';
import type { Look, Scene } from './look.ts';

/** How often a signal was given within a window, in its own way of counting. Evidence is gathered when it is asked for. */
export function lookAtSignal(signal: SignalInfo, window: Window, { state, now }: Scene): Look {
  const { amount, nextChange } = amountOf(signal, state, window, now);
  let known: Measure | null = null;
  const found = () => {
    known ??= measure(signal, state, window, now);
    return known;
  };
  return {
    amount,
    missing: amount === null ? signal.id : null,
    nextChange,
    evidence: () => evidenceOf(signal, window, found()),
    words: () => wordsOf(signal, window, found()),
    short: (test) => shortOf(signal, window, found(), test),
  };
}

function evidenceOf(signal: SignalInfo, window: Window, found: Measure): Record<string, Json> {
  const [name, count] = shownCount(signal, found);
  const { zone, terms, unknown } = found;
  return {
    ...(unknown === undefined ? { [name]: count } : { missing: unknown }),
    ...(terms === undefined ? {} : { terms }),
    ...(isCut(signal, window, found) ? { at_least: true } : {}),
    people: found.users.length,
    ...datesOf(found),
    ...(zone === undefined ? {} : { days_of: zone }),
  };
}

function wordsOf(signal: SignalInfo, window: Window, found: Measure): Record<string, Json> {
  const [, count] = shownCount(signal, found);
  const shown = isCut(signal, window, found) ? `at least ${count}` : count;
  return { count: shown, people: found.users.length, ...datesOf(found) };
}

function shortOf(signal: SignalInfo, window: Window, found: Measure, test: Test | null): string {
  if (found.unknown !== undefined) {
    return `not known: ${found.unknown}`;
  }
  const [, count] = shownCount(signal, found);
  const wanted = test === null || isAny(test) ? '' : ` of ${testText(test)}`;
  const have = count === 0 && wanted === '' ? 'none' : `${count}${wanted}`;
  const phrase = windowPhrase(window);
  return phrase === '' ? `${have} so far` : `${have} in ${phrase}`;
}

function datesOf({ first, last }: Measure): Record<string, Json> {
  return first === null || last === null ? {} : { first: isoDate(first), last: isoDate(last) };
}

function isAny(test: Test): boolean {
  return test.kind === 'number' && test.least === 1 && test.most === Number.POSITIVE_INFINITY;
}

/** "Once" still shows how often: a rep wants to know that the limit was hit nine times. */
function shownCount({ count }: SignalInfo, found: Measure): [string, number] {
  const amount = found.amount ?? 0;
  switch (count) {
    case 'distinct value':
      return ['unique', amount];
    case 'distinct users':
      return ['users', amount];
    case 'distinct days':
    case 'consecutive days':
      return ['days', amount];
    case 'sum':
    case 'number':
      return [count, amount];
    default:
      return ['count', found.count];
  }
}

/** Of a window in hours only the newest instants of each person are known. */
function isCut(signal: SignalInfo, window: Window, found: Measure): boolean {
  const bound = countBound({ kind: 'signal', signal: { ...signal, count: 'each' }, window });
  const exact = signal.count === 'distinct value' || signal.count === 'distinct users';
  return !exact && bound !== null && found.count >= bound;
}
