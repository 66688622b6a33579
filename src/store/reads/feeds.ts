import { isoInstant } from '../../shared/time.ts';
import type { FeedCursor } from '../../sync/feed.ts';
import type { Db, Tx } from '../db.ts';

/** How long (ms) a claimed feed is left alone: past any call's timeout, and soon enough after a crash. */
const LEASE = 90_000;

/** A feed that this process may read on. */
export interface ClaimedFeed {
  connection: string;
  feed: string;
  /** null: a new pass begins. */
  cursor: FeedCursor | null;
  /** The newest change seen, ms by the CRM's clock. */
  watermark: number | null;
  /** Everything was read once: what comes now is news. */
  filled: boolean;
  rev: number;
}

/** Claims a feed that is due; null: it is not, or another process reads it. */
export async function claimFeed(
  db: Db,
  connection: string,
  feed: string,
  realNow: number,
): Promise<ClaimedFeed | null> {
  const now = isoInstant(realNow);
  await db.query(
    `INSERT INTO crm_feeds (connection, feed, next_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [connection, feed, now],
  );
  const rows = await db.query<{
    cursor: FeedCursor | null;
    watermark: Date | null;
    filled: boolean;
    rev: number;
  }>(
    `UPDATE crm_feeds SET rev = rev + 1, leased_until = $4
     WHERE connection = $1 AND feed = $2 AND next_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)
     RETURNING cursor, watermark, filled_at IS NOT NULL AS filled, rev`,
    [connection, feed, now, isoInstant(realNow + LEASE)],
  );
  const [row] = rows.rows;
  return row === undefined ? null : { ...row, connection, feed, watermark: row.watermark?.getTime() ?? null };
}

/** Where a feed stands after a page. */
export interface FeedProgress {
  /** null: the pass is over. */
  cursor: FeedCursor | null;
  watermark: number | null;
  rows: number;
  calls: number;
  /** When it is due again, real time (ms). */
  nextAt: number;
  /** Whether this process reads on now. */
  keep: boolean;
}

/**
 * Notes a page's progress in the transaction that keeps its rows: whoever dies at any point goes on behind the last page
 * that was kept. False: another process took the feed over meanwhile, and nothing of this page may be kept.
 */
export async function saveProgress(
  tx: Tx,
  { connection, feed, rev }: ClaimedFeed,
  progress: FeedProgress,
  realNow: number,
): Promise<boolean> {
  const { cursor, watermark, rows, calls, nextAt, keep } = progress;
  const saved = await tx.query(
    `UPDATE crm_feeds SET cursor = $4, watermark = $5, rows = rows + $6, calls = calls + $7, next_at = $8,
       leased_until = $9, read_at = $10, filled_at = CASE WHEN $4::json IS NULL THEN coalesce(filled_at, $10) ELSE filled_at END,
       code = NULL, reason = NULL
     WHERE connection = $1 AND feed = $2 AND rev = $3`,
    [
      connection,
      feed,
      rev,
      cursor === null ? null : JSON.stringify(cursor),
      watermark === null ? null : isoInstant(watermark),
      rows,
      calls,
      isoInstant(nextAt),
      keep ? isoInstant(realNow + LEASE) : null,
      isoInstant(realNow),
    ],
  );
  return saved.rowCount === 1;
}

/** Gives a feed back that could not be read; it goes on where it was. */
export async function failFeed(
  db: Db,
  { connection, feed, rev }: ClaimedFeed,
  nextAt: number,
  { code, reason }: { code: string; reason: string },
): Promise<void> {
  await db.query(
    `UPDATE crm_feeds SET leased_until = NULL, next_at = $4, code = $5, reason = $6, calls = calls + 1
     WHERE connection = $1 AND feed = $2 AND rev = $3`,
    [connection, feed, rev, isoInstant(nextAt), code, reason],
  );
}
