import type { ActionFilter, ActionRow } from '../../read-model.ts';
import type { Db } from '../db.ts';

/** Acts of the ledger, newest first. `account` is an account id. */
export async function listActions(db: Db, filter: ActionFilter): Promise<ActionRow[]> {
  const rows = await db.query<
    Omit<ActionRow, 'nextAt' | 'at' | 'crmId' | 'ownerWhy'> & {
      next_at: Date;
      updated_at: Date;
      crm_id: string | null;
      owner_why: string | null;
    }
  >(
    `SELECT actions.id, coalesce(accounts.key, '') AS account, kind, crm, person, state, code, reason, remedy,
            actions.owner ->> 'name' AS owner, actions.owner ->> 'why' AS owner_why, crm_id, attempts, next_at, updated_at
     FROM actions LEFT JOIN accounts ON accounts.id = actions.account
     WHERE ($1::uuid IS NULL OR actions.account = $1)
       AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR crm = $4)
     ORDER BY updated_at DESC, actions.id LIMIT $5`,
    [filter.account, filter.state, filter.kind, filter.crm, filter.limit],
  );
  return rows.rows.map(({ next_at, updated_at, crm_id, owner_why, ...row }) => ({
    ...row,
    crmId: crm_id,
    ownerWhy: owner_why,
    nextAt: row.state === 'waiting' ? next_at.toISOString() : null,
    at: updated_at.toISOString(),
  }));
}
