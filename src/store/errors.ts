import { isoInstant } from '../shared/time.ts';
import { type Db, inTransaction } from './db.ts';

/** Something that needs a person: an event that could not be understood, or a record that a CRM refused. */
export interface ErrorRow {
  /** `event-<n>` or `action-<uuid>`. */
  id: string;
  what: string;
  code: string;
  reason: string;
  remedy: string | null;
  account: string | null;
  attempts: number;
  at: string;
}

export async function listErrors(db: Db, limit: number): Promise<ErrorRow[]> {
  const rows = await db.query<Omit<ErrorRow, 'at'> & { at: Date }>(
    `SELECT 'event-' || id AS id, route AS what, code, reason, NULL AS remedy, NULL AS account, seen AS attempts,
            received_at AS at
     FROM quarantine WHERE state = 'open'
     UNION ALL
     SELECT 'action-' || actions.id, crm || ' ' || kind, coalesce(code, ''), reason, remedy, accounts.key, attempts, updated_at
     FROM actions LEFT JOIN accounts ON accounts.id = actions.account WHERE state = 'parked'
     ORDER BY at DESC LIMIT $1`,
    [limit],
  );
  return rows.rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
}

/** What is known of one error, with the element or payload it is about; null: no such id. */
export async function showError(db: Db, id: string): Promise<Record<string, unknown> | null> {
  const { table, key } = target(id);
  if (table === null) {
    return null;
  }
  const rows = await db.query<{ row: Record<string, unknown> }>(
    table === 'quarantine'
      ? `SELECT to_json(q) AS row FROM quarantine q WHERE id::text = $1`
      : `SELECT json_build_object('id', a.id, 'crm', crm, 'kind', kind, 'account', accounts.key, 'person', person,
           'state', state, 'code', code, 'reason', reason, 'remedy', remedy, 'attempts', attempts, 'payload', payload) AS row
         FROM actions a LEFT JOIN accounts ON accounts.id = a.account WHERE a.id::text = $1`,
    [key],
  );
  return rows.rows[0]?.row ?? null;
}

/**
 * Lets parked acts be tried again: one, all of a code, or all. What hangs on the same account goes along, since it
 * may have been parked only because its record was. Gives how many wait now.
 */
export async function retryParked(
  db: Db,
  which: { id?: string; code?: string },
  realNow: number,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    const key = which.id === undefined ? null : target(which.id).key;
    const retried = await tx.query(
      `UPDATE actions SET state = 'waiting', attempts = 0, next_at = $3, code = NULL, remedy = NULL
       WHERE state = 'parked' AND (
         ($1::text IS NULL AND ($2::text IS NULL OR code = $2))
         OR id::text = $1
         OR (code = 'record_parked' AND account IN (SELECT account FROM actions WHERE id::text = $1 OR code = $2)))`,
      [key, which.code ?? null, isoInstant(realNow)],
    );
    return retried.rowCount ?? 0;
  });
}

/** Takes an error off the list for good, with the operator's word as the reason. */
export async function dismissError(db: Db, id: string): Promise<boolean> {
  const { table, key } = target(id);
  if (table === null) {
    return false;
  }
  const done = await db.query(
    table === 'quarantine'
      ? `UPDATE quarantine SET state = 'dismissed' WHERE id::text = $1 AND state = 'open'`
      : `UPDATE actions SET state = 'skipped', reason = 'dismissed by an operator: ' || reason WHERE id::text = $1 AND state = 'parked'`,
    [key],
  );
  return (done.rowCount ?? 0) > 0;
}

function target(id: string): { table: 'quarantine' | 'actions' | null; key: string } {
  const [kind, ...rest] = id.split('-');
  const table = kind === 'event' ? 'quarantine' : kind === 'action' ? 'actions' : null;
  return { table, key: rest.join('-') };
}
