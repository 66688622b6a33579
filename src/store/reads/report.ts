import type { FeedStatus, ReconciliationReport, ReconciliationStatus } from '../../read-model/reads.ts';
import type { Json } from '../../shared/json.ts';
import type { Db } from '../db.ts';

/** How far what comes back is, by connection and feed. */
export async function feedStatus(db: Db): Promise<Map<string, Record<string, FeedStatus>>> {
  const rows = await db.query<{
    connection: string;
    feed: string;
    watermark: Date | null;
    filled: boolean;
    rows: number;
    calls: number;
    read_at: Date | null;
    next_at: Date;
    reason: string | null;
  }>(
    `SELECT connection, feed, watermark, filled_at IS NOT NULL AS filled, rows, calls, read_at, next_at, reason
     FROM crm_feeds ORDER BY connection, feed`,
  );
  const feeds = new Map<string, Record<string, FeedStatus>>();
  for (const { connection, feed, filled, reason, ...row } of rows.rows) {
    const one = {
      through: row.watermark?.toISOString() ?? null,
      complete: filled,
      rows: row.rows,
      calls: row.calls,
      readAt: row.read_at?.toISOString() ?? null,
      nextAt: row.next_at.toISOString(),
      trouble: reason,
    };
    feeds.set(connection, { ...feeds.get(connection), [feed]: one });
  }
  return feeds;
}

/** The last reconciliation of each connection, in figures; `cap`: of so many findings at most. */
export async function passStatus(db: Db, cap = 100_000): Promise<Map<string, ReconciliationStatus>> {
  const rows = await db.query<{
    connection: string;
    started_at: Date;
    finished_at: Date | null;
    records: number;
    calls: number;
    repaired: number;
    next_at: Date;
    reason: string | null;
    drift: Record<string, number> | null;
  }>(
    `SELECT connection, started_at, finished_at, records, calls, repaired, next_at, reason,
       (SELECT json_object_agg(why, count) FROM (
          SELECT why, count(*) AS count FROM (SELECT why FROM crm_drift d WHERE d.connection = p.connection LIMIT $1) AS few
          GROUP BY why) AS whys) AS drift
     FROM crm_passes p ORDER BY connection`,
    [cap],
  );
  return new Map(
    rows.rows.map((row) => [
      row.connection,
      {
        startedAt: row.started_at.toISOString(),
        finishedAt: row.finished_at?.toISOString() ?? null,
        records: row.records,
        calls: row.calls,
        repaired: row.repaired,
        drift: row.drift ?? {},
        nextAt: row.next_at.toISOString(),
        trouble: row.reason,
      },
    ]),
  );
}

/** What the last looks found, newest first. */
export async function reconciliationReport(db: Db, limit: number): Promise<ReconciliationReport> {
  const rows = await db.query<{
    connection: string;
    account: string;
    object: string;
    ref: string;
    crm_id: string;
    field: string;
    why: string;
    acknowledged: Json;
    found: Json;
    wanted: Json;
    done: string;
    at: Date;
  }>(
    `SELECT connection, coalesce(accounts.key, '') AS account, object, ref, crm_id, field, why, acknowledged, found,
       wanted, done, at
     FROM crm_drift d LEFT JOIN accounts ON accounts.id = d.account ORDER BY at DESC, connection, crm_id, field LIMIT $1`,
    [limit],
  );
  return {
    passes: Object.fromEntries(await passStatus(db)),
    drift: rows.rows.map(({ crm_id, at, ...row }) => ({ ...row, crmId: crm_id, at: at.toISOString() })),
  };
}
