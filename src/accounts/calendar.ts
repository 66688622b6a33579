import { cut } from '../shared/cut.ts';
import { DAY, MINUTE, startOfUtcDay, utcDay, weekdayOf } from '../shared/time.ts';
import { textOf } from './coerce.ts';
import type { During } from './signal.ts';
import type { AccountState, TraitSlot } from './state.ts';
import { mergeSlots, traitValue } from './traits.ts';
import { clockOf, type Offset } from './zone.ts';

/** Days as somebody counts them. Day numbers are those of the date: 1970-01-01 is 0. */
export interface Calendar {
  dayOf(at: number): number;
  /** First instant of a day. */
  startOf(day: number): number;
  /** null: UTC was asked for. Else whose clock it is, in words. */
  zone: string | null;
  offset: Offset;
}

export const UTC: Calendar = { dayOf: utcDay, startOf: startOfUtcDay, zone: null, offset: () => 0 };

/** The account's own calendar; that of UTC, with the reason, when its time zone is not known. */
export function localCalendar(state: AccountState): Calendar {
  const said = textOf(accountTrait(state, 'timezone'));
  const clock = said === null ? null : clockOf(said);
  if (said === null || clock === null) {
    const why = said === null ? 'is not known' : `"${cut(said, 40)}" is none`;
    return { ...UTC, zone: `UTC, because the account's time zone ${why}` };
  }
  return {
    dayOf: (at) => utcDay(at + clock(at)),
    startOf: (day) => startOfDay(clock, day),
    zone: said,
    offset: clock,
  };
}

/** Whether working hours (or whichever are meant) hold at an instant by this clock. */
export function holdsDuring(during: During, offset: Offset, at: number): boolean {
  const local = at + offset(at);
  const day = utcDay(local);
  const minute = Math.floor((local - startOfUtcDay(day)) / MINUTE);
  return minute >= during.from && minute < during.to && during.weekdays.includes(weekdayOf(day));
}

/**
 * The first instant of a local day: midnight by the clock of the day before or of the day after, whichever comes first
 * and is no longer the day before. Where midnight is skipped, the day begins when the clocks are set; where it comes
 * twice, with the second one.
 */
function startOfDay(clock: Offset, day: number): number {
  const midnight = startOfUtcDay(day);
  const [before, after] = [midnight - clock(midnight - DAY), midnight - clock(midnight + DAY)];
  const first = Math.min(before, after);
  return utcDay(first + clock(first)) >= day ? first : Math.max(before, after);
}

/** One trait of the account in force, over all of its parts. */
export function accountTrait(state: AccountState, name: string) {
  let slot: TraitSlot = {};
  for (const { accountTraits } of state.parts) {
    const said = Object.hasOwn(accountTraits, name) ? accountTraits[name] : undefined;
    if (said !== undefined) {
      slot = mergeSlots(slot, said);
    }
  }
  return traitValue(slot);
}
