import { isoInstant } from '../../shared/time.ts';
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
  const end = until === null ? '' : `, until ${shownInstant(until)}`;
  const named = key === account ? '' : `, as ${key}`;
  return { id: MANUAL, why: `${reason} (by ${author}${named}${end})`, until };
}

/** `2026-03-02 10:00 UTC` */
function shownInstant(at: number): string {
  return `${isoInstant(at).slice(0, 16).replace('T', ' ')} UTC`;
}
