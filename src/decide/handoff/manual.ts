import { oneLine } from '../../shared/shown-text.ts';
import { DAY, HOUR, isoInstant, minuteUtc, parseInstant } from '../../shared/time.ts';
import type { Hold } from './hold.ts';

/** Stands for the list of suppressions among the holds. */
export const MANUAL = 'manual';

/** Somebody wants an account left alone. */
export interface Suppression {
  /** As it was named: key of an account, a key that it had before, or its domain. */
  key: string;
  reason: string;
  author: string;
  /** The first instant (ms) at which it does not hold any more; null: until it is removed. */
  until: number | null;
}

/** @param account key of the account that it holds back */
export function manualHold({ key, reason, author, until }: Suppression, account: string): Hold {
  const end = until === null ? '' : `, until ${minuteUtc(isoInstant(until))}`;
  const named = key === account ? '' : `, as ${key}`;
  return { id: MANUAL, why: `${reason} (by ${author}${named}${end})`, until };
}

/** Keys of accounts are as long at most. */
const KEY_MAX = 500;

/** Why stands in tasks and mails as a part of a line. */
export const WHY_MAX = 300;

/** A key as it is looked up: a domain is written in any case, a key that somebody gave is not. null: none, or too long. */
export function readKey(text: string): string | null {
  const key = text.trim();
  if (key === '' || key.length > KEY_MAX || key.includes('\0')) {
    return null;
  }
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(key) ? key.toLowerCase() : key;
}

/** A reason as one line; null: none, or too long. */
export function readReason(text: string): string | null {
  const reason = oneLine(text);
  return reason === '' || reason.length > WHY_MAX ? null : reason;
}

const UNITS: Record<string, number> = { hour: HOUR, day: DAY, week: 7 * DAY };

export const UNTIL_ALLOWED =
  'a last day such as 2026-12-31, an instant such as 2026-12-31T12:00:00Z, or a duration such as "30 days", "12 hours" or "2 weeks", not in the past';

/** The end (ms) that a text gives: a last day (UTC), an instant, or a duration from `now` on; null: nothing of these, or it has passed. */
export function readUntil(text: string, now: number): number | null {
  const end = endOf(text.trim(), now);
  return end !== null && end > now ? end : null;
}

function endOf(text: string, now: number): number | null {
  const [, count, unit = ''] = /^([1-9]\d{0,3}) (hour|day|week)s?$/.exec(text) ?? [];
  if (count !== undefined) {
    return now + Number(count) * (UNITS[unit] ?? DAY);
  }
  const at = parseInstant(text);
  return at !== null && !text.includes('T') ? at + DAY : at;
}
