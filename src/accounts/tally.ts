import { HORIZON_DAYS } from '../events/clock-rules.ts';
import { utcDay } from '../shared/time.ts';
import { addMember, mergeMembers } from './members.ts';
import type { SignalHit } from './signal.ts';
import { RECENT_MAX, type SignalTally } from './state.ts';

/** The tally of a single occurrence. */
export function newTally(hit: SignalHit, at: number): SignalTally {
  const tally: SignalTally = {
    count: hit.amount,
    ...(hit.sum ? { sum: true } : {}),
    first: at,
    last: at,
    days: { [utcDay(at)]: hit.amount },
    recent: [at],
  };
  if (hit.member !== undefined) {
    addMember(tally, hit.member, [at, at]);
  }
  return tally;
}

/** Counts one more occurrence, in place. Runs for every event. */
export function addHit(tally: SignalTally, hit: SignalHit, at: number): void {
  const day = utcDay(at);
  const grown = at > tally.last && utcDay(tally.last) !== day;
  tally.count = addUp(tally.count, hit.amount);
  tally.days[day] = addUp(tally.days[day] ?? 0, hit.amount);
  tally.first = Math.min(tally.first, at);
  tally.last = Math.max(tally.last, at);
  insertNewest(tally.recent, at);
  if (grown || day <= newestPruned(tally)) {
    prune(tally);
  }
  if (hit.member !== undefined) {
    addMember(tally, hit.member, [at, at]);
  }
}

/** The tally of both sets of occurrences together. Neither argument is changed. */
export function mergeTallies(a: SignalTally, b: SignalTally): SignalTally {
  const merged: SignalTally = {
    ...a,
    count: addUp(a.count, b.count),
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    days: { ...a.days },
    recent: [...a.recent],
    ...(a.members === undefined ? {} : { members: { ...a.members } }),
  };
  for (const [day, count] of Object.entries(b.days)) {
    merged.days[day] = addUp(merged.days[day] ?? 0, count);
  }
  for (const at of b.recent) {
    insertNewest(merged.recent, at);
  }
  prune(merged);
  mergeMembers(merged, b);
  return merged;
}

/**
 * Adds amounts that are never negative. At the largest exact integer it stops growing instead of rounding:
 * rounding would make a sum depend on the order of its parts (I3).
 */
export function addUp(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

/** Drops days beyond the horizon, counted back from the newest: never from the clock, or order would matter. */
function prune(tally: SignalTally): void {
  const last = newestPruned(tally);
  for (const day of Object.keys(tally.days)) {
    if (Number(day) <= last) {
      delete tally.days[day];
    }
  }
}

function newestPruned(tally: SignalTally): number {
  return utcDay(tally.last) - HORIZON_DAYS;
}

/** Keeps the newest instants, newest first: the same ones whatever the order in which they come. */
function insertNewest(recent: number[], at: number): void {
  const place = recent.findIndex((known) => known < at);
  recent.splice(place === -1 ? recent.length : place, 0, at);
  recent.length = Math.min(recent.length, RECENT_MAX);
}
