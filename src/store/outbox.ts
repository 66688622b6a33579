import type { ChosenOwner } from '../decide/owner.ts';
import { isoInstant } from '../shared/time.ts';
import type {
  FieldsItem,
  Link,
  LinkChange,
  MembershipItem,
  Outbox,
  RecordState,
  Settled,
  TaskChangeItem,
  TaskItem,
} from '../sync/outbox.ts';
import { type Db, hashId, inTransaction, type Tx } from './db.ts';
import { loadTaskActs } from './task-acts.ts';

/** How long (ms) a claimed act is left alone: past any call's timeout, and soon enough after a crash. */
const LEASE = 90_000;

/** Attempts of an account's fields, a few minutes of them, after which a task goes without the person it is about. */
const STUCK_AFTER = 8;

/** The outbox on PostgreSQL. `realNow`: real time (ms), for leases and retries. `now`: business time, for what is shown. */
export function postgresOutbox(db: Db, realNow: () => number, now: () => number): Outbox {
  return {
    claimFields: (connection, limit) => claim<FieldsItem>(db, connection, ['fields'], limit, realNow()),
    claimMemberships: (connection, limit) =>
      claim<MembershipItem>(db, connection, ['campaign'], limit, realNow()),
    claimTasks: (connection, limit) => claim<TaskItem>(db, connection, ['task'], limit, realNow()),
    claimTaskChanges: (connection, limit) =>
      claim<TaskChangeItem>(db, connection, ['note', 'close'], limit, realNow()),
    taskActs: (connection, accounts) => loadTaskActs(db, connection, accounts),
    links: (connection, object, refs) => loadLinks(db, connection, object, refs),
    recordStates: (connection, accounts) => recordStates(db, connection, accounts),
    settle: (connection, _crm, settled, links) =>
      inTransaction(db, async (tx) => {
        await saveLinks(tx, connection, links, realNow());
        await saveSettled(tx, settled, realNow(), now());
      }),
    pause: (connection, until, code, reason) => pause(db, connection, until, code, reason),
    pausedUntil: (connection) => pausedUntil(db, connection),
    nextDue: (connection) => nextDue(db, connection, realNow()),
  };
}

interface ClaimedRow {
  id: string;
  account: string;
  account_key: string | null;
  kind: string;
  payload: unknown;
  rev: number;
  attempts: number;
  uncertain: boolean;
  first_tried_at: Date | null;
  owner: ChosenOwner | null;
}

/**
 * Leases due acts, hot accounts first (those that a task or membership waits for). `first_tried_at` and
 * `uncertain` are set before the CRM is called: should this process die now, the next one looks before it writes.
 */
async function claim<Item>(
  db: Db,
  connection: string,
  kinds: readonly string[],
  limit: number,
  now: number,
): Promise<Item[]> {
  const rows = await db.query<ClaimedRow>({
    name: 'claim',
    text: `WITH due AS (
             SELECT id, uncertain, first_tried_at FROM actions a
             WHERE connection = $1 AND kind = ANY($2) AND state = 'waiting' AND next_at <= $3
             ORDER BY (a.kind = 'fields' AND EXISTS (
               SELECT 1 FROM actions hot WHERE hot.account = a.account AND hot.connection = $1
                 AND hot.state = 'waiting' AND hot.kind <> 'fields')) DESC, next_at
             LIMIT $4 FOR UPDATE SKIP LOCKED
           ), leased AS (
             UPDATE actions SET next_at = $5, uncertain = true, first_tried_at = coalesce(actions.first_tried_at, $3)
             FROM due WHERE actions.id = due.id
             RETURNING actions.id, account, kind, payload, rev, attempts, owner, due.uncertain, due.first_tried_at
           )
           SELECT leased.id, leased.account, leased.kind, leased.payload, leased.rev, leased.attempts, leased.owner,
             leased.uncertain, leased.first_tried_at, accounts.key AS account_key
           FROM leased LEFT JOIN accounts ON accounts.id = leased.account`,
    values: [connection, kinds, isoInstant(now), limit, isoInstant(now + LEASE)],
  });
  return rows.rows.map(({ account_key, first_tried_at, ...row }) => ({
    ...row,
    accountKey: account_key ?? '',
    firstTriedAt: first_tried_at?.getTime() ?? null,
  })) as Item[];
}

async function loadLinks(
  db: Db,
  connection: string,
  object: Link['object'],
  refs: readonly string[],
): Promise<Map<string, Link>> {
  const rows = await db.query<{
    ref: string;
    crm_id: string;
    acknowledged: Link['acknowledged'];
    looked_for: string;
    linked_at: Date;
  }>({
    name: 'links',
    text: `SELECT ref, crm_id, acknowledged, looked_for, linked_at FROM crm_records
           WHERE connection = $1 AND object = $2 AND key = ANY($3::uuid[])`,
    values: [connection, object, refs.map(hashId)],
  });
  return new Map(
    rows.rows.map((row) => [
      row.ref,
      {
        object,
        ref: row.ref,
        crmId: row.crm_id,
        acknowledged: row.acknowledged,
        lookedFor: row.looked_for,
        at: row.linked_at.getTime(),
      },
    ]),
  );
}

async function recordStates(
  db: Db,
  connection: string,
  accounts: readonly string[],
): Promise<Map<string, RecordState>> {
  const rows = await db.query<{ account: string; state: string }>(
    `SELECT account, CASE WHEN state = 'waiting' AND attempts >= $3 THEN 'stuck' ELSE state END AS state
     FROM actions WHERE connection = $1 AND kind = 'fields' AND account = ANY($2::uuid[])`,
    [connection, accounts, STUCK_AFTER],
  );
  const words: Record<string, RecordState> = {
    waiting: 'pending',
    stuck: 'stuck',
    done: 'linked',
    skipped: 'absent',
    parked: 'parked',
  };
  return new Map(rows.rows.map((row) => [row.account, words[row.state] ?? 'pending']));
}

async function saveLinks(
  tx: Tx,
  connection: string,
  links: readonly LinkChange[],
  now: number,
): Promise<void> {
  const gone = links.filter((link) => link.crmId === null);
  const kept = links.filter((link) => link.crmId !== null);
  if (gone.length > 0) {
    await tx.query(
      `DELETE FROM crm_records USING unnest($2::text[], $3::uuid[]) AS gone (object, key)
       WHERE connection = $1 AND crm_records.object = gone.object AND crm_records.key = gone.key`,
      [connection, gone.map(({ object }) => object), gone.map(({ ref }) => hashId(ref))],
    );
    // Whoever found the record gone, it is the account's fields that find or make it again.
    await tx.query(
      `UPDATE actions SET state = 'waiting', attempts = 0, next_at = $3
       WHERE connection = $1 AND kind = 'fields' AND state IN ('done', 'skipped') AND account = ANY($2::uuid[])`,
      [connection, gone.map(({ account }) => account), isoInstant(now)],
    );
  }
  if (kept.length > 0) {
    await tx.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, note, looked_for, linked_at)
       SELECT $1, object, key, account, ref, crm_id, acknowledged, note, coalesce(looked_for, ''), $2
       FROM json_to_recordset($3) AS row
         (object text, key uuid, account uuid, ref text, crm_id text, acknowledged json, note text, looked_for text)
       ON CONFLICT (connection, object, key) DO UPDATE SET account = excluded.account, crm_id = excluded.crm_id,
         acknowledged = excluded.acknowledged, note = coalesce(excluded.note, crm_records.note),
         looked_for = excluded.looked_for, linked_at = excluded.linked_at`,
      [connection, isoInstant(now), JSON.stringify(kept.map(toRow))],
    );
  }
}

function toRow({ crmId, lookedFor, ...link }: LinkChange) {
  return { ...link, key: hashId(link.ref), crm_id: crmId, looked_for: lookedFor ?? '' };
}

/** An act whose payload changed meanwhile (a newer `rev`) stays waiting, whatever became of the older one. */
async function saveSettled(tx: Tx, settled: readonly Settled[], realNow: number, now: number): Promise<void> {
  const rows = settled.map(({ id, rev, next, owner }) => ({
    id,
    rev,
    owner: owner ?? null,
    state: next.state,
    code: next.code,
    reason: next.reason,
    remedy: next.remedy,
    attempts: next.attempts,
    uncertain: next.uncertain,
    next_at: isoInstant(realNow + next.waitMs),
    crm_id: next.crmId,
  }));
  await tx.query({
    name: 'settle',
    text: `UPDATE actions SET
             state = CASE WHEN actions.rev = row.rev THEN row.state ELSE 'waiting' END,
             reason = CASE WHEN row.state <> 'done' THEN row.reason
                           WHEN row.reason = '' THEN actions.why ELSE actions.why || ' (' || row.reason || ')' END,
             code = row.code, remedy = row.remedy, uncertain = row.uncertain,
             attempts = CASE WHEN actions.rev = row.rev THEN row.attempts ELSE 0 END,
             first_tried_at = CASE WHEN row.uncertain THEN actions.first_tried_at END,
             next_at = CASE WHEN actions.rev = row.rev THEN row.next_at ELSE $2 END,
             crm_id = coalesce(row.crm_id, actions.crm_id), owner = coalesce(row.owner, actions.owner),
             updated_at = $3
           FROM json_to_recordset($1) AS row (id uuid, rev bigint, state text, code text, reason text, remedy text,
             attempts integer, uncertain boolean, next_at timestamptz, crm_id text, owner json)
           WHERE actions.id = row.id`,
    values: [JSON.stringify(rows), isoInstant(realNow), isoInstant(now)],
  });
}

async function pause(db: Db, connection: string, until: number, code: string, reason: string): Promise<void> {
  await db.query(
    'UPDATE connections SET paused_until = $2, paused_code = $3, paused_reason = $4 WHERE connection = $1',
    [connection, isoInstant(until), code, reason],
  );
}

async function pausedUntil(db: Db, connection: string): Promise<number | null> {
  const rows = await db.query<{ paused_until: Date | null }>(
    'SELECT paused_until FROM connections WHERE connection = $1',
    [connection],
  );
  return rows.rows[0]?.paused_until?.getTime() ?? null;
}

async function nextDue(db: Db, connection: string, now: number): Promise<number | null> {
  const rows = await db.query<{ at: Date | null }>(
    `SELECT min(next_at) AS at FROM actions WHERE connection = $1 AND state = 'waiting'`,
    [connection],
  );
  const at = rows.rows[0]?.at;
  return at === null || at === undefined ? null : Math.max(0, at.getTime() - now);
}

/**
 * Notes which portal or org a CRM's credentials belong to. Acts that were decided while the CRM had never been
 * reached are waiting under its name alone: they are taken over. Links and acknowledged values of another portal
 * stay with that one.
 */
export async function noteConnection(db: Db, crm: string, connection: string, now: number): Promise<void> {
  await inTransaction(db, async (tx) => {
    const before = await tx.query<{ connection: string }>(
      'SELECT connection FROM connections WHERE crm = $1 FOR UPDATE',
      [crm],
    );
    if (before.rows[0]?.connection !== connection) {
      // Another portal knows nothing of the accounts there are: each is written when it is scored, so score each once.
      await tx.query(
        `INSERT INTO dirty_accounts (account, due_at, act) SELECT id, $1, true FROM accounts ORDER BY id
         ON CONFLICT (account) DO NOTHING`,
        [isoInstant(now)],
      );
    }
    await tx.query(
      `INSERT INTO connections (crm, connection, seen_at) VALUES ($1, $2, $3)
       ON CONFLICT (crm) DO UPDATE SET connection = excluded.connection, seen_at = excluded.seen_at,
         paused_until = NULL, paused_code = NULL, paused_reason = NULL`,
      [crm, connection, isoInstant(now)],
    );
    const pending = await tx.query<{ id: string; key: string }>(
      'SELECT id, key FROM actions WHERE crm = $1 AND connection = $2 FOR UPDATE',
      [crm, pendingConnection(crm)],
    );
    for (const { id, key } of pending.rows) {
      const next = actionId(connection, key);
      await tx.query(
        `UPDATE actions SET id = $2, connection = $3 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM actions WHERE id = $2)`,
        [id, next, connection],
      );
    }
  });
}

/**
 * Writes down, for the status, that a CRM could not be reached or does not fit its mapping; `until` (real time) is when
 * it is tried again. The portal it was connected to before stays the one that acts are for.
 */
export async function noteUnreachable(
  db: Db,
  crm: string,
  until: number,
  now: number,
  { code, reason }: { code: string; reason: string },
): Promise<void> {
  await db.query(
    `INSERT INTO connections (crm, connection, seen_at, paused_until, paused_code, paused_reason)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (crm) DO UPDATE SET paused_until = excluded.paused_until, paused_code = excluded.paused_code,
       paused_reason = excluded.paused_reason`,
    [crm, pendingConnection(crm), isoInstant(now), isoInstant(until), code, reason],
  );
}

/** Stands for a CRM that has never been reached. */
export function pendingConnection(crm: string): string {
  return `${crm}:pending`;
}

export function actionId(connection: string, key: string): string {
  return hashId(`${connection}\n${key}`);
}
