import { isoInstant } from '../../shared/time.ts';
import type { ReadObject } from '../../sync/crm-reads.ts';
import type { Db, Tx } from '../db.ts';

const LEASE = 90_000;

/** Where a reconciliation goes on: behind this key of this kind of record. */
export interface PassPosition {
  object: ReadObject;
  key: string;
}

export interface ClaimedPass {
  connection: string;
  /** null: from the beginning. */
  position: PassPosition | null;
  startedAt: number;
  rev: number;
}

/** Claims the reconciliation of a connection when it is due, or at once with `now`; null: not due, or another process is at it. */
export async function claimPass(
  db: Db,
  connection: string,
  realNow: number,
  now: boolean,
): Promise<ClaimedPass | null> {
  const at = isoInstant(realNow);
  await db.query(
    `INSERT INTO crm_passes (connection, started_at, next_at) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING`,
    [connection, at],
  );
  // A sweep that had come to its end begins anew.
  const rows = await db.query<{ position: PassPosition | null; started_at: Date; rev: number }>(
    `UPDATE crm_passes SET rev = rev + 1, leased_until = $3,
       started_at = CASE WHEN position IS NULL THEN $2 ELSE started_at END, finished_at = NULL,
       records = CASE WHEN position IS NULL THEN 0 ELSE records END,
       calls = CASE WHEN position IS NULL THEN 0 ELSE calls END,
       repaired = CASE WHEN position IS NULL THEN 0 ELSE repaired END
     WHERE connection = $1 AND (next_at <= $2 OR $4) AND (leased_until IS NULL OR leased_until <= $2)
     RETURNING position, started_at, rev`,
    [connection, at, isoInstant(realNow + LEASE), now],
  );
  const [row] = rows.rows;
  return row === undefined
    ? null
    : { connection, position: row.position, startedAt: row.started_at.getTime(), rev: row.rev };
}

export interface PassProgress {
  /** null: the end is reached. */
  position: PassPosition | null;
  records: number;
  calls: number;
  repaired: number;
  keep: boolean;
  nextAt: number;
}

/** False: another process has the pass now, and nothing may be kept. */
export async function savePassProgress(
  tx: Tx,
  { connection, rev, startedAt }: ClaimedPass,
  { position, records, calls, repaired, keep, nextAt }: PassProgress,
  realNow: number,
): Promise<boolean> {
  const saved = await tx.query(
    `UPDATE crm_passes SET position = $3, finished_at = CASE WHEN $3::json IS NULL THEN $4::timestamptz END,
       records = records + $5, calls = calls + $6, repaired = repaired + $7, leased_until = $8, next_at = $9,
       code = NULL, reason = NULL
     WHERE connection = $1 AND rev = $2`,
    [
      connection,
      rev,
      position === null ? null : JSON.stringify(position),
      isoInstant(realNow),
      records,
      calls,
      repaired,
      keep ? isoInstant(realNow + LEASE) : null,
      isoInstant(nextAt),
    ],
  );
  if (saved.rowCount === 1 && position === null) {
    // What this sweep did not see again is no record of ours any more.
    await tx.query('DELETE FROM crm_drift WHERE connection = $1 AND at < $2', [
      connection,
      isoInstant(startedAt),
    ]);
  }
  return saved.rowCount === 1;
}

export async function failPass(
  db: Db,
  { connection, rev }: ClaimedPass,
  nextAt: number,
  { code, reason }: { code: string; reason: string },
): Promise<void> {
  await db.query(
    `UPDATE crm_passes SET leased_until = NULL, next_at = $3, code = $4, reason = $5, calls = calls + 1
     WHERE connection = $1 AND rev = $2`,
    [connection, rev, isoInstant(nextAt), code, reason],
  );
}
