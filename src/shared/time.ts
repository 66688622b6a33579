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
