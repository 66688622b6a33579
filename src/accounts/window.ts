import { DAY, HOUR, startOfUtcDay, utcDay } from '../shared/time.ts';
import { type Calendar, localCalendar, UTC } from './calendar.ts';
import type { SignalInfo } from './signal.ts';
import { signupOf } from './signup.ts';
import type { AccountState } from './state.ts';

/**
 * A stretch of time. `days`: the last n days, today included, so it moves at midnight. `hours`: exactly that long
 * before now; an instant leaves it at t + n hours (decision 6). `firstDays`: all before the end of the n-th day since
 * the account signed up, the day of the sign-up being the first; what came before the sign-up counts too (S2-117).
 * Days are those of UTC, or of the account for a signal with `days: local`.
 */
export type Window = { days: number } | { hours: number } | { firstDays: number } | 'lifetime';

/** A window as it lies at one instant. */
export interface Frame {
  now: number;
  calendar: Calendar;
  /** Instants and days inside: `from` included, `until` not. */
  from: number;
  until: number;
  fromDay: number;
  untilDay: number;
  /** How long something stays inside: days, or milliseconds; null: it never leaves. */
  days: number | null;
  span: number | null;
  /** The window is about beginnings: a distinct value is inside by its first instant. */
  first: boolean;
  /** When the window itself moves, for a sign-up that is still to come; null: only as time passes. */
  moves: number | null;
}

/** The window cannot be placed. */
export interface NoFrame {
  unknown: string;
  calendar: Calendar;
  /** When it can be; null: not without a new event. */
  begins: number | null;
}

const ALL = {
  from: Number.NEGATIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
  fromDay: Number.NEGATIVE_INFINITY,
  untilDay: Number.POSITIVE_INFINITY,
  days: null,
  span: null,
  first: false,
  moves: null,
};

/** Where a window lies for one signal of one account. */
export function frameOf(
  signal: SignalInfo,
  state: AccountState,
  window: Window,
  now: number,
): Frame | NoFrame {
  const calendar = signal.days === 'local' ? localCalendar(state) : UTC;
  if (window === 'lifetime') {
    return { ...ALL, now, calendar };
  }
  if ('days' in window) {
    return signal.days === 'local' ? daysFrame(calendar, window.days, 0, now) : utcFrame(window.days, now);
  }
  if ('hours' in window) {
    const span = window.hours * HOUR;
    return { ...ALL, now, calendar, from: now - span + 1, span };
  }
  const { at, begins } = signupOf(state, now);
  if (at === null) {
    return { unknown: 'signup is not known', calendar, begins };
  }
  const untilDay = calendar.dayOf(at) + window.firstDays;
  return { ...ALL, now, calendar, until: calendar.startOf(untilDay), untilDay, first: true, moves: begins };
}

/** The rules of a model mostly share one window, and accounts are scored one after the other at one instant. */
let lastFrame: { days: number; now: number; frame: Frame } | null = null;

function utcFrame(days: number, now: number): Frame {
  if (lastFrame === null || lastFrame.days !== days || lastFrame.now !== now) {
    lastFrame = { days, now, frame: daysFrame(UTC, days, 0, now) };
  }
  return lastFrame.frame;
}

/** `length` days that end `before` days before the end of today. */
export function daysFrame(calendar: Calendar, length: number, before: number, now: number): Frame {
  const tomorrow = calendar.dayOf(now) + 1;
  const fromDay = tomorrow - before - length;
  const untilDay = before === 0 ? ALL.untilDay : tomorrow - before;
  return {
    now,
    calendar,
    from: calendar.startOf(fromDay),
    until: before === 0 ? ALL.until : calendar.startOf(untilDay),
    fromDay,
    untilDay,
    days: length + before,
    span: null,
    first: false,
    moves: null,
  };
}

/** First instant at which what happened at `at` is no longer inside. */
export function leavesFrame({ days, span, calendar }: Frame, at: number): number | null {
  if (days !== null) {
    return calendar.startOf(calendar.dayOf(at) + days);
  }
  return span === null ? null : at + span;
}

/**
 * Whether an instant that is not after `now` lies in the window, by UTC days.
 *
 * @param signup when the account signed up, for `firstDays`; unknown: nothing is inside
 */
export function contains(window: Window, at: number, now: number, signup: number | null = null): boolean {
  if (window === 'lifetime') {
    return true;
  }
  if ('firstDays' in window) {
    return signup !== null && utcDay(at) < utcDay(signup) + window.firstDays;
  }
  return 'days' in window ? utcDay(at) > utcDay(now) - window.days : now - at < window.hours * HOUR;
}

/** First instant at which `at` is no longer inside, by UTC days; null: never. */
export function leavesAt(window: Window, at: number): number | null {
  if (window === 'lifetime' || 'firstDays' in window) {
    return null;
  }
  return 'days' in window ? startOfUtcDay(utcDay(at)) + window.days * DAY : at + window.hours * HOUR;
}

export function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** The later of two instants; null is never, later than any. */
export function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}
