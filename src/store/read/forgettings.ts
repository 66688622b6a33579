import type { ForgettingStatus } from '../../read-model/status.ts';
import type { Db } from '../db.ts';

/** Who is still to be forgotten, and what of it failed: by an index of the open ones, which are few. */
export async function forgettingStatus(db: Db): Promise<ForgettingStatus> {
  const rows = await db.query<{ id: number; reason: string | null; next_at: Date | null }>(
    `SELECT id, failed AS reason, next_at FROM forgettings WHERE step <> 'done' ORDER BY id`,
  );
  const failed = rows.rows.flatMap(({ id, reason, next_at }) =>
    reason === null ? [] : [{ id, reason, nextTry: next_at?.toISOString() ?? null }],
  );
  return {
    forgetting: rows.rows.length,
    forgettingFailed: failed.length,
    forgettingFailure: failed[0] ?? null,
  };
}
