import type { Db } from '../db.ts';
import type { By } from '../fold/accounts.ts';

/** One merge that is in force. */
export interface MergeRow extends By {
  from: string;
  into: string;
  at: string;
}

export async function listMerges(db: Db, limit: number): Promise<MergeRow[]> {
  const rows = await db.query<{ key: string; into_key: string; at: Date; author: string; reason: string }>(
    'SELECT key, into_key, at, author, reason FROM account_merges ORDER BY at DESC, key LIMIT $1',
    [limit],
  );
  return rows.rows.map(({ key, into_key, at, author, reason }) => ({
    from: key,
    into: into_key,
    at: at.toISOString(),
    author,
    reason,
  }));
}
