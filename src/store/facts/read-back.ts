import type { Facts } from '../../accounts/facts.ts';
import { cleanJson } from '../../events/clean-json.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { knownToWriter } from '../forget/known.ts';
import { saidWithoutForgotten } from '../forget/settle.ts';

/** Whose records: companies, or people, be they contacts or leads. */
export type Read = 'account' | 'person';

/** A linked record whose fields are due to be read. */
export interface DueRecord {
  /** Which link it is. */
  key: string;
  account: string;
  crmId: string;
  /**
   * Linked before these fields were read at all. What they then say is news to us only, about companies that may have
   * been busy long ago: it must not act on all of them at once (decision 11).
   */
  backfill: boolean;
}

/**
 * Notes which fields are read of a connection's companies, or people; null: none. When these are others than before, every
 * record is due again, and facts that nobody reads any more are dropped. Cheap while nothing changes.
 */
export async function adoptReads(
  db: Db,
  connection: string,
  object: Read,
  fields: string | null,
  realNow: number,
): Promise<void> {
  const name = object === 'account' ? `reads:${connection}` : `reads of people:${connection}`;
  const known = await db.query<{ value: string }>('SELECT value FROM settings WHERE name = $1', [name]);
  const before = known.rows[0]?.value ?? '';
  if (before === (fields ?? '')) {
    return;
  }
  await inTransaction(db, async (tx) => {
    await tx.query(
      'INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      [name, fields ?? ''],
    );
    await tx.query(
      `UPDATE crm_records SET facts_read_at = NULL, facts_backfill = true
       WHERE connection = $1 AND object = $2 AND crm_id <> ''`,
      [connection, object],
    );
    if (fields === null) {
      const gone = await tx.query<{ account: string }>(
        `UPDATE crm_records SET facts = NULL WHERE connection = $1 AND object = $2 AND facts IS NOT NULL RETURNING account`,
        [connection, object],
      );
      await tx.query(
        `INSERT INTO dirty_accounts (account, due_at, act) SELECT id, $2, false FROM accounts
         WHERE id = ANY($1::uuid[]) ORDER BY id
         ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at)`,
        [gone.rows.map(({ account }) => account), isoInstant(realNow)],
      );
    }
  });
}

/** When a record is due again: not read since `before`, or since `beforeHot` where a task was made for its account after `hotFrom`. */
export interface DueTimes {
  before: number;
  beforeHot: number;
  /** Business time (ms). */
  hotFrom: number;
}

/**
 * Records that are due, never read ones first. A claim counts as read: two workers never ask for one record, and one that
 * a process took with it is read again when its time is over.
 */
export async function claimDue(
  db: Db,
  connection: string,
  object: Read,
  { before, beforeHot, hotFrom }: DueTimes,
  limit: number,
  realNow: number,
): Promise<DueRecord[]> {
  const rows = await db.query<DueRecord>({
    name: 'facts-due',
    text: `WITH due AS (
             SELECT key FROM crm_records
             WHERE connection = $1 AND object = $7 AND key IN (
               (SELECT key FROM crm_records WHERE connection = $1 AND object = $7 AND crm_id <> ''
                  AND facts_read_at IS NULL LIMIT $3)
               UNION ALL
               (SELECT key FROM crm_records WHERE connection = $1 AND object = $7 AND crm_id <> ''
                  AND facts_read_at < $2 ORDER BY facts_read_at LIMIT $3)
               UNION ALL
               (SELECT r.key FROM actions a JOIN crm_records r ON r.account = a.account AND r.connection = a.connection
                WHERE a.connection = $1 AND a.kind = 'task' AND a.created_at > $6 AND r.object = $7
                  AND r.crm_id <> '' AND r.facts_read_at < $5 LIMIT $3))
             ORDER BY facts_read_at NULLS FIRST LIMIT $3 FOR UPDATE SKIP LOCKED
           )
           UPDATE crm_records SET facts_read_at = $4 FROM due
           WHERE connection = $1 AND object = $7 AND crm_records.key = due.key
           RETURNING crm_records.key, account, crm_id AS "crmId", facts_backfill AS backfill`,
    values: [
      connection,
      isoInstant(before),
      limit,
      isoInstant(realNow),
      isoInstant(beforeHot),
      isoInstant(hotFrom),
      object,
    ],
  });
  return rows.rows;
}

/** Gives claimed records back: as though they had been read at `readAt`. */
export async function giveBack(
  db: Db,
  connection: string,
  object: Read,
  due: readonly DueRecord[],
  readAt: number,
): Promise<void> {
  await db.query(
    `UPDATE crm_records SET facts_read_at = $3
     WHERE connection = $1 AND object = $4 AND key = ANY($2::uuid[])`,
    [connection, due.map(({ key }) => key), isoInstant(readAt), object],
  );
}

/** What a record says, and whose it is. */
export interface SaidOf {
  key: string;
  facts: Facts;
  backfill: boolean;
}

/**
 * Keeps what was read. Accounts of which the CRM says something new, if only that they are linked, are scored again, and so are those
 * of whose people it does; gives how many.
 */
export async function saveRead(
  db: Db,
  connection: string,
  object: Read,
  read: readonly SaidOf[],
  realNow: number,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    const known = await knownToWriter(db, tx);
    const kept = read.map((one) => ({ ...one, facts: saidWithoutForgotten(known, one.facts) }));
    return saveFacts(tx, connection, object, kept, realNow);
  });
}

async function saveFacts(
  tx: Tx,
  connection: string,
  object: Read,
  read: readonly SaidOf[],
  realNow: number,
): Promise<number> {
  const woken = await tx.query({
    name: 'facts-read',
    text: `WITH told AS (
             SELECT * FROM json_to_recordset($2) AS told (key uuid, facts jsonb, backfill boolean)
           ), saved AS (
             UPDATE crm_records SET facts = told.facts, facts_backfill = false FROM told
             WHERE connection = $1 AND object = $4 AND crm_records.key = told.key
           )
           INSERT INTO dirty_accounts (account, due_at, act)
           SELECT before.account, $3::timestamptz, bool_or(NOT told.backfill)
           FROM told JOIN crm_records before
             ON before.connection = $1 AND before.object = $4 AND before.key = told.key
           JOIN accounts ON accounts.id = before.account
           WHERE CASE $4 WHEN 'person' THEN coalesce(before.facts, '{}') ELSE before.facts END IS DISTINCT FROM told.facts
           GROUP BY before.account ORDER BY before.account
           ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at),
             act = dirty_accounts.act OR excluded.act`,
    values: [connection, JSON.stringify(cleanJson(read).value), isoInstant(realNow), object],
  });
  return woken.rowCount ?? 0;
}
