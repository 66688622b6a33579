/** Calendar arithmetic in UTC. Pure: takes milliseconds since 1970, returns the same. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Number of the UTC day that holds `at` (1970-01-01 is day 0). */
export function utcDay(at: number): number {
  return Math.floor(at / DAY);
}

/** Weekday of a day number; Monday is 0. 1970-01-01, day 0, was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** First instant of a UTC day. */
export function startOfUtcDay(day: number): number {
  return day * DAY;
}

/** `2026-03-02` for any instant of that UTC day. */
export function isoDate(at: number): string {
  const day = utcDay(at);
  const known = DATES.get(day);
  if (known !== undefined) {
    return known;
  }
  const date = new Date(at).toISOString().slice(0, 10);
  if (DATES.size < DATES_MAX) {
    DATES.set(day, date);
  }
  return date;
}

/** Dates are asked for again and again, and making one costs more than scoring a rule. */
const DATES = new Map<number, string>();
const DATES_MAX = 4000;

export function isoInstant(at: number): string {
  const inDay = at - utcDay(at) * DAY;
  const ms = inDay % SECOND;
  const time = `${twoDigits(inDay / HOUR)}:${twoDigits((inDay % HOUR) / MINUTE)}:${twoDigits((inDay % MINUTE) / SECOND)}`;
  return `${isoDate(at)}T${time}.${ms < 100 ? '0' : ''}${twoDigits(ms)}Z`;
}

/** `2026-03-02 10:00` of an instant in ISO 8601. */
export function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}

/** `2026-03-02 10:00 UTC` of an instant in ISO 8601, UTC. */
export function minuteUtc(instant: string): string {
  return `${minuteOf(instant)} UTC`;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${Math.floor(number)}` : String(Math.floor(number));
}

/**
 * `2026-03-02` (midnight), `2026-03-02T10:00Z` or with seconds, fractions and an offset, as people write it; UTC where
 * no offset is given. null: anything else, and days that no calendar has.
 */
export function parseInstant(text: string): number | null {
  const form = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
  const [, date, time, , , zone] = form.exec(text) ?? [];
  const day = Date.parse(`${date}T00:00:00Z`);
  // Date.parse takes February 30th for March 2nd.
  if (date === undefined || Number.isNaN(day) || isoDate(day) !== date) {
    return null;
  }
  const at = time === undefined ? day : Date.parse(zone === undefined ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}
