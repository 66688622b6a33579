import { type SignalInfo, SUM_UNIT } from '../signal.ts';
import type { AccountState } from '../state.ts';
import { type Frame, frameOf, type Window } from '../window.ts';
import { amountOfShares, countOf, daysOf, membersOf, usersOf } from './amount.ts';
import { type Measure, measureShares } from './evidence.ts';
import { measureNumber } from './numbers.ts';
import type { Share } from './share.ts';
import { sharesOf } from './shares-of.ts';

/**
 * Which amounts come to the same: those for which this gives the same number, the least of them. An amount that may
 * fall as far as it likes without a difference is in the bracket -Infinity.
 */
export type Bracket = (amount: number) => number;

/** What a rule shows of a signal and asks of it. The next change is that of the bracket: other changes make no difference. */
export interface Brief {
  /** null: not known, for the reason in `unknown`. */
  amount: number | null;
  unknown?: string;
  count: number;
  people: number;
  first: number | null;
  last: number | null;
  zone?: string;
  terms?: [number | null, number | null];
  nextChange: number | null;
}

/**
 * The same amount and evidence as `measure`, with the first instant after now at which the amount comes into another
 * bracket with no new event; null: never.
 */
export function briefOf(
  signal: SignalInfo,
  state: AccountState,
  window: Window,
  now: number,
  bracket: Bracket,
): Brief {
  const frame = isPlain(signal, window) ? frameOf(signal, state, window, now) : null;
  if (frame !== null && !('unknown' in frame) && frame.moves === null) {
    const shares = sharesOf(signal, state, frame);
    if (shares.begins === null && shares.list.every(({ tally }) => tally?.membersCut === undefined)) {
      return plainBrief(signal, shares.list, frame, bracket);
    }
  }
  return patientBrief((at) => fullMeasure(signal, state, window, at), now, bracket);
}

/** Whether its amount only falls, and from days that are known: all but streaks, hours and numbers made of numbers. */
function isPlain({ count, source }: SignalInfo, window: Window): boolean {
  const isNumber = source.kind === 'some_of' || source.kind === 'ratio' || source.kind === 'trend';
  return !isNumber && count !== 'consecutive days' && !(typeof window === 'object' && 'hours' in window);
}

function fullMeasure(signal: SignalInfo, state: AccountState, window: Window, now: number): Measure {
  return measureNumber(signal, state, window, now) ?? measureShares(signal, state, window, now);
}

const NOBODY = { count: 0, people: 0, first: null, last: null, nextChange: null };

function plainBrief(signal: SignalInfo, list: readonly Share[], frame: Frame, bracket: Bracket): Brief {
  const zone = frame.calendar.zone === null ? {} : { zone: frame.calendar.zone };
  if (list.length === 0) {
    return { amount: 0, ...NOBODY, ...zone };
  }
  const days = signal.count === 'distinct days' ? daysOf(list) : null;
  const amount = days?.length ?? amountOfShares(signal.count, list, frame);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let people = 0;
  for (const share of list) {
    first = Math.min(first, share.first);
    last = Math.max(last, share.last);
    people += share.person === null ? 0 : 1;
  }
  return {
    amount,
    count: countOf(list),
    people: signal.source.kind === 'counted' ? people : usersOf(list).length,
    first,
    last,
    nextChange: frame.days === null ? null : fallsAt(signal, list, frame, amount, bracket(amount), days),
    ...zone,
  };
}

/** When so much has left that the amount is below `least`. `days`: those of `distinct days`. */
function fallsAt(
  { count }: SignalInfo,
  list: readonly Share[],
  frame: Frame,
  amount: number,
  least: number,
  days: readonly number[] | null,
): number | null {
  if (least === Number.NEGATIVE_INFINITY) {
    return null;
  }
  const spare = amount - Math.ceil(least);
  switch (count) {
    case 'once':
      return leaves(frame, Math.max(...list.map(newestDay)));
    case 'each':
      return leaves(frame, dayWhenGone(list, spare));
    case 'sum':
      return leaves(frame, dayWhenGone(list, countOf(list) - Math.ceil(least * SUM_UNIT)));
    case 'distinct users':
      return leaves(frame, daysOfPeople(list)[spare]);
    case 'distinct days':
      return leaves(frame, days?.[spare]);
    default:
      return leaves(frame, daysOfMembers(list, frame)[spare]);
  }
}

function leaves({ calendar, days }: Frame, day: number | undefined): number | null {
  return day === undefined || days === null ? null : calendar.startOf(day + days);
}

function newestDay({ pairs, end }: Share): number {
  return pairs[end - 2] ?? 0;
}

/** The day with which, oldest first, more than `spare` occurrences are gone. */
function dayWhenGone(list: readonly Share[], spare: number): number | undefined {
  const places = list.map(({ start }) => start);
  let gone = 0;
  for (;;) {
    let oldest = -1;
    let day = Number.POSITIVE_INFINITY;
    for (let i = 0; i < list.length; i++) {
      const share = list[i];
      const place = places[i] ?? 0;
      if (share !== undefined && place < share.end && (share.pairs[place] ?? 0) < day) {
        day = share.pairs[place] ?? 0;
        oldest = i;
      }
    }
    if (oldest === -1) {
      return undefined;
    }
    gone += list[oldest]?.pairs[(places[oldest] ?? 0) + 1] ?? 0;
    places[oldest] = (places[oldest] ?? 0) + 2;
    if (gone > spare) {
      return day;
    }
  }
}

/** The newest day of each person, oldest first. */
function daysOfPeople(list: readonly Share[]): number[] {
  const newest = new Map<string, number>();
  for (const share of list) {
    if (share.person !== null) {
      newest.set(share.person, Math.max(newest.get(share.person) ?? 0, newestDay(share)));
    }
  }
  return [...newest.values()].sort((a, b) => a - b);
}

/** The day of each distinct value inside, over all people, oldest first. */
function daysOfMembers(list: readonly Share[], frame: Frame): number[] {
  const inside = membersOf(list, frame);
  const newest = new Map<string, number>();
  for (const { tally } of list) {
    for (const member in tally?.members) {
      if (inside.has(member)) {
        const day = frame.calendar.dayOf(tally?.members?.[member]?.[1] ?? 0);
        newest.set(member, Math.max(newest.get(member) ?? 0, day));
      }
    }
  }
  return [...newest.values()].sort((a, b) => a - b);
}

/** How often something may change without leaving its bracket before that is told as a change all the same. */
const PATIENCE = 100;

function patientBrief(measureAt: (now: number) => Measure, now: number, bracket: Bracket): Brief {
  const found = measureAt(now);
  const own = bracketed(found, bracket);
  let next = found.nextChange;
  for (let step = 0; next !== null && step < PATIENCE; step++) {
    const later = measureAt(next);
    if (bracketed(later, bracket) !== own) {
      break;
    }
    next = later.nextChange;
  }
  const { amount, unknown, count, users, first, last, zone, terms } = found;
  return {
    amount,
    count,
    people: users.length,
    first,
    last,
    nextChange: next,
    ...(unknown === undefined ? {} : { unknown }),
    ...(zone === undefined ? {} : { zone }),
    ...(terms === undefined ? {} : { terms }),
  };
}

function bracketed({ amount }: Measure, bracket: Bracket): number | null {
  return amount === null ? null : bracket(amount);
}
