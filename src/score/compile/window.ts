import { HORIZON_DAYS } from '../../accounts/signal-plan.ts';
import type { Window } from '../../accounts/window.ts';
import type { Complain } from './complain.ts';

/** States remember as many days as the journal: a longer window would count what is no longer there. */
export function checkedWindow(
  window: Window,
  path: readonly PropertyKey[],
  complain: Complain,
): Window | null {
  const days = window === 'lifetime' ? 0 : 'hours' in window ? window.hours / 24 : lengthOf(window);
  return days > HORIZON_DAYS
    ? complain(path, windowText(window), `at most ${HORIZON_DAYS} days, as far as the journal reaches`)
    : window;
}

function lengthOf(window: { days: number } | { firstDays: number }): number {
  return 'days' in window ? window.days : window.firstDays;
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
