import { utcDay } from '../../shared/time.ts';
import { type SignalInfo, SUM_UNIT } from '../signal.ts';
import type { AccountState } from '../state.ts';
import { type Frame, frameOf, type Window } from '../window.ts';
import { amountOfShares, daysOf, isInside, longestRun } from './amount.ts';
import { measureShares } from './evidence.ts';
import { measureNumber } from './numbers.ts';
import type { Share } from './share.ts';
import { sharesOf } from './shares-of.ts';

/** What of an amount is dated on one day: a UTC day number (local days by their date, never later than today's). */
export interface Occasion {
  day: number;
  amount: number;
}

/**
 * What of a measure's amount happened on which day, oldest first, for points that fade with age. The amounts add up to
 * the measure's; of an unknown amount there are none.
 *
 * each, sum: by day. distinct value: each value on its last day (`firstDays`: on its first). distinct users: each on
 * their newest day. distinct and consecutive days: 1 a day. once: the newest day. k of n: each signal given on its
 * newest day. Ratio and trend: whole, on the newest day. What is older than the days that are kept (lifetime), or was
 * only estimated, is dated on the oldest day known.
 */
export function occasionsOf(
  signal: SignalInfo,
  state: AccountState,
  window: Window,
  now: number,
): Occasion[] {
  const today = utcDay(now);
  const byDay = dated(signal, state, window, now);
  const occasions = new Map<number, number>();
  for (const [day, amount] of [...byDay].sort(([a], [b]) => a - b)) {
    const shown = Math.min(day, today);
    occasions.set(shown, (occasions.get(shown) ?? 0) + amount);
  }
  const unit = signal.count === 'sum' ? SUM_UNIT : 1;
  return [...occasions].map(([day, amount]) => ({ day, amount: amount / unit }));
}

/** Amounts by day; sums in millionths. */
type ByDay = Map<number, number>;

function dated(signal: SignalInfo, state: AccountState, window: Window, now: number): ByDay {
  if (signal.count === 'number') {
    return datedNumber(signal, state, window, now);
  }
  const frame = frameOf(signal, state, window, now);
  if ('unknown' in frame || (signal.count === 'sum' && frame.span !== null)) {
    return new Map();
  }
  const { list } = sharesOf(signal, state, frame);
  switch (signal.count) {
    case 'once':
      return datedOn(list.length === 0 ? [] : [Math.max(...list.map(newestDay))]);
    case 'distinct users':
      return datedOn(newestDays(list));
    case 'distinct days':
      return datedOn(daysOf(list));
    case 'consecutive days':
      return datedOn(longestRun(daysOf(list)));
    case 'distinct value':
      return datedValues(list, frame);
    default:
      return datedCounts(list);
  }
}

function datedOn(days: readonly number[]): ByDay {
  const byDay: ByDay = new Map();
  for (const day of days) {
    byDay.set(day, (byDay.get(day) ?? 0) + 1);
  }
  return byDay;
}

function newestDay({ pairs, end }: Share): number {
  return pairs[end - 2] ?? 0;
}

/** One day for each person, who may have several shares. */
function newestDays(list: readonly Share[]): number[] {
  const newest = new Map<string, number>();
  for (const share of list) {
    if (share.person !== null) {
      newest.set(share.person, Math.max(newest.get(share.person) ?? newestDay(share), newestDay(share)));
    }
  }
  return [...newest.values()];
}

function datedCounts(list: readonly Share[]): ByDay {
  const byDay: ByDay = new Map();
  for (const { pairs, start, end, count } of list) {
    let rest = count;
    for (let i = start; i < end; i += 2) {
      const [day = 0, amount = 0] = [pairs[i], pairs[i + 1]];
      byDay.set(day, (byDay.get(day) ?? 0) + amount);
      rest -= amount;
    }
    const oldest = pairs[start] ?? 0;
    byDay.set(oldest, (byDay.get(oldest) ?? 0) + Math.max(0, rest));
  }
  return byDay;
}

function datedValues(list: readonly Share[], frame: Frame): ByDay {
  const lasts = new Map<string, number>();
  for (const { tally } of list) {
    for (const [member, span] of Object.entries(tally?.members ?? {})) {
      if (isInside(span, frame)) {
        const at = frame.first ? span[0] : span[1];
        const known = lasts.get(member) ?? at;
        lasts.set(member, frame.first ? Math.min(known, at) : Math.max(known, at));
      }
    }
  }
  const byDay = datedOn([...lasts.values()].map(frame.calendar.dayOf));
  const estimated = amountOfShares('distinct value', list, frame) - lasts.size;
  if (estimated > 0) {
    const oldest = Math.min(...byDay.keys());
    byDay.set(oldest, (byDay.get(oldest) ?? 0) + estimated);
  }
  return byDay;
}

function datedNumber(signal: SignalInfo, state: AccountState, window: Window, now: number): ByDay {
  const found = measureNumber(signal, state, window, now);
  if (found === null || found.amount === null) {
    return new Map();
  }
  const { source } = signal;
  if (source.kind !== 'some_of') {
    const day = found.days.at(-1);
    return day === undefined ? new Map() : new Map([[day, found.amount]]);
  }
  return datedOn(
    source.signals.flatMap((one) => {
      const { amount, days } = measureShares(one, state, window, now);
      return (amount ?? 0) > 0 ? [days.at(-1) ?? 0] : [];
    }),
  );
}
