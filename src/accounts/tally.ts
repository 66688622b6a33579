import { HORIZON_DAYS } from '../events/clock-rules.ts';
import { MINUTE, utcDay } from '../shared/time.ts';
import { addMember, mergeMembers } from './members.ts';
import { addAt, addUp, dropBetween, mergePairs } from './pairs.ts';
import type { SignalHit } from './signal.ts';
import { FINE_DAYS, FINE_FIRST_DAYS, FIRST_DAYS_MAX, RECENT_DEFAULT, type SignalTally } from './state.ts';

export { addUp } from './pairs.ts';

export const QUARTER = 15 * MINUTE;
const QUARTERS_A_DAY = 96;

/** Local days reach over the ends of UTC days. */
const MARGIN = 2;

/** Number of the quarter of an hour that holds `at`. All time zones keep whole quarters. */
export function quarterOf(at: number): number {
  return Math.floor(at / QUARTER);
}

/** The tally of a single occurrence. Keys in a fixed order: equal tallies are equal bytes. */
export function newTally(hit: SignalHit, at: number): SignalTally {
  const tally: SignalTally = {
    count: hit.amount,
    ...(hit.sum ? { sum: true } : {}),
    ...(hit.keeps === undefined ? {} : { keeps: hit.keeps }),
    first: at,
    last: at,
    days: [utcDay(at), hit.amount],
    ...(hit.fine ? { quarters: [quarterOf(at), hit.amount] } : {}),
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
  // Only a new day can push others out, and only a day between the kept ends can be one of those.
  const prunes = day !== utcDay(tally.last) || day !== utcDay(tally.first);
  tally.count = addUp(tally.count, hit.amount);
  tally.first = Math.min(tally.first, at);
  tally.last = Math.max(tally.last, at);
  addAt(tally.days, day, hit.amount);
  if (tally.quarters !== undefined) {
    addAt(tally.quarters, quarterOf(at), hit.amount);
  }
  insertNewest(tally, at);
  if (prunes) {
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
    days: mergePairs(a.days, b.days),
    ...(a.quarters === undefined ? {} : { quarters: mergePairs(a.quarters, b.quarters ?? []) }),
    recent: [...a.recent],
    ...(a.members === undefined ? {} : { members: { ...a.members } }),
  };
  for (const at of b.recent) {
    insertNewest(merged, at);
  }
  prune(merged);
  mergeMembers(merged, b);
  return merged;
}

/**
 * Drops what lies between the kept ends: the newest days, counted back from the newest occurrence, and those from the
 * first one on. Never from the clock, or order would matter; and what a larger set keeps, every part of it has kept.
 */
function prune({ first, last, days, quarters }: SignalTally): void {
  dropBetween(days, utcDay(first) + FIRST_DAYS_MAX, utcDay(last) - HORIZON_DAYS + 1);
  if (quarters !== undefined) {
    const from = utcDay(first) + FINE_FIRST_DAYS + MARGIN;
    const to = utcDay(last) - FINE_DAYS - MARGIN + 1;
    dropBetween(quarters, from * QUARTERS_A_DAY, to * QUARTERS_A_DAY);
  }
}

/** Keeps the newest instants, newest first: the same ones whatever the order in which they come. */
function insertNewest({ recent, keeps = RECENT_DEFAULT }: SignalTally, at: number): void {
  const place = at >= (recent[0] ?? at) ? 0 : recent.findIndex((known) => known < at);
  if (place === -1 && recent.length >= keeps) {
    return;
  }
  recent.splice(place === -1 ? recent.length : place, 0, at);
  recent.length = Math.min(recent.length, keeps);
}
