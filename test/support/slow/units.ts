import { Decimal } from 'decimal.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** `20 points`, `4 times`, `30 days`, `60 %` -> the number in front. */
export function leading(text: string): Decimal {
  return new Decimal(text.split(/[ %]/)[0] ?? '');
}

/** The UTC day of an instant, as days since 1970. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** Half up, at six decimals: what every number that is shown has. */
export function sixDecimals(value: Decimal, decimals = 6): Decimal {
  return value.toDecimalPlaces(decimals, Decimal.ROUND_HALF_CEIL);
}

/** How texts are compared: case and outer blanks do not count. */
export function plain(value: unknown): string {
  return String(value).trim().toLowerCase();
}

export function listOf<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? value : [value];
}
