import { MINUTE } from '../shared/time.ts';

/**
 * Where reading changes goes on: everything changed at `at` (ms, the CRM's clock) or later. With `id`: of what changed at
 * that very instant only records after this id are left. Pages are asked for by value, never by number: a record that
 * changes while one reads moves to the end, and all behind it move up by one place.
 */
export interface FeedCursor {
  at: number;
  id: string | null;
}

export interface Changed {
  id: string;
  modifiedAt: number;
}

/** An index lags behind writes, and a change that began earlier may be committed later: so much is read again. */
export const OVERLAP = 5 * MINUTE;

/** @param watermark the newest change that an earlier pass saw; null: none did */
export function firstCursor(watermark: number | null): FeedCursor {
  return { at: watermark === null ? 0 : Math.max(0, watermark - OVERLAP), id: null };
}

/** The newest change of both. */
export function newest(watermark: number | null, rows: readonly Changed[]): number | null {
  return rows.reduce<number | null>(
    (latest, { modifiedAt }) => (latest === null || modifiedAt > latest ? modifiedAt : latest),
    watermark,
  );
}

/**
 * After a page in the order of (change, id), as SQL-like queries give it.
 *
 * @param more whether the CRM has more behind this page
 */
export function afterOrdered(rows: readonly Changed[], more: boolean): FeedCursor | null {
  const last = rows.at(-1);
  return more && last !== undefined ? { at: last.modifiedAt, id: last.id } : null;
}

/**
 * After a page of a search that sorts by one property only. Each page begins at the newest change of the one before, so
 * that no query comes near the most results that a search gives. Where one instant fills a whole page (an import), what
 * changed then is read by id, and then what changed later.
 */
export function afterSearched(from: FeedCursor, rows: readonly Changed[], more: boolean): FeedCursor | null {
  const last = rows.at(-1);
  if (from.id !== null) {
    return more && last !== undefined ? { at: from.at, id: last.id } : { at: from.at + 1, id: null };
  }
  if (!more || last === undefined) {
    return null;
  }
  // A record that changes in this very moment may already show its new time in its old place, and one at the end of the
  // page would let everything in between be passed over: so the last few are read again.
  const at = Math.min(...rows.slice(-Math.ceil(rows.length / REREAD)).map(({ modifiedAt }) => modifiedAt));
  return at > from.at ? { at, id: null } : { at: from.at, id: '0' };
}

/** Of so many records of a page one is read again. */
const REREAD = 20;
