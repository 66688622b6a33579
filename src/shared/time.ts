/** Calendar arithmetic in UTC. Pure: takes milliseconds since 1970, returns the same. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Number of the UTC day that holds `at` (1970-01-01 is day 0). */
export function utcDay(at: number): number {
  return Math.floor(at / DAY);
}

/** First instant of a UTC day. */
export function startOfUtcDay(day: number): number {
  return day * DAY;
}

/** `2026-03-02` for any instant of that UTC day. */
export function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export function isoInstant(at: number): string {
  return new Date(at).toISOString();
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
