import { isoInstant } from '../../shared/time.ts';
import { echoesIn, type Touch } from '../../sync/activity-rules.ts';
import type { Tx } from '../db.ts';

/** A touch of an account of ours. */
export interface AccountTouch extends Touch {
  account: string;
}

/**
 * Keeps what was read and drops what is there no more; answers that only a machine gave are dropped too. Accounts of which
 * something is new, or gone, are scored again and acted on. No row holds anything of a person: who forgets one finds here
 * ids and times of the CRM alone, and the rows of an account that was this person alone go with it.
 *
 * @param gone ids that count no more
 * @returns how many accounts are scored again
 */
export async function saveTouches(
  tx: Tx,
  connection: string,
  { touches, gone }: { touches: readonly AccountTouch[]; gone: readonly string[] },
  realNow: number,
): Promise<number> {
  if (touches.length === 0 && gone.length === 0) {
    return 0;
  }
  const live = await liveAmong(tx, touches);
  const echoes = await echoesAmong(tx, connection, touches);
  const kept = touches.filter(({ id, account }) => !echoes.has(id) && live.has(account));
  const woken = await tx.query({
    name: 'touches-save',
    text: `WITH told AS (
             SELECT * FROM json_to_recordset($2) AS row (id text, account uuid, kind text, side text, at timestamptz, owner text)
           ), dropped AS (
             DELETE FROM touches WHERE connection = $1 AND id = ANY($3) RETURNING account
           ), saved AS (
             INSERT INTO touches (connection, id, account, kind, side, at, seen_at, owner)
             SELECT $1, id, account, kind, side, at, $4, owner FROM told ORDER BY id
             ON CONFLICT (connection, id) DO UPDATE SET kind = excluded.kind, side = excluded.side, at = excluded.at,
               owner = excluded.owner
             WHERE (touches.kind, touches.side, touches.at, touches.owner)
               IS DISTINCT FROM (excluded.kind, excluded.side, excluded.at, excluded.owner)
             RETURNING account
           )
           INSERT INTO dirty_accounts (account, due_at, act)
           SELECT DISTINCT changed.account, $4::timestamptz, true
           FROM (SELECT account FROM dropped UNION SELECT account FROM saved) AS changed
           JOIN accounts ON accounts.id = changed.account ORDER BY 1
           ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at), act = true`,
    values: [
      connection,
      JSON.stringify(kept.map((one) => ({ ...one, at: isoInstant(one.at) }))),
      [...new Set([...gone, ...echoes])].filter((id) => !kept.some((one) => one.id === id)),
      isoInstant(realNow),
    ],
  });
  return woken.rowCount ?? 0;
}

/**
 * Accounts that are still there. One may have been merged away while the CRM was asked: its heir is read from its crossing
 * on. Whoever merges one now waits for us, and moves our rows along.
 */
async function liveAmong(tx: Tx, touches: readonly AccountTouch[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>({
    name: 'touches-live',
    text: 'SELECT id FROM accounts WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE',
    values: [[...new Set(touches.map(({ account }) => account))]],
  });
  return new Set(rows.rows.map(({ id }) => id));
}

/** The mail that an answer belongs to may have been read before it, or after. */
async function echoesAmong(
  tx: Tx,
  connection: string,
  touches: readonly AccountTouch[],
): Promise<Set<string>> {
  const mails = touches.filter(({ kind }) => kind === 'email');
  if (mails.length === 0) {
    return new Set();
  }
  const stored = await tx.query<Omit<AccountTouch, 'at'> & { at: Date }>({
    name: 'touches-mails',
    text: `SELECT id, account, kind, side, at, owner FROM touches
           WHERE connection = $1 AND kind = 'email' AND account = ANY($2::uuid[])`,
    values: [connection, [...new Set(mails.map(({ account }) => account))]],
  });
  const told = new Set(mails.map(({ id }) => id));
  const before = stored.rows
    .filter(({ id }) => !told.has(id))
    .map((row) => ({ ...row, at: row.at.getTime() }));
  const byAccount = Map.groupBy([...before, ...mails], ({ account }) => account);
  return new Set([...byAccount.values()].flatMap(echoesIn));
}

/** When somebody of ours got in touch with an account, and when it answered, last (ms); null: never. By account. */
export async function loadHeard(
  tx: Tx,
  accounts: readonly string[],
): Promise<Map<string, { touched: number | null; replied: number | null }>> {
  if (accounts.length === 0) {
    return new Map();
  }
  const rows = await tx.query<{ account: string; touched: Date | null; replied: Date | null }>({
    name: 'touches-heard',
    text: `SELECT account, max(at) FILTER (WHERE side = 'ours') AS touched, max(at) FILTER (WHERE side = 'theirs') AS replied
           FROM touches WHERE account = ANY($1::uuid[]) GROUP BY account`,
    values: [accounts],
  });
  return new Map(
    rows.rows.map(({ account, touched, replied }) => [
      account,
      { touched: touched?.getTime() ?? null, replied: replied?.getTime() ?? null },
    ]),
  );
}
