import { DAY, startOfUtcDay, utcDay } from '../shared/time.ts';
import type { Pairs } from './pairs.ts';
import type { SignalTally } from './state.ts';
import { QUARTER } from './tally.ts';

/** One person's tally as it stood at an instant. */
export interface Known {
  /** What had come by then; null: nothing. */
  past: SignalTally | null;
  /** When the next of what is known beyond it comes. */
  begins: number | null;
}

/**
 * Leaves out what lies after `now`: nothing dated later exists yet (decision 6). That is rare (two machines whose
 * clocks differ), so a state knows only its newest instants. Limits: when more than those lie ahead, those of today
 * beyond the newest count already; of a summed property, today's sum counts whole.
 *
 * @param counts which of the instants to come matter; all, unless said
 */
export function knownAt(
  tally: SignalTally,
  now: number,
  counts: (at: number) => boolean = () => true,
): Known {
  if (tally.last <= now) {
    return { past: tally, begins: null };
  }
  const ahead = tally.recent.filter((at) => at > now);
  const members = Object.values(tally.members ?? {})
    .flat()
    .filter((at) => at > now);
  const coming = [...ahead, ...members].filter(counts);
  const begins = coming.length === 0 ? null : coming.reduce((a, b) => Math.min(a, b));
  return { past: tally.first > now ? null : without(tally, ahead.length, now), begins };
}

/** `ahead`: how many of the newest instants lie after `now`. */
function without(tally: SignalTally, ahead: number, now: number): SignalTally {
  const days = upTo(tally, tally.days, DAY, ahead, now);
  const recent = tally.recent.slice(ahead);
  const newestDay = days.at(-2) ?? utcDay(tally.first);
  return {
    ...tally,
    count: tally.count - (totalOf(tally.days) - totalOf(days)),
    last: recent[0] ?? Math.max(tally.first, startOfUtcDay(newestDay)),
    days,
    ...(tally.quarters === undefined ? {} : { quarters: upTo(tally, tally.quarters, QUARTER, ahead, now) }),
    recent,
    ...(tally.members === undefined ? {} : { members: membersUpTo(tally.members, now) }),
  };
}

/** Counts by units of time (days, quarters of an hour) without what comes after `now`. */
function upTo(tally: SignalTally, pairs: Pairs, unit: number, ahead: number, now: number): Pairs {
  const current = Math.floor(now / unit);
  const known: Pairs = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [number = 0, count = 0] = [pairs[i], pairs[i + 1]];
    const isCurrent = (at: number) => Math.floor(at / unit) === current;
    const rest = number < current ? count : number > current ? 0 : restOf(tally, isCurrent, count, ahead);
    if (rest !== null && number <= current) {
      known.push(number, rest);
    }
  }
  return known;
}

/** What of the current unit's count had come already; null: nothing. */
function restOf(
  tally: SignalTally,
  isCurrent: (at: number) => boolean,
  count: number,
  ahead: number,
): number | null {
  if (tally.sum) {
    return tally.recent.slice(ahead).some(isCurrent) ? count : null;
  }
  const later = tally.recent.slice(0, ahead).filter(isCurrent).length;
  return count > later ? count - later : null;
}

function totalOf(pairs: Pairs): number {
  let total = 0;
  for (let i = 1; i < pairs.length; i += 2) {
    total += pairs[i] ?? 0;
  }
  return total;
}

/** A value whose last instant is still to come is known to have come once before: at its first. */
function membersUpTo(
  members: Record<string, [number, number]>,
  now: number,
): Record<string, [number, number]> {
  return Object.fromEntries(
    Object.entries(members)
      .filter(([, [first]]) => first <= now)
      .map(([member, [first, last]]) => [member, [first, last <= now ? last : first]]),
  );
}
