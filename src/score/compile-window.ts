import type { SignalInfo } from '../accounts/signal.ts';
import { HORIZON_DAYS } from '../accounts/signal-plan.ts';
import type { Window } from '../accounts/window.ts';
import { didYouMean } from '../shared/config-file.ts';
import type { Complain } from './complain.ts';

/** States remember as many days as the journal: a longer window would count what is no longer there. */
export function checkedWindow(
  window: Window | undefined,
  path: readonly PropertyKey[],
  complain: Complain,
): Window | null {
  if (window === undefined) {
    return complain(path, undefined, 'a window such as "90 days"');
  }
  const days = daysOf(window);
  return days > HORIZON_DAYS
    ? complain(path, windowText(window), `at most ${HORIZON_DAYS} days, as far as the journal reaches`)
    : window;
}

function daysOf(window: Window): number {
  if (window === 'lifetime') {
    return 0;
  }
  return 'days' in window ? window.days : 'hours' in window ? window.hours / 24 : window.firstDays;
}

/** null: signals.yaml is broken itself. Its own problems are told; which of its signals exist nobody can say. */
export type Catalogue = ReadonlyMap<string, SignalInfo> | null;

export function checkedSignal(
  id: string,
  signals: Catalogue,
  path: readonly PropertyKey[],
  complain: Complain,
): SignalInfo | null {
  if (signals === null) {
    return null;
  }
  const known = signals.get(id);
  return known ?? complain(path, id, `a signal of signals.yaml${didYouMean(id, [...signals.keys()])}`);
}

/** `90 days`, `1 hour`, `lifetime`: as the file says it. */
export function windowText(window: Window): string {
  if (window === 'lifetime') {
    return 'lifetime';
  }
  if ('firstDays' in window) {
    return `first ${window.firstDays} days`;
  }
  const [length, unit] = 'days' in window ? [window.days, 'day'] : [window.hours, 'hour'];
  return `${length} ${unit}${length === 1 ? '' : 's'}`;
}
