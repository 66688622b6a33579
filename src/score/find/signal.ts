import { type Bracket, type Brief, briefOf } from '../../accounts/measure.ts';
import type { SignalInfo } from '../../accounts/signal.ts';
import type { Json } from '../../shared/json.ts';
import { isoDate } from '../../shared/time.ts';
import { countBound, isFine } from '../compile/subject.ts';
import { testText } from '../compile/test.ts';
import { windowPhrase } from '../compile/window.ts';
import type { Subject, Test } from '../model.ts';
import type { Look, Scene } from './look.ts';

type SignalSubject = Extract<Subject, { kind: 'signal' }>;

/** How often a signal was given within a window, in its own way of counting. */
export class SignalLook implements Look {
  readonly amount: number | null;
  readonly missing: string | null;
  readonly nextChange: number | null;
  private readonly subject: SignalSubject;
  private readonly found: Brief;

  constructor(subject: SignalSubject, { state, now }: Scene, bracket: Bracket) {
    const found = briefOf(subject.signal, state, subject.window, now, bracket);
    this.subject = subject;
    this.found = found;
    this.amount = found.amount;
    this.missing = found.amount === null ? subject.signal.id : null;
    this.nextChange = found.nextChange;
  }

  evidence(): Record<string, Json> {
    return evidenceOf(this.subject, this.found);
  }

  words(): Record<string, Json> {
    return wordsOf(this.subject, this.found);
  }

  short(test: Test | null): string {
    return shortOf(this.subject, this.found, test);
  }
}

function evidenceOf(subject: SignalSubject, found: Brief): Record<string, Json> {
  const { zone, terms, unknown, first, last } = found;
  const evidence = unknown === undefined ? countedAs(subject.signal, found) : { missing: unknown };
  if (terms !== undefined) {
    evidence.terms = terms;
  }
  if (isCut(subject, found)) {
    evidence.at_least = true;
  }
  evidence.people = found.people;
  if (first !== null && last !== null) {
    evidence.first = isoDate(first);
    evidence.last = isoDate(last);
  }
  if (zone !== undefined) {
    evidence.days_of = zone;
  }
  return evidence;
}

function wordsOf(subject: SignalSubject, found: Brief): Record<string, Json> {
  const { people, first, last } = found;
  const amount = shownCount(subject.signal, found);
  const count = isCut(subject, found) ? `at least ${amount}` : amount;
  return first === null || last === null
    ? { count, people }
    : { count, people, first: isoDate(first), last: isoDate(last) };
}

function shortOf({ signal, window }: SignalSubject, found: Brief, test: Test | null): string {
  if (found.unknown !== undefined) {
    return `not known: ${found.unknown}`;
  }
  const count = shownCount(signal, found);
  const wanted = test === null || isAny(test) ? '' : ` of ${testText(test)}`;
  const have = count === 0 && wanted === '' ? 'none' : `${count}${wanted}`;
  const phrase = windowPhrase(window);
  return phrase === '' ? `${have} so far` : `${have} in ${phrase}`;
}

function isAny(test: Test): boolean {
  return test.kind === 'number' && test.least === 1 && test.most === Number.POSITIVE_INFINITY;
}

/** "Once" still shows how often: a rep wants to know that the limit was hit nine times. */
function shownCount({ count }: SignalInfo, found: Brief): number {
  return count === 'once' || count === 'each' ? found.count : (found.amount ?? 0);
}

/** The number under the name of what was counted. */
function countedAs({ count }: SignalInfo, found: Brief): Record<string, Json> {
  const amount = found.amount ?? 0;
  switch (count) {
    case 'distinct value':
      return { unique: amount };
    case 'distinct users':
      return { users: amount };
    case 'distinct days':
    case 'consecutive days':
      return { days: amount };
    case 'sum':
      return { sum: amount };
    case 'number':
      return { number: amount };
    default:
      return { count: found.count };
  }
}

/** Of a window in hours only the newest instants of each person are known. */
function isCut({ signal, window }: SignalSubject, found: Brief): boolean {
  const exact = signal.count === 'distinct value' || signal.count === 'distinct users';
  if (exact || !isFine(window)) {
    return false;
  }
  const bound = countBound({ kind: 'signal', signal: { ...signal, count: 'each' }, window });
  return bound !== null && found.count >= bound;
}
