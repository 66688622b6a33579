import type { Json } from '../shared/json.ts';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** Above it a number counts milliseconds (from 1973 on), below it seconds (until the year 5138). */
const MILLISECONDS_FROM = 1e11;

/**
 * A sender's time as milliseconds since 1970; null when it is none.
 *
 * ISO 8601 with or without a zone (without: UTC, as Amplitude writes it, with a blank for the T), a date alone
 * (its midnight UTC), and Unix seconds or milliseconds as number or text. Nothing is guessed: `Date.parse`
 * would read "1" as a day in 2001 and local time into a text without a zone.
 */
export function readInstant(value: Json | undefined): number | null {
  if (typeof value === 'number') {
    return fromUnix(value);
  }
  if (typeof value !== 'string') {
    return null;
  }
  const text = value.trim();
  return /^-?\d{1,19}(\.\d{1,9})?$/.test(text) ? fromUnix(Number(text)) : fromIso(text);
}

function fromUnix(number: number): number | null {
  const ms = Math.abs(number) < MILLISECONDS_FROM ? number * 1000 : number;
  return Number.isFinite(ms) ? Math.floor(ms) : null;
}

/** How SDKs write it; of these days every month has the first 28. */
const USUAL = /^[12]\d{3}-[01]\d-(?:[01]\d|2[0-8])T[01]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/;

function fromIso(text: string): number | null {
  if (USUAL.test(text)) {
    // Four times as fast. NaN: a month or a day that no calendar has.
    const usual = Date.parse(text);
    return Number.isNaN(usual) ? null : usual;
  }
  const match = ISO.exec(text);
  if (match === null) {
    return null;
  }
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const fields = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)] as const;
  const at = Date.UTC(...fields, Number(second), ms);
  return isSameDay(at, fields) && Number(minute) < 60 && Number(second) < 61 ? at - offsetOf(zone) : null;
}

/** `Date.UTC` rolls 31 February over into March; such a date is none. 24:00 is the next day's midnight. */
function isSameDay(at: number, [year, month, day, hour]: readonly [number, number, number, number, number]) {
  const date = new Date(hour === 24 ? at - 1 : at);
  return (
    hour <= 24 && date.getUTCFullYear() === year && date.getUTCMonth() === month && date.getUTCDate() === day
  );
}

function offsetOf(zone: string | undefined): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (match === null) {
    return 0;
  }
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -1 : 1) * minutes * 60_000;
}
