import { holdsDuring } from '../calendar.ts';
import { addUp, type Pairs, placeOf } from '../pairs.ts';
import type { During } from '../signal.ts';
import type { AccountState, SignalTally } from '../state.ts';
import { QUARTER, quarterOf } from '../tally.ts';
import { knownAt } from '../upto.ts';
import { earliest, type Frame, leavesFrame } from '../window.ts';
import { type Share, type Shares, shareOf } from './share.ts';

/** Shares of a signal that is counted from events. Instants after now do not exist yet: their arrival is a change. */
export function sharesCounted(id: string, during: During | null, state: AccountState, frame: Frame): Shares {
  const list: Share[] = [];
  let begins: number | null = null;
  for (const { person, signals } of state.parts) {
    const tally = signals[id];
    let past: SignalTally | null = tally ?? null;
    if (tally !== undefined && tally.last > frame.now) {
      const known = knownAt(tally, frame.now, (at) => counts(at, during, frame));
      begins = earliest(begins, known.begins);
      past = known.past;
    }
    const share = past === null ? null : shareInside(person, past, during, frame);
    if (share !== null) {
      list.push(share);
    }
  }
  return { list, begins };
}

function counts(at: number, during: During | null, { from, until, calendar }: Frame): boolean {
  return at >= from && at < until && (during === null || holdsDuring(during, calendar.offset, at));
}

function shareInside(
  person: string | null,
  past: SignalTally,
  during: During | null,
  frame: Frame,
): Share | null {
  if (frame.span !== null) {
    return shareOfHours(person, past, during, frame);
  }
  const fine = past.quarters !== undefined && frame.calendar.zone !== null;
  const pairs = fine ? localDays(past.quarters ?? [], during, frame) : past.days;
  const start = placeOf(pairs, frame.fromDay);
  const end = frame.until === Number.POSITIVE_INFINITY ? pairs.length : placeOf(pairs, frame.untilDay);
  const oldest = pairs[start];
  if (oldest === undefined || start >= end) {
    return null;
  }
  const first = Math.max(past.first, frame.calendar.startOf(oldest));
  // Over all time the count is known, however old; where only some times of day count, what is kept.
  const all = frame.days === null && !frame.first && during === null;
  return {
    person,
    count: all ? past.count : sumOf(pairs, start, end),
    pairs,
    start,
    end,
    first: all ? past.first : first,
    last: Math.max(first, lastInside(past, pairs[end - 2] ?? oldest, during, frame)),
    leaves: frame.days === null ? null : frame.calendar.startOf(oldest + frame.days),
    tally: past,
  };
}

function sumOf(pairs: Pairs, start: number, end: number): number {
  let sum = 0;
  for (let i = start + 1; i < end; i += 2) {
    sum = addUp(sum, pairs[i] ?? 0);
  }
  return sum;
}

/** The newest instant inside; where it is not known any more, the beginning of its day. */
function lastInside(past: SignalTally, newestDay: number, during: During | null, frame: Frame): number {
  if (during === null && past.last < frame.until) {
    return past.last;
  }
  return past.recent.find((at) => counts(at, during, frame)) ?? frame.calendar.startOf(newestDay);
}

/** Of hours the newest instants are known, and the last one of each distinct value. */
function shareOfHours(
  person: string | null,
  past: SignalTally,
  during: During | null,
  frame: Frame,
): Share | null {
  const inside = past.recent.filter((at) => counts(at, during, frame)).reverse();
  if (inside.length === 0) {
    return null;
  }
  const share = shareOf(person, inside, frame, past);
  // A value's last instant may be older than the newest ones that are kept.
  let oldest = share.first;
  for (const member in past.members) {
    const last = past.members[member]?.[1] ?? 0;
    oldest = last >= frame.from && last < oldest ? last : oldest;
  }
  return { ...share, leaves: leavesFrame(frame, oldest) };
}

/** Counts by local days, of the quarters of an hour that lie in the frame and in the times that count. */
function localDays(quarters: Pairs, during: During | null, { calendar, from, until }: Frame): Pairs {
  const days: Pairs = [];
  const end = until === Number.POSITIVE_INFINITY ? quarters.length : placeOf(quarters, quarterOf(until));
  let [day, tomorrow] = [0, Number.NEGATIVE_INFINITY];
  for (let i = from === Number.NEGATIVE_INFINITY ? 0 : placeOf(quarters, quarterOf(from)); i < end; i += 2) {
    const at = (quarters[i] ?? 0) * QUARTER;
    if (during !== null && !holdsDuring(during, calendar.offset, at)) {
      continue;
    }
    if (at >= tomorrow) {
      day = calendar.dayOf(at);
      tomorrow = calendar.startOf(day + 1);
      days.push(day, 0);
    }
    days[days.length - 1] = addUp(days.at(-1) ?? 0, quarters[i + 1] ?? 0);
  }
  return days;
}
