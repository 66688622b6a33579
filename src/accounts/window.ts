import { DAY, HOUR, startOfUtcDay, utcDay } from '../shared/time.ts';
import { distinctCount } from './members.ts';
import type { AccountState, SignalTally } from './state.ts';
import { addUp } from './tally.ts';
import { type Known, knownAt } from './upto.ts';

/**
 * A stretch of time that ends now. `days`: the last n UTC days, today included, so it moves at midnight UTC.
 * `hours`: exactly that long; an instant leaves it at t + n hours (decision 6).
 */
export type Window = { days: number } | { hours: number } | { firstDays: number } | 'lifetime';

/** What an account's people did of one signal within a window. */
export interface Tally {
  /** Occurrences, or the sum in millionths. Hours: at most RECENT_MAX per person. */
  count: number;
  /** Refs of the people who did it. */
  users: string[];
  /** Distinct values; a sample once there are too many, then `distinct` is an estimate. */
  members: string[];
  distinct: number;
  /** UTC day numbers with at least one occurrence, as far back as states reach. */
  days: number[];
  /** First and last instant inside; null: none. The first is exact to the day, both never outside the window. */
  first: number | null;
  last: number | null;
  /** First instant after now at which any of this could differ with no new event; null: never (I5). */
  nextChange: number | null;
}

/** Sums one signal over all parts of an account. Instants after now do not exist yet: their arrival is a change. */
export function tallyOf(state: AccountState, signal: string, window: Window, now: number): Tally {
  const total = emptyTally();
  const days = new Set<number>();
  const members = new Set<string>();
  const counted: SignalTally[] = [];
  for (const { person, signals } of state.parts) {
    const tally = signals[signal];
    const { past, begins } = tally === undefined ? NEVER : knownAt(tally, now);
    total.nextChange = earliest(total.nextChange, begins);
    const inside = past === null ? null : insideOf(past, window, now);
    if (past !== null && inside !== null) {
      add(total, inside, person);
      addAll(days, inside.days);
      addAll(members, membersInside(past, window, now));
      counted.push(past);
    }
  }
  total.distinct = distinctCount(counted, members);
  total.members = [...members].sort();
  total.days = [...days].sort((a, b) => a - b);
  total.users.sort();
  return total;
}

const NEVER: Known = { past: null, begins: null };

export function emptyTally(): Tally {
  return {
    count: 0,
    users: [],
    members: [],
    distinct: 0,
    days: [],
    first: null,
    last: null,
    nextChange: null,
  };
}

/** One person's share of a window. */
interface Inside {
  count: number;
  days: number[];
  first: number;
  last: number;
  /** When the oldest of it leaves. */
  leaves: number | null;
}

function addAll<T>(set: Set<T>, items: readonly T[]): void {
  for (const item of items) {
    set.add(item);
  }
}

function add(total: Tally, inside: Inside, person: string | null): void {
  total.count = addUp(total.count, inside.count);
  total.first = Math.min(total.first ?? inside.first, inside.first);
  total.last = Math.max(total.last ?? inside.last, inside.last);
  total.nextChange = earliest(total.nextChange, inside.leaves);
  if (person !== null) {
    total.users.push(person);
  }
}

function insideOf(past: SignalTally, window: Window, now: number): Inside | null {
  if (window === 'lifetime') {
    const { count, first, last } = past;
    return { count, days: Object.keys(past.days).map(Number), first, last, leaves: null };
  }
  return 'days' in window
    ? daysInside(past, window, now)
    : 'hours' in window
      ? hoursInside(past, window, now)
      : null;
}

function daysInside(past: SignalTally, window: { days: number }, now: number): Inside | null {
  const days = Object.keys(past.days)
    .map(Number)
    .filter((day) => contains(window, startOfUtcDay(day), now))
    .sort((a, b) => a - b);
  const [oldest] = days;
  return oldest === undefined
    ? null
    : {
        count: days.reduce((sum, day) => addUp(sum, past.days[day] ?? 0), 0),
        days,
        first: Math.max(past.first, startOfUtcDay(oldest)),
        last: past.last,
        leaves: leavesAt(window, startOfUtcDay(oldest)),
      };
}

function hoursInside(past: SignalTally, window: { hours: number }, now: number): Inside | null {
  const instants = past.recent.filter((at) => contains(window, at, now));
  const [last] = instants;
  const first = instants.at(-1);
  if (first === undefined || last === undefined) {
    return null;
  }
  // A value's last instant may be older than the newest ones that are kept.
  const memberLasts = Object.values(past.members ?? {}).map(([, at]) => at);
  const oldest = memberLasts
    .filter((at) => contains(window, at, now))
    .reduce((a, b) => Math.min(a, b), first);
  return {
    count: instants.length,
    days: [...new Set(instants.map(utcDay))],
    first,
    last,
    leaves: leavesAt(window, oldest),
  };
}

/** A value counts while its last instant is inside. */
function membersInside(past: SignalTally, window: Window, now: number): string[] {
  return Object.entries(past.members ?? {})
    .filter(([, [, last]]) => contains(window, last, now))
    .map(([member]) => member);
}

/** Whether an instant that is not after `now` lies in the window. */
export function contains(window: Window, at: number, now: number): boolean {
  if (window === 'lifetime') {
    return true;
  }
  if ('firstDays' in window) {
    return false;
  }
  return 'days' in window ? utcDay(at) > utcDay(now) - window.days : now - at < window.hours * HOUR;
}

/** First instant at which `at` is no longer inside. */
export function leavesAt(window: Window, at: number): number | null {
  if (window === 'lifetime') {
    return null;
  }
  if ('firstDays' in window) {
    return null;
  }
  return 'days' in window ? startOfUtcDay(utcDay(at)) + window.days * DAY : at + window.hours * HOUR;
}

export function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
