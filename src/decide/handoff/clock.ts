import { DAY } from '../../shared/time.ts';
import { type BusinessHours, workedBetween } from './business-hours.ts';
import type { Sla } from './sla.ts';

/** The promise of first contact that begins to run when a crossing is handed over. Instants in ms. */
export interface ClockStart extends Sla {
  tier: string;
  n: number;
  /** Where the account went. */
  route: string;
}

export const ENDS = ['touched', 'bought', 'suppressed', 'cooled'] as const;
/** Why a promise runs no longer. */
export type ClockEnd = (typeof ENDS)[number];

/** What is told of a promise, in this order, each once. */
export const MARKS = ['due_soon', 'breached', 'escalated'] as const;
export type Mark = (typeof MARKS)[number];

/** One promise and what became of it. Instants in ms; null: not yet, or never. */
export interface Clock {
  crossedAt: number;
  warnAt: number;
  dueAt: number;
  /** When it is passed on. */
  escalateAt: number | null;
  warnedAt: number | null;
  breachedAt: number | null;
  escalatedAt: number | null;
  /** When somebody of ours first got in touch, and how. */
  touchedAt: number | null;
  touch: string | null;
  /** When the buyer first wrote or booked. */
  repliedAt: number | null;
  endedAt: number | null;
  endedWhy: ClockEnd | null;
}

/** Somebody got in touch. `at`: when it happened (ms), whenever we learned of it. */
export interface Touch {
  at: number;
  side: 'ours' | 'theirs';
  kind: string;
}

/** A promise as it stands now, and what is to be told of it now. */
export interface Advanced {
  clock: Clock;
  marks: Mark[];
}

/**
 * What touches and time make of a promise. `touches`: all of the account since the crossing. The first touch of ours ends it, at the time when it happened: also after a breach
 * was told, which then stays told. A reply ends nothing: the buyer waits for an answer. What stands between two looks is not
 * told after the fact: past the deadline nobody is warned of it.
 */
export function advance(clock: Clock, touches: readonly Touch[], now: number): Advanced {
  const known = withTouches(clock, touches, now);
  const marks = marksDue(known, now);
  const told = (mark: Mark, before: number | null) => (marks.includes(mark) ? now : before);
  return {
    marks,
    clock: {
      ...known,
      warnedAt: told('due_soon', known.warnedAt),
      breachedAt: told('breached', known.breachedAt),
      escalatedAt: told('escalated', known.escalatedAt),
    },
  };
}

/** Touches leave the record by age: what they said of a promise so long ago (ms) stays. */
const SETTLED = 30 * DAY;

/**
 * The first touch and the first reply since the crossing, whatever was known before: one that turns out to be none, such as a
 * task that was closed by mistake, ends nothing. What lies before the crossing was no answer to it.
 */
function withTouches(clock: Clock, touches: readonly Touch[], now: number): Clock {
  const { crossedAt, touchedAt, endedWhy } = clock;
  const since = touches.filter(({ at }) => at >= crossedAt);
  const ours = firstOf(since, 'ours');
  const answered = { ...clock, repliedAt: firstOf(since, 'theirs')?.at ?? null };
  if (touchedAt !== null && now - touchedAt > SETTLED && !(ours !== null && ours.at < touchedAt)) {
    return { ...answered, repliedAt: answered.repliedAt ?? clock.repliedAt };
  }
  if (ours !== null) {
    return { ...answered, touchedAt: ours.at, touch: ours.kind, ...endBy(clock, ours.at) };
  }
  const open = endedWhy === 'touched' ? { endedAt: null, endedWhy: null } : {};
  return { ...answered, touchedAt: null, touch: null, ...open };
}

/** What ended for another reason goes on having ended for that; how it was met is told by the touch all the same. */
function endBy({ endedAt, endedWhy }: Clock, at: number): Pick<Clock, 'endedAt' | 'endedWhy'> {
  return endedWhy === null || endedWhy === 'touched'
    ? { endedAt: at, endedWhy: 'touched' }
    : { endedAt, endedWhy };
}

function firstOf(touches: readonly Touch[], side: Touch['side']): Touch | null {
  return touches
    .filter((touch) => touch.side === side)
    .reduce<Touch | null>((first, touch) => (first === null || touch.at < first.at ? touch : first), null);
}

function marksDue(clock: Clock, now: number): Mark[] {
  const { endedAt, warnAt, dueAt, escalateAt, warnedAt, breachedAt, escalatedAt } = clock;
  if (endedAt !== null) {
    return [];
  }
  const isBreached = now >= dueAt;
  return MARKS.filter((mark) => {
    switch (mark) {
      case 'due_soon':
        return warnedAt === null && now >= warnAt && !isBreached;
      case 'breached':
        return breachedAt === null && isBreached;
      default:
        return escalatedAt === null && escalateAt !== null && now >= escalateAt;
    }
  });
}

/** When something is to be told next (ms); null: nothing any more. */
export function nextMark(clock: Clock): number | null {
  const { endedAt, warnAt, dueAt, escalateAt, warnedAt, breachedAt, escalatedAt } = clock;
  if (endedAt !== null) {
    return null;
  }
  const left = [
    ...(warnedAt === null && breachedAt === null ? [warnAt] : []),
    ...(breachedAt === null ? [dueAt] : []),
    ...(escalatedAt === null && escalateAt !== null ? [escalateAt] : []),
  ];
  return left.length === 0 ? null : Math.min(...left);
}

/** How a promise stands. `withdrawn`: it ended before the deadline with nobody having got in touch. */
export const CLOCK_STATES = ['open', 'due_soon', 'breached', 'met', 'withdrawn'] as const;
export type ClockState = (typeof CLOCK_STATES)[number];

/** By what happened, whether or not it was told: a call that was logged late meets the promise that it met. */
export function stateOf(
  { warnAt, dueAt, touchedAt, endedAt }: Pick<Clock, 'warnAt' | 'dueAt' | 'touchedAt' | 'endedAt'>,
  now: number,
): ClockState {
  if (touchedAt !== null) {
    return touchedAt <= dueAt ? 'met' : 'breached';
  }
  if ((endedAt ?? now) >= dueAt) {
    return 'breached';
  }
  return endedAt !== null ? 'withdrawn' : now >= warnAt ? 'due_soon' : 'open';
}

/** A stretch of time, by the wall clock and in working time. Both in ms. */
export interface Stretch {
  wall: number;
  working: number;
}

/** How long a stretch took; one that ended before it began took no time. null: it has no end, or no beginning. */
export function stretch(hours: BusinessHours, from: number | null, to: number | null): Stretch | null {
  return from === null || to === null
    ? null
    : { wall: Math.max(0, to - from), working: workedBetween(hours, from, to) };
}
