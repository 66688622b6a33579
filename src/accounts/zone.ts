import { DAY, isoDate, MINUTE } from '../shared/time.ts';

/** Clock of one time zone: milliseconds that its clocks are ahead of UTC at an instant. */
export type Offset = (at: number) => number;

/** A stretch of time with one offset; `until` is outside. */
interface Era {
  from: number;
  until: number;
  offset: number;
}

const CLOCKS = new Map<string, Offset | null>();

/** More names than there are zones: beyond that somebody makes them up, and the memory starts anew. */
const CLOCKS_MAX = 1000;

/** A trait may name any year; events lie in few. */
const YEARS_MAX = 50;

/** The clock of an IANA zone such as `Europe/Berlin` (case does not count); null: there is no such zone. */
export function clockOf(zone: string): Offset | null {
  const known = CLOCKS.get(zone);
  if (known !== undefined) {
    return known;
  }
  const clock = makeClock(zone);
  if (CLOCKS.size >= CLOCKS_MAX) {
    CLOCKS.clear();
  }
  CLOCKS.set(zone, clock);
  return clock;
}

/** `2026-03-02` of an instant (ms) by the clocks of an IANA zone; one that nobody knows is UTC. */
export function dateIn(zone: string, at: number): string {
  return isoDate(at + (clockOf(zone)?.(at) ?? 0));
}

function makeClock(zone: string): Offset | null {
  const format = formatOf(zone);
  if (format === null) {
    return null;
  }
  const years = new Map<number, Era[]>();
  // Instants come in runs: mostly the era that was asked for last is the one.
  let era: Era = { from: 0, until: 0, offset: 0 };
  return (at) => {
    if (at < era.from || at >= era.until) {
      const year = new Date(at).getUTCFullYear();
      const eras = years.get(year) ?? erasOf(format, year);
      if (years.size >= YEARS_MAX) {
        years.clear();
      }
      years.set(year, eras);
      era = eras.findLast(({ from }) => from <= at) ?? era;
    }
    return era.offset;
  };
}

/** A name that begins with a sign is an offset, no zone: its clocks may not keep whole quarters of an hour. */
function formatOf(zone: string): Intl.DateTimeFormat | null {
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(zone)) {
    return null;
  }
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', hour: 'numeric' });
  } catch {
    return null;
  }
}

/**
 * The offsets of one year, found once and kept: asking `Intl` for every instant would cost more than all else. No zone
 * changes its clocks twice within a week, so looking once a week misses nothing.
 */
function erasOf(format: Intl.DateTimeFormat, year: number): Era[] {
  const end = Date.UTC(year + 1, 0, 1);
  let from = Date.UTC(year, 0, 1);
  let offset = askOffset(format, from);
  const eras: Era[] = [];
  for (let at = from; at < end; at += 7 * DAY) {
    const next = Math.min(at + 7 * DAY, end);
    const later = askOffset(format, next);
    if (later !== offset) {
      const change = changeBetween(format, at, next, offset);
      eras.push({ from, until: change, offset });
      from = change;
      offset = later;
    }
  }
  return from < end ? [...eras, { from, until: end, offset }] : eras;
}

/** The first minute after `low` at which the offset is no longer `before`. */
function changeBetween(format: Intl.DateTimeFormat, low: number, high: number, before: number): number {
  let [still, changed] = [low, high];
  while (changed - still > MINUTE) {
    const middle = still + Math.floor((changed - still) / 2 / MINUTE) * MINUTE;
    if (askOffset(format, middle) === before) {
      still = middle;
    } else {
      changed = middle;
    }
  }
  return changed;
}

/** From `GMT`, `GMT+05:30` or `GMT-08:00`. */
function askOffset(format: Intl.DateTimeFormat, at: number): number {
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d\d):(\d\d)/.exec(name);
  const minutes = match === null ? 0 : Number(match[2]) * 60 + Number(match[3]);
  return (match?.[1] === '-' ? -minutes : minutes) * MINUTE;
}
