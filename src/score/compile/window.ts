import type { Reach } from '../../accounts/signal-info.ts';
import { HORIZON_DAYS } from '../../accounts/signal-plan.ts';
import { FIRST_DAYS_MAX } from '../../accounts/state.ts';
import type { Window } from '../../accounts/window.ts';
import type { Complain } from './complain.ts';

/** States remember as many days as the journal: a longer window would count what is no longer there. */
export function checkedWindow(
  window: Window,
  path: readonly PropertyKey[],
  complain: Complain,
  reach: Bounds = AS_JOURNAL,
): Window | null {
  const allowed = allowedWindow(window, reach);
  return allowed === null ? window : complain(path, windowText(window), allowed);
}

type Bounds = Pick<Reach, 'days' | 'firstDays' | 'hours' | 'lifetime'>;

const AS_JOURNAL: Bounds = {
  days: HORIZON_DAYS,
  firstDays: FIRST_DAYS_MAX,
  hours: HORIZON_DAYS * 24,
  lifetime: true,
};

/** What may stand instead; null: the window is within reach. */
function allowedWindow(window: Window, { days, firstDays, hours, lifetime }: Bounds): string | null {
  if (window === 'lifetime') {
    return lifetime ? null : `at most ${days} days: local days are known no longer`;
  }
  if ('firstDays' in window) {
    return window.firstDays <= firstDays ? null : `at most first ${firstDays} days`;
  }
  if ('hours' in window) {
    return hours === 0 ? 'days: hours are too fine for this signal' : atMost(window.hours <= hours, days);
  }
  return atMost(window.days <= days, days);
}

function atMost(fits: boolean, days: number): string | null {
  if (fits) {
    return null;
  }
  return days === HORIZON_DAYS
    ? `at most ${days} days, as far as the journal reaches`
    : `at most ${days} days: local days are known no longer`;
}

/** `90 days`, `1 hour`, `first 14 days`, `lifetime`: as the file says it. */
export function windowText(window: Window): string {
  if (window === 'lifetime') {
    return 'lifetime';
  }
  if ('firstDays' in window) {
    return `first ${plural(window.firstDays, 'day')}`;
  }
  return 'days' in window ? plural(window.days, 'day') : plural(window.hours, 'hour');
}

/** `the last 90 days`, `the first 14 days`; empty for all time. */
export function windowPhrase(window: Window): string {
  if (window === 'lifetime') {
    return '';
  }
  return 'firstDays' in window ? `the ${windowText(window)}` : `the last ${windowText(window)}`;
}

function plural(length: number, unit: string): string {
  return `${length} ${unit}${length === 1 ? '' : 's'}`;
}
