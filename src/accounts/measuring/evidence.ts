import type { SignalInfo } from '../signal.ts';
import type { AccountState } from '../state.ts';
import { earliest, type Frame, frameOf, type NoFrame, type Window } from '../window.ts';
import { amountOfShares, countOf, daysOf, distinctOf, membersOf, usersOf } from './amount.ts';
import type { Share, Shares } from './share.ts';
import { sharesOf } from './shares-of.ts';

/** What an account's people did of one signal within a window, and the one number that its count mode makes of it. */
export interface Measure {
  /** null: not known, for the reason in `unknown`. Never 0 for what is not known. */
  amount: number | null;
  unknown?: string;
  /** Occurrences, or the sum in millionths. Hours: at most `recent` per person. */
  count: number;
  /** Refs of the people who did it. */
  users: string[];
  /** Distinct values; a sample once there are too many, then `distinct` is an estimate. Of k of n: which were given. */
  members: string[];
  distinct: number;
  /** Day numbers with at least one occurrence, as far back as states reach: UTC days, or local ones by their date. */
  days: number[];
  /** First and last instant inside; null: none. The first is exact to the day, both never outside the window. */
  first: number | null;
  last: number | null;
  /** First instant after now at which any of this could differ with no new event; null: never (I5). */
  nextChange: number | null;
  /** Whose days were counted, where it is not simply UTC: `Europe/Berlin`, or why UTC had to do. */
  zone?: string;
  /** Of a ratio the amounts above and below the line; of a trend those of the later and the earlier days. */
  terms?: [number | null, number | null];
}

/** The number alone, and until when it holds. */
export type Reading = Pick<Measure, 'amount' | 'nextChange'>;

/** What shares of a signal say within a window. Not for k of n, ratio and trend, which have no shares. */
export function measureShares(signal: SignalInfo, state: AccountState, window: Window, now: number): Measure {
  const frame = frameOf(signal, state, window, now);
  if ('unknown' in frame) {
    return unknownMeasure(frame);
  }
  return frame.moves === null
    ? measureFrame(signal, state, frame)
    : settled((at) => measureMoving(signal, state, window, at), now);
}

/** A sign-up that is still to come will move the window. */
function measureMoving(signal: SignalInfo, state: AccountState, window: Window, now: number): Measure {
  const frame = frameOf(signal, state, window, now);
  if ('unknown' in frame) {
    return unknownMeasure(frame);
  }
  const found = measureFrame(signal, state, frame);
  return { ...found, nextChange: earliest(found.nextChange, frame.moves) };
}

/** The same in a frame that is placed already. */
export function measureFrame(signal: SignalInfo, state: AccountState, frame: Frame): Measure {
  const shares = sharesOf(signal, state, frame);
  const unknown = unknownReason(signal, frame);
  return {
    ...evidenceOf(shares.list, frame),
    amount: unknown === null ? amountOfShares(signal.count, shares.list, frame) : null,
    nextChange: changeOf(shares),
    ...(unknown === null ? {} : { unknown }),
    ...(frame.calendar.zone === null ? {} : { zone: frame.calendar.zone }),
  };
}

/** The amount of `measureShares` without evidence. */
export function readShares(signal: SignalInfo, state: AccountState, window: Window, now: number): Reading {
  const frame = frameOf(signal, state, window, now);
  if ('unknown' in frame) {
    return { amount: null, nextChange: frame.begins };
  }
  if (frame.moves !== null) {
    return measureShares(signal, state, window, now);
  }
  const shares = sharesOf(signal, state, frame);
  const known = unknownReason(signal, frame) === null;
  return {
    amount: known ? amountOfShares(signal.count, shares.list, frame) : null,
    nextChange: changeOf(shares),
  };
}

/** How often a part may change without any change of the whole before it is told as a change all the same. */
const PATIENCE = 50;

/** When parts change, the whole often does not: the next change told is one that can be seen. */
export function settled(measureAt: (now: number) => Measure, now: number): Measure {
  const found = measureAt(now);
  let next = found.nextChange;
  for (let step = 0; next !== null && step < PATIENCE; step++) {
    const later = measureAt(next);
    if (!looksSame(later, found)) {
      break;
    }
    next = later.nextChange;
  }
  return next === found.nextChange ? found : { ...found, nextChange: next };
}

function looksSame(a: Measure, b: Measure): boolean {
  return (
    a.amount === b.amount &&
    a.count === b.count &&
    a.distinct === b.distinct &&
    a.first === b.first &&
    a.last === b.last &&
    a.unknown === b.unknown &&
    isSameList(a.terms ?? [], b.terms ?? []) &&
    isSameList(a.days, b.days) &&
    isSameList(a.users, b.users) &&
    isSameList(a.members, b.members)
  );
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

type Evidence = Omit<Measure, 'amount' | 'nextChange'>;

/** What there is to see where there is nothing. */
export function noEvidence(): Evidence {
  return { count: 0, users: [], members: [], distinct: 0, days: [], first: null, last: null };
}

function evidenceOf(list: readonly Share[], frame: Frame): Evidence {
  if (list.length === 0) {
    return noEvidence();
  }
  const members = membersOf(list, frame);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const share of list) {
    first = Math.min(first, share.first);
    last = Math.max(last, share.last);
  }
  return {
    count: countOf(list),
    users: usersOf(list),
    members: members.size === 0 ? [] : [...members].sort(),
    distinct: distinctOf(list, members),
    days: daysOf(list),
    first,
    last,
  };
}

function changeOf({ list, begins }: Shares): number | null {
  let next = begins;
  for (const { leaves } of list) {
    next = earliest(next, leaves);
  }
  return next;
}

/** Of hours the newest instants are known, not their amounts. */
function unknownReason({ count }: SignalInfo, { span }: Frame): string | null {
  return count === 'sum' && span !== null ? 'a sum is known by days, not by hours' : null;
}

function unknownMeasure({ unknown, begins, calendar }: NoFrame): Measure {
  return {
    ...noEvidence(),
    amount: null,
    nextChange: begins,
    unknown,
    ...(calendar.zone === null ? {} : { zone: calendar.zone }),
  };
}
