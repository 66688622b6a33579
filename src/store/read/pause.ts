import { HELD } from '../../read-model/status.ts';
import type { Db } from '../db.ts';

/** The last pause of the CRM's own, over or not; that of PQL_SYNC=manual, which holds acts back for `pql sync`, is none. */
export async function pauseOf(db: Db, connection: string): Promise<{ until: number; reason: string } | null> {
  const rows = await db.query<{ paused_until: Date; paused_reason: string }>(
    `SELECT paused_until, paused_reason FROM connections
     WHERE connection = $1 AND paused_until IS NOT NULL AND paused_code <> $2`,
    [connection, HELD],
  );
  const [row] = rows.rows;
  return row === undefined ? null : { until: row.paused_until.getTime(), reason: row.paused_reason };
}
