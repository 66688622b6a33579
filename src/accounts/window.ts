import { DAY, HOUR, startOfUtcDay, utcDay } from '../shared/time.ts';
import { memberCount } from './members.ts';
import type { AccountState, SignalTally } from './state.ts';

/**
 * A stretch of time that ends now. `days`: the last n UTC days, today included, so it moves at midnight UTC.
 * `hours`: exactly that long; an instant leaves it at t + n hours (decision 6).
 */
export type Window = { days: number } | { hours: number } | 'lifetime';

/** What an account's people did of one signal within a window. */
export interface Tally {
  /** Occurrences, or the sum in millionths. */
  count: number;
  /** Refs of the people who did it. */
  users: string[];
  /** Distinct values; a sample once there are too many, then `distinct` is an estimate. */
  members: string[];
  distinct: number;
  /** UTC day numbers with at least one occurrence. */
  days: number[];
  /** First and last instant inside, as exactly as the state knows; null: none. */
  first: number | null;
  last: number | null;
  /** First instant after now at which any of this could differ with no new event; null: never (I5). */
  nextChange: number | null;
}

const NOTHING: Tally = {
  count: 0,
  users: [],
  members: [],
  distinct: 0,
  days: [],
  first: null,
  last: null,
  nextChange: null,
};

/** Sums one signal over all parts of an account. Instants after now do not exist yet: their arrival is a change. */
export function tallyOf(state: AccountState, signal: string, window: Window, now: number): Tally {
  const total: Tally = { ...NOTHING, users: [], members: [], days: [] };
  const members = new Set<string>();
  const days = new Set<number>();
  for (const part of state.parts) {
    const tally = part.signals[signal];
    if (tally !== undefined) {
      addPart(total, members, days, part.person, tally, window, now);
    }
  }
  total.members = [...members].sort();
  total.distinct = Math.max(total.distinct, members.size);
  total.days = [...days].sort((a, b) => a - b);
  total.users.sort();
  return total;
}

function addPart(
  total: Tally,
  members: Set<string>,
  days: Set<number>,
  person: string | null,
  tally: SignalTally,
  window: Window,
  now: number,
): void {
  const inside = spanInside(tally, window, now);
  total.nextChange = earliest(total.nextChange, nextChangeOf(tally, window, now));
  if (inside.count !== 0 || inside.last !== null) {
    total.count += inside.count;
    total.first = total.first === null ? inside.first : Math.min(total.first, inside.first ?? total.first);
    total.last = Math.max(total.last ?? 0, inside.last ?? 0);
    if (person !== null) {
      total.users.push(person);
    }
    for (const day of inside.days) {
      days.add(day);
    }
  }
  const kept = Object.entries(tally.members ?? {})
    .filter(([, [first, last]]) => first <= now && contains(window, last, now))
    .map(([member]) => member);
  for (const member of kept) {
    members.add(member);
  }
  if (tally.membersCut) {
    total.distinct = Math.max(total.distinct, memberCount(tally, kept));
  }
}

interface Inside {
  count: number;
  days: number[];
  first: number | null;
  last: number | null;
}

function spanInside(tally: SignalTally, window: Window, now: number): Inside {
  if (window === 'lifetime') {
    const past = tally.first <= now;
    return past
      ? {
          count: tally.count,
          days: Object.keys(tally.days).map(Number),
          first: tally.first,
          last: tally.last,
        }
      : { count: 0, days: [], first: null, last: null };
  }
  return 'days' in window ? daysInside(tally, window.days, now) : hoursInside(tally, window.hours, now);
}

function daysInside(tally: SignalTally, length: number, now: number): Inside {
  const today = utcDay(now);
  const oldest = today - length + 1;
  const days = Object.keys(tally.days)
    .map(Number)
    .filter((day) => day >= oldest && day <= today)
    .sort((a, b) => a - b);
  const [firstDay] = days;
  const lastDay = days.at(-1);
  if (firstDay === undefined || lastDay === undefined) {
    return { count: 0, days: [], first: null, last: null };
  }
  return {
    count: days.reduce((sum, day) => sum + (tally.days[day] ?? 0), 0),
    days,
    first: Math.max(tally.first, startOfUtcDay(firstDay)),
    last: Math.min(tally.last, startOfUtcDay(lastDay) + DAY - 1),
  };
}

/** Exact for the newest instants that the state keeps; more occurrences than that show as that many. */
function hoursInside(tally: SignalTally, length: number, now: number): Inside {
  const instants = tally.recent.filter((at) => at <= now && now - at < length * HOUR);
  return {
    count: instants.length,
    days: [...new Set(instants.map(utcDay))],
    first: instants.at(-1) ?? null,
    last: instants[0] ?? null,
  };
}

function contains(window: Window, at: number, now: number): boolean {
  if (at > now) {
    return false;
  }
  if (window === 'lifetime') {
    return true;
  }
  return 'days' in window ? utcDay(at) > utcDay(now) - window.days : now - at < window.hours * HOUR;
}

/** When the oldest thing inside leaves, or the first thing after now begins. */
function nextChangeOf(tally: SignalTally, window: Window, now: number): number | null {
  const future = tally.recent.filter((at) => at > now);
  const begins = future.length > 0 ? Math.min(...future) : null;
  if (window === 'lifetime') {
    return begins;
  }
  if ('hours' in window) {
    const leaves = tally.recent
      .filter((at) => at <= now && now - at < window.hours * HOUR)
      .map((at) => at + window.hours * HOUR);
    return earliest(begins, leaves.length > 0 ? Math.min(...leaves) : null);
  }
  const today = utcDay(now);
  const counted = Object.keys(tally.days)
    .map(Number)
    .filter((day) => day > today - window.days && day <= today);
  const memberDays = Object.values(tally.members ?? {})
    .map(([, last]) => utcDay(last))
    .filter((day) => day > today - window.days && day <= today);
  const oldest = Math.min(...counted, ...memberDays);
  return earliest(begins, Number.isFinite(oldest) ? startOfUtcDay(oldest + window.days) : null);
}

export function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
