import type { Hold } from '../../decide/handoff/hold.ts';
import { manualHold, type Suppression } from '../../decide/handoff/manual.ts';
import type { SuppressDesk } from '../../read-model/suppress.ts';
import type { SuppressionRow } from '../../read-model.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, hashId, inTransaction, type Tx } from '../db.ts';
import { audit, markDirty, WAITS } from '../fold/accounts.ts';
import { findAccount } from '../read/find-account.ts';

/** Whoever changes the list. Business time (ms) for what is shown, real time (ms) for when the account is scored. */
export interface Clocks {
  now: number;
  realNow: number;
}

/**
 * Suppresses a key until it is removed, or `until` has come. The open one of the same key is replaced. Accounts that the key
 * stands for are scored again: open tasks are closed, and what waits is not made.
 *
 * @returns keys of these accounts, none while nobody has the key; and what was replaced
 */
export function addSuppression(
  db: Db,
  { key, reason, author, until }: Suppression,
  { now, realNow }: Clocks,
): Promise<{ accounts: string[]; replaced: SuppressionRow | null }> {
  return inTransaction(db, async (tx) => {
    const replaced = await close(tx, key, author, now);
    await tx.query(
      'INSERT INTO suppressions (key, key_id, reason, author, at, until) VALUES ($1, $2, $3, $4, $5, $6)',
      [key, hashId(key), reason, author, isoInstant(now), until === null ? null : isoInstant(until)],
    );
    const accounts = await scoreAgain(tx, key, realNow);
    const detail = {
      key,
      accounts,
      until: until === null ? null : isoInstant(until),
      replaced: replaced !== null,
    };
    await audit(tx, 'account suppressed', accounts[0] ?? key, detail, now, { author, reason });
    return { accounts, replaced };
  });
}

/** Takes the suppression of a key off the list; null: there is none. What it held back is handed over if nothing else holds it. */
export function removeSuppression(
  db: Db,
  key: string,
  by: { author: string; reason: string },
  { now, realNow }: Clocks,
): Promise<{ accounts: string[]; removed: SuppressionRow } | null> {
  return inTransaction(db, async (tx) => {
    const removed = await close(tx, key, by.author, now);
    if (removed === null) {
      return null;
    }
    const accounts = await scoreAgain(tx, key, realNow);
    await audit(tx, 'suppression removed', accounts[0] ?? key, { key, accounts }, now, by);
    return { accounts, removed };
  });
}

async function close(tx: Tx, key: string, author: string, now: number): Promise<SuppressionRow | null> {
  const rows = await tx.query<StoredRow>(
    `UPDATE suppressions SET removed_at = $2, removed_by = $3 WHERE key_id = $1 AND removed_at IS NULL
     RETURNING key, reason, author, at, until, removed_at, removed_by`,
    [hashId(key), isoInstant(now), author],
  );
  return rows.rows[0] === undefined ? null : shown(rows.rows[0]);
}

/** The list changed for accounts: what is decided about them may differ, and acts. */
async function scoreAgain(tx: Tx, key: string, realNow: number): Promise<string[]> {
  const accounts = await accountsOf(tx, key);
  const touched = accounts.map(({ id }) => ({ account: id, triggers: [], act: true, joined: [] }));
  await markDirty(tx, touched, realNow, { ...WAITS, ordinary: 0 });
  return accounts.map((account) => account.key);
}

/** All accounts that a key stands for: that of the key or of a key before it, and those with the domain. */
async function accountsOf(tx: Tx, key: string): Promise<{ id: string; key: string }[]> {
  const found = await findAccount(tx, key);
  const rows = await tx.query<{ id: string; key: string }>(
    'SELECT id, key FROM accounts WHERE id = $1 OR domain = $2 ORDER BY id <> $1, key',
    [found?.id ?? hashId(key), key],
  );
  return rows.rows;
}

interface StoredRow {
  key: string;
  reason: string;
  author: string;
  at: Date;
  until: Date | null;
  removed_at: Date | null;
  removed_by: string | null;
}

function shown({ at, until, removed_at, removed_by, ...row }: StoredRow): SuppressionRow {
  return {
    ...row,
    at: at.toISOString(),
    until: until?.toISOString() ?? null,
    removedAt: removed_at?.toISOString() ?? null,
    removedBy: removed_by,
  };
}

/** The list, newest first. `all`: also what was removed, replaced or is over. */
export async function listSuppressions(db: Db, all: boolean, now: number): Promise<SuppressionRow[]> {
  const rows = await db.query<StoredRow>(
    `SELECT key, reason, author, at, until, removed_at, removed_by FROM suppressions
     WHERE $1 OR (removed_at IS NULL AND (until IS NULL OR until > $2)) ORDER BY id DESC`,
    [all, isoInstant(now)],
  );
  return rows.rows.map(shown);
}

/** `woken`: called when accounts are to be scored again. */
export function suppressDesk(db: Db, clocks: () => Clocks, woken: () => void): SuppressDesk {
  return {
    list: (all) => listSuppressions(db, all, clocks().now),
    add: async (suppression) => {
      const added = await addSuppression(db, suppression, clocks());
      woken();
      return added;
    },
    remove: async (key, by) => {
      const removed = await removeSuppression(db, key, by, clocks());
      woken();
      return removed;
    },
  };
}

/** An account with what it may be named by beside its own key and those that it had. */
export interface Named {
  id: string;
  key: string;
  domain: string | null;
}

const ANY_LISTED = 'EXISTS (SELECT 1 FROM suppressions WHERE removed_at IS NULL)';

/**
 * What holds accounts now by somebody's word, by account id. A key that an account had before its merges counts too, so that of two
 * accounts that became one both suppressions hold. One question for all of them, which is over at once while the list is empty.
 */
export async function suppressionsOf(
  db: Db | Tx,
  accounts: readonly Named[],
  now: number,
): Promise<Map<string, Suppression[]>> {
  const domains = accounts.flatMap(({ id, domain }) => (domain === null ? [] : [{ id, domain }]));
  const rows = await db.query<Omit<Suppression, 'until'> & { account: string; until: Date | null }>({
    name: 'suppressions',
    text: `WITH RECURSIVE named (account, id, step) AS (
             SELECT account, account, 0 FROM unnest($1::uuid[]) AS account
             WHERE ${ANY_LISTED}
             UNION ALL
             SELECT named.account, former_keys.id, step + 1 FROM named
             JOIN former_keys ON former_keys.account = named.id WHERE step < 20
           ), wanted AS (
             SELECT account, id FROM named
             UNION SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS domain (account, id) WHERE ${ANY_LISTED}
           )
           SELECT account, key, reason, author, until FROM wanted JOIN suppressions ON key_id = wanted.id
           WHERE removed_at IS NULL AND (until IS NULL OR until > $4) ORDER BY account, suppressions.id`,
    values: [
      accounts.map(({ id }) => id),
      domains.map(({ id }) => id),
      domains.map(({ domain }) => hashId(domain)),
      isoInstant(now),
    ],
  });
  const found = rows.rows.map(({ until, ...row }) => ({ ...row, until: until?.getTime() ?? null }));
  return Map.groupBy(found, ({ account }) => account);
}

/** The same as holds, by account id. */
export async function manualHolds(
  tx: Tx,
  accounts: readonly Named[],
  now: number,
): Promise<Map<string, Hold[]>> {
  const found = await suppressionsOf(tx, accounts, now);
  const keys = new Map(accounts.map(({ id, key }) => [id, key]));
  return new Map(
    [...found].map(([id, list]) => [id, list.map((one) => manualHold(one, keys.get(id) ?? ''))]),
  );
}

/**
 * Why accounts must not be contacted now, in words, by account id: somebody's word as it is this moment, and what the last score
 * found (`standing.held`). Asked before an act of theirs goes out, which may be long after it was decided.
 */
export async function heldNow(db: Db, ids: readonly string[], now: number): Promise<Map<string, string>> {
  const rows = await db.query<Named & { held: { why: string }[] | null }>({
    name: 'held-now',
    text: `SELECT accounts.id, accounts.key, accounts.domain, scores.standing -> 'held' AS held
           FROM accounts LEFT JOIN scores ON scores.account = accounts.id
             AND scores.model = (SELECT split_part(value, ',', 1) FROM settings WHERE name = 'models')
           WHERE accounts.id = ANY($1::uuid[])`,
    values: [[...new Set(ids)]],
  });
  const listed = await suppressionsOf(db, rows.rows, now);
  return new Map(
    rows.rows.flatMap(({ id, key, held }): [string, string][] => {
      const manual = (listed.get(id) ?? []).map((one) => manualHold(one, key));
      const why = [...manual, ...(held ?? [])].map((one) => one.why);
      return why.length === 0 ? [] : [[id, why.join('; ')]];
    }),
  );
}
