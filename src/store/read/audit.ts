import type { AuditFilter, AuditRow } from '../../read-model/audit.ts';
import type { Db } from '../db.ts';

/** Lines of the audit, newest first. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<AuditRow[]> {
  const { since, what, account, decided, limit } = filter;
  const rows = await db.query<Omit<AuditRow, 'at'> & { at: Date }>(
    `SELECT id, at, what, account, author, reason, detail FROM audit
     WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::text IS NULL OR position(lower($2) in lower(what)) > 0)
       AND ($3::text IS NULL OR account = $3) AND (NOT $4 OR author IS NOT NULL)
     ORDER BY at DESC, id DESC LIMIT $5`,
    [since, what, account, decided, limit],
  );
  return rows.rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
