import type { QuarantineRow } from '../../read-model.ts';
import type { Db } from '../db.ts';

export async function listQuarantine(db: Db, limit: number): Promise<QuarantineRow[]> {
  const rows = await db.query<
    Omit<QuarantineRow, 'at' | 'messageId'> & { received_at: Date; message_id: string | null }
  >(
    `SELECT id, received_at, vendor, route, code, reason, message_id, seen
     FROM quarantine WHERE state = 'open' ORDER BY id DESC LIMIT $1`,
    [limit],
  );
  return rows.rows.map(({ received_at, message_id, ...row }) => ({
    ...row,
    at: received_at.toISOString(),
    messageId: message_id,
  }));
}

/** One quarantined element with its text; null: no such id. */
export async function showQuarantined(db: Db, id: number): Promise<(QuarantineRow & { raw: string }) | null> {
  const rows = await db.query<{ raw: string }>('SELECT raw FROM quarantine WHERE id = $1', [id]);
  const raw = rows.rows[0]?.raw;
  if (raw === undefined) {
    return null;
  }
  const row = await db.query<
    Omit<QuarantineRow, 'at' | 'messageId'> & { received_at: Date; message_id: string | null }
  >('SELECT id, received_at, vendor, route, code, reason, message_id, seen FROM quarantine WHERE id = $1', [
    id,
  ]);
  const found = row.rows[0];
  return found === undefined
    ? null
    : {
        id: found.id,
        at: found.received_at.toISOString(),
        vendor: found.vendor,
        route: found.route,
        code: found.code,
        reason: found.reason,
        messageId: found.message_id,
        seen: found.seen,
        raw,
      };
}
