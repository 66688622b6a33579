import { isoInstant } from '../../shared/time.ts';
import { type Db, hashId, type Tx } from '../db.ts';

/**
 * Makes the account rows that parts will point to, and holds them until the transaction ends, so that no other
 * worker drops one as empty meanwhile; gives the ids of the new ones. An account that comes back to life stops being a former key.
 */
export async function ensureAccounts(tx: Tx, keys: readonly string[]): Promise<string[]> {
  const sorted = [...new Set(keys)].sort();
  const ids = sorted.map(hashId);
  const made: string[] = [];
  for (let held = 0; held < ids.length; ) {
    const fresh = await tx.query<{ id: string }>({
      name: 'fold-accounts',
      text: `INSERT INTO accounts (id, key) SELECT * FROM unnest($1::uuid[], $2::text[]) AS row (id, key)
             ORDER BY id ON CONFLICT DO NOTHING RETURNING id`,
      values: [ids, sorted],
    });
    made.push(...fresh.rows.map(({ id }) => id));
    const rows = await tx.query({
      name: 'fold-accounts-hold',
      text: 'SELECT 1 FROM accounts WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE',
      values: [ids],
    });
    held = rows.rowCount ?? 0;
  }
  return made;
}

/**
 * Of `ids`, the accounts that no part points to, locked. The lock comes first: whoever was about to put a part
 * there has done so by the time we look.
 */
export async function lockEmptyAccounts(
  tx: Tx,
  ids: readonly string[],
): Promise<{ id: string; key: string }[]> {
  if (ids.length === 0) {
    return [];
  }
  const empty = `SELECT id, key FROM accounts WHERE id = ANY($1::uuid[])
     AND NOT EXISTS (SELECT 1 FROM parts WHERE parts.account = accounts.id) ORDER BY id`;
  const likely = await tx.query<{ id: string }>(`${empty} FOR UPDATE`, [ids]);
  const rows = await tx.query<{ id: string; key: string }>(empty, [likely.rows.map(({ id }) => id)]);
  return rows.rows;
}

/** Removes accounts that `lockEmptyAccounts` found empty, once their scores were handed on. */
export async function dropAccounts(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM accounts WHERE id = ANY($1::uuid[])', [ids]);
  // In this order: whoever is scoring one holds its dirty row, and has written the score by the time we get that row.
  for (const table of ['dirty_accounts', 'scores', 'clocks']) {
    await tx.query(`DELETE FROM ${table} WHERE account = ANY($1::uuid[])`, [ids]);
  }
}

/** An account whose state changed and whose score must follow. */
export interface Touched {
  account: string;
  /** Trigger signals among the new events; with one the account is scored at once. */
  triggers: string[];
  /** false: only moved, merged or re-folded. The score follows but nothing is acted on. */
  act: boolean;
  /** Refs of people who joined from another account, when nobody was active beside it: a merge does not act. */
  joined: string[];
  /** When the oldest of the new events came in, ms; absent: there is none. */
  receivedAt?: number;
}

/** How long (ms, real time) a touched account waits to be scored, so that a burst is one score. */
export interface Waits {
  trigger: number;
  ordinary: number;
}

export const WAITS: Waits = { trigger: 50, ordinary: 5000 };

/**
 * Notes accounts as dirty. The earliest due time wins, so that a steady stream cannot postpone a score. While an
 * account is being scored its row is locked; a touch waits for that and makes a new row, so it is not lost.
 */
export async function markDirty(
  tx: Tx,
  touched: readonly Touched[],
  realNow: number,
  waits: Waits,
): Promise<void> {
  if (touched.length === 0) {
    return;
  }
  const rows = touched.map(({ account, triggers, act, joined, receivedAt }) => ({
    account,
    act,
    triggers,
    joined,
    due_at: isoInstant(realNow + (triggers.length > 0 ? waits.trigger : waits.ordinary)),
    received_at: receivedAt === undefined ? null : isoInstant(receivedAt),
  }));
  await tx.query({
    name: 'fold-dirty',
    text: `INSERT INTO dirty_accounts (account, due_at, act, triggers, joined, received_at)
           SELECT account, due_at, act, triggers, joined, received_at FROM json_to_recordset($1)
             AS row (account uuid, due_at timestamptz, act boolean, triggers text[], joined text[],
               received_at timestamptz) ORDER BY account
           ON CONFLICT (account) DO UPDATE SET
             due_at = least(dirty_accounts.due_at, excluded.due_at),
             act = dirty_accounts.act OR excluded.act,
             received_at = least(dirty_accounts.received_at, excluded.received_at),
             joined = CASE WHEN excluded.act AND excluded.joined = '{}' THEN '{}'
               ELSE ARRAY(SELECT DISTINCT unnest(dirty_accounts.joined || excluded.joined)) END,
             triggers = ARRAY(SELECT DISTINCT unnest(dirty_accounts.triggers || excluded.triggers))
           WHERE excluded.due_at < dirty_accounts.due_at OR excluded.act AND NOT dirty_accounts.act
             OR NOT excluded.triggers <@ dirty_accounts.triggers OR excluded.joined <> dirty_accounts.joined
             OR excluded.received_at < coalesce(dirty_accounts.received_at, 'infinity')`,
    values: [JSON.stringify(rows)],
  });
}

/** Who decided, and why. */
export interface By {
  author: string;
  reason: string;
}

/** Through the API, nobody but the holder of the token is known to have asked. */
export const BY_API: By = { author: 'api', reason: '' };

/**
 * One line of the audit.
 *
 * @param account key of the account that it is about; null: of none
 * @param by null: nobody decided it, it followed from events or from a CRM
 */
export async function audit(
  tx: Tx | Db,
  what: string,
  account: string | null,
  detail: object,
  at: number,
  by: By | null = null,
): Promise<void> {
  await tx.query(
    'INSERT INTO audit (at, what, account, detail, author, reason) VALUES ($1, $2, $3, $4, $5, $6)',
    [isoInstant(at), what, account, JSON.stringify(detail), by?.author ?? null, by?.reason ?? null],
  );
}
