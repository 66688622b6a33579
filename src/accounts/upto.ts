import { startOfUtcDay, utcDay } from '../shared/time.ts';
import type { SignalTally } from './state.ts';

/** One person's tally as it stood at an instant. */
export interface Known {
  /** What had come by then; null: nothing. */
  past: SignalTally | null;
  /** When the next of what is known beyond it comes. */
  begins: number | null;
}

/**
 * Leaves out what lies after `now`: nothing dated later exists yet (decision 6). That is rare (two machines whose
 * clocks differ), so a state knows only RECENT_MAX such instants. Limits: when more than that lie ahead, those of
 * today beyond the newest RECENT_MAX count already; of a summed property, today's sum counts whole.
 */
export function knownAt(tally: SignalTally, now: number): Known {
  if (tally.last <= now) {
    return { past: tally, begins: null };
  }
  const ahead = tally.recent.filter((at) => at > now);
  const members = Object.values(tally.members ?? {})
    .flat()
    .filter((at) => at > now);
  const begins = [...ahead, ...members].reduce((a, b) => Math.min(a, b), tally.last);
  return { past: tally.first > now ? null : without(tally, ahead.length, now), begins };
}

/** `ahead`: how many of the newest instants lie after `now`. */
function without(tally: SignalTally, ahead: number, now: number): SignalTally {
  const today = utcDay(now);
  const days: Record<string, number> = {};
  let gone = 0;
  for (const [day, count] of Object.entries(tally.days)) {
    const rest =
      Number(day) < today ? count : Number(day) > today ? null : restOfToday(tally, today, count, ahead);
    gone += count - (rest ?? 0);
    if (rest !== null) {
      days[day] = rest;
    }
  }
  const recent = tally.recent.slice(ahead);
  const newestDay = Object.keys(days).reduce((a, b) => Math.max(a, Number(b)), utcDay(tally.first));
  return {
    ...tally,
    count: tally.count - gone,
    last: recent[0] ?? Math.max(tally.first, startOfUtcDay(newestDay)),
    days,
    recent,
    ...(tally.members === undefined ? {} : { members: membersUpTo(tally.members, now) }),
  };
}

/** What of today's count had come already; null: nothing. */
function restOfToday(tally: SignalTally, today: number, count: number, ahead: number): number | null {
  const isToday = (at: number) => utcDay(at) === today;
  if (tally.sum) {
    return tally.recent.slice(ahead).some(isToday) ? count : null;
  }
  const later = tally.recent.slice(0, ahead).filter(isToday).length;
  return count > later ? count - later : null;
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
