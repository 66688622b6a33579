import { clockOf, type Offset } from '../../accounts/zone.ts';
import { DAY, isoDate, MINUTE, startOfUtcDay, utcDay, weekdayOf } from '../../shared/time.ts';

/** Part of a working day, in minutes since local midnight: `from` included, `to` not; `to` may be 1440. */
export interface Span {
  from: number;
  to: number;
}

/** When a team works, by its own clock. */
export interface BusinessHours {
  id: string;
  /** IANA name, shown. */
  timezone: string;
  offset: Offset;
  /** Monday first; spans in order, none overlapping another. Some weekday has one. */
  weekdays: readonly (readonly Span[])[];
  /** Local dates (ISO) on which nobody works. */
  holidays: ReadonlySet<string>;
}

/** Every hour counts: what a deadline without a calendar goes by. */
export const ALWAYS: BusinessHours = {
  id: 'always',
  timezone: 'UTC',
  offset: clockOf('UTC') ?? (() => 0),
  weekdays: Array.from({ length: 7 }, () => [{ from: 0, to: 24 * 60 }]),
  holidays: new Set(),
};

/** An open stretch as instants (ms): `from` included, `to` not. */
interface Opening {
  from: number;
  to: number;
}

/** Holidays are a finite list and some weekday is open, so that time to work comes within this many days of the last of them. */
const WEEK = 7;

/**
 * The instant at which so much working time has passed since `at`.
 *
 * @param at ms since 1970, UTC
 * @param worked ms of open time; 0 gives `at` itself when it is open, else the next opening
 */
export function afterWorking(hours: BusinessHours, at: number, worked: number): number {
  let left = worked;
  let cursor = at;
  const first = localDay(hours, at);
  const last = lastDay(hours, first, worked);
  for (let day = first; day <= last; day++) {
    for (const { from, to } of openingsOf(hours, day)) {
      const begin = Math.max(from, cursor);
      if (begin < to && begin + left <= to) {
        return begin + left;
      }
      left -= Math.max(0, to - begin);
      cursor = Math.max(cursor, to);
    }
  }
  // Not reached: the bound holds more open time than was asked for.
  return at + worked;
}

/** Open time (ms) between two instants; 0 when the second does not come after the first. */
export function workedBetween(hours: BusinessHours, from: number, to: number): number {
  let sum = 0;
  let cursor = from;
  for (let day = localDay(hours, from); from < to && day <= localDay(hours, to); day++) {
    for (const open of openingsOf(hours, day)) {
      const begin = Math.max(open.from, cursor);
      const end = Math.min(open.to, to);
      sum += Math.max(0, end - begin);
      cursor = Math.max(cursor, end);
    }
  }
  return sum;
}

function localDay({ offset }: BusinessHours, at: number): number {
  return utcDay(at + offset(at));
}

/** Enough weeks for the work, even if each of them had but the shortest opening, and for all holidays. */
function lastDay({ weekdays, holidays }: BusinessHours, first: number, worked: number): number {
  const aWeek = weekdays.flat().reduce((sum, { from, to }) => sum + (to - from), 0) * MINUTE;
  return first + WEEK * (Math.ceil(worked / aWeek) + holidays.size + 2);
}

function openingsOf(hours: BusinessHours, day: number): Opening[] {
  const { weekdays, holidays, offset } = hours;
  if (holidays.has(isoDate(startOfUtcDay(day)))) {
    return [];
  }
  const spans = weekdays[weekdayOf(day)] ?? [];
  return spans.map(({ from, to }) => ({
    from: instantOf(offset, startOfUtcDay(day) + from * MINUTE, 'first'),
    to: instantOf(offset, startOfUtcDay(day) + to * MINUTE, 'last'),
  }));
}

/**
 * The instant at which local clocks show a time. Where they show it twice, the first or the last of both; where they
 * skip it, the instant at which they are set.
 *
 * @param shown what they show, as ms of the same date and time in UTC
 */
function instantOf(offset: Offset, shown: number, which: 'first' | 'last'): number {
  const candidates = [shown - offset(shown - DAY), shown - offset(shown + DAY)];
  const right = candidates.filter((at) => at + offset(at) === shown);
  if (right.length > 0) {
    return which === 'first' ? Math.min(...right) : Math.max(...right);
  }
  return whenSet(offset, Math.min(...candidates), Math.max(...candidates));
}

/** The instant between two at which the clocks are set, up to the millisecond. */
function whenSet(offset: Offset, before: number, after: number): number {
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === offset(before)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}
