import type { ChosenOwner } from '../decide/owner.ts';
import { isoInstant } from '../shared/time.ts';
import type {
  FieldsItem,
  Link,
  MembershipItem,
  Outbox,
  RecordState,
  TaskChangeItem,
  TaskItem,
} from '../sync/outbox.ts';
import { MASS } from './bulk-jobs.ts';
import { type Db, hashId, inTransaction } from './db.ts';
import { saveLinks, saveSettled } from './settled.ts';
import { loadTaskActs } from './task-acts.ts';

/** How long (ms) a claimed act is left alone: past any call's timeout, and soon enough after a crash. */
const LEASE = 90_000;

/** Attempts of an account's fields, a few minutes of them, after which a task goes without the person it is about. */
const STUCK_AFTER = 8;

/** Acts by id, with the revision that was planned: nothing else is claimed. */
export type Only = ReadonlyMap<string, number>;

/** The outbox on PostgreSQL. `realNow`: real time (ms), for leases and retries. `now`: business time, for what is shown. */
export function postgresOutbox(
  db: Db,
  realNow: () => number,
  now: () => number,
  only: Only | null = null,
): Outbox {
  const claimed = <Item>(connection: string, which: keyof typeof WHICH, limit: number) =>
    claim<Item>(db, connection, which, limit, realNow(), only);
  return {
    claimFields: (connection, which, limit) => claimed<FieldsItem>(connection, which, limit),
    claimMemberships: (connection, limit) => claimed<MembershipItem>(connection, 'campaign', limit),
    claimTasks: (connection, limit) => claimed<TaskItem>(connection, 'task', limit),
    claimTaskChanges: (connection, limit) => claimed<TaskChangeItem>(connection, 'taskChange', limit),
    taskActs: (connection, accounts) => loadTaskActs(db, connection, accounts),
    hold: (items, work) => hold(db, items, work, realNow),
    links: (connection, object, refs) => loadLinks(db, connection, object, refs),
    members: (connection, accounts) => members(db, connection, accounts),
    recordStates: (connection, accounts) => recordStates(db, connection, accounts),
    settle: (connection, settled, links) =>
      inTransaction(db, async (tx) => {
        await saveLinks(tx, connection, links, realNow());
        await saveSettled(tx, settled, realNow(), now());
      }),
    pause: (connection, until, code, reason) => pause(db, connection, until, code, reason),
    pausedUntil: (connection) => pausedUntil(db, connection),
    nextDue: (connection) => nextDue(db, connection, realNow(), only),
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

/** Fields of accounts that a task or membership waits for, and those that a bulk job left to us. */
const HOT = `a.kind = 'fields' AND a.state = 'waiting' AND a.bulk_job IS NULL AND a.id IN (
  SELECT f.id FROM actions hot JOIN actions f ON f.account = hot.account AND f.connection = hot.connection
  WHERE hot.connection = $1 AND hot.state = 'waiting' AND hot.kind <> 'fields'
  UNION ALL
  SELECT id FROM actions WHERE connection = $1 AND state = 'waiting' AND no_bulk)`;

/** Of the hot ones, those of accounts or people that an act waits for and that have no record yet. */
const NEEDED = `${HOT} AND EXISTS (
  SELECT 1 FROM actions act WHERE act.account = a.account AND act.connection = a.connection AND act.state = 'waiting'
    AND act.kind <> 'fields' AND (NOT EXISTS (
      SELECT 1 FROM crm_records r WHERE r.account = a.account AND r.connection = a.connection
        AND r.object = 'account' AND r.crm_id <> '') OR (act.payload ->> 'person' IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM crm_records r WHERE r.account = a.account AND r.connection = a.connection
        AND r.object = 'person' AND r.ref = act.payload ->> 'person' AND r.crm_id <> ''))))`;

const WHICH = {
  hot: HOT,
  needed: NEEDED,
  mass: MASS,
  campaign: "a.kind = 'campaign' AND a.state = 'waiting'",
  task: "a.kind = 'task' AND a.state = 'waiting'",
  taskChange: "a.kind IN ('note', 'close') AND a.state = 'waiting'",
};

/** $5: acts as they were planned; null: all. */
const PLANNED = `($5::json IS NULL OR (a.id, a.rev) IN
  (SELECT id, rev FROM json_to_recordset($5) AS planned (id uuid, rev bigint)))`;

function plannedOf(only: Only | null): string | null {
  return only && JSON.stringify([...only].map(([id, rev]) => ({ id, rev })));
}

/**
 * Leases due acts. `first_tried_at` and `uncertain` are set before the CRM is called: should this process die now, the
 * next one looks before it writes.
 */
async function claim<Item>(
  db: Db,
  connection: string,
  which: keyof typeof WHICH,
  limit: number,
  now: number,
  only: Only | null,
): Promise<Item[]> {
  const rows = await db.query<ClaimedRow>({
    name: `claim-${which}`,
    text: `WITH due AS (
             SELECT id, uncertain, first_tried_at FROM actions a
             WHERE connection = $1 AND ${WHICH[which]} AND next_at <= $2 AND ${PLANNED} ORDER BY next_at
             LIMIT $3 FOR UPDATE SKIP LOCKED
           ), leased AS (
             UPDATE actions SET next_at = $4, uncertain = true, first_tried_at = coalesce(actions.first_tried_at, $2)
             FROM due WHERE actions.id = due.id
             RETURNING actions.id, account, kind, payload, rev, attempts, owner, due.uncertain, due.first_tried_at
           )
           SELECT leased.*, accounts.key AS account_key FROM leased LEFT JOIN accounts ON accounts.id = leased.account`,
    values: [connection, isoInstant(now), limit, isoInstant(now + LEASE), plannedOf(only)],
  });
  return rows.rows.map(({ account_key, first_tried_at, ...row }) => ({
    ...row,
    accountKey: account_key ?? '',
    firstTriedAt: first_tried_at?.getTime() ?? null,
  })) as Item[];
}

/** Renews the lease of acts for as long as `work` takes: a large round may take longer than one lease. */
async function hold<T>(
  db: Db,
  items: readonly { id: string }[],
  work: () => Promise<T>,
  realNow: () => number,
): Promise<T> {
  const ids = items.map(({ id }) => id);
  const renew = () =>
    db.query(
      `UPDATE actions SET next_at = $2 WHERE id = ANY($1::uuid[]) AND state = 'waiting' AND uncertain AND bulk_job IS NULL`,
      [ids, isoInstant(realNow() + LEASE)],
    );
  // A renewal that fails costs nothing yet: the next one comes before the lease ends.
  const timer = setInterval(() => void renew().catch(() => {}), LEASE / 3);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
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
    held: Link['held'] | null;
    linked_at: Date;
  }>({
    name: 'links',
    text: `SELECT ref, crm_id, acknowledged, held, linked_at FROM crm_records
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
        held: row.held ?? {},
        at: row.linked_at.getTime(),
      },
    ]),
  );
}

/** A membership that was skipped makes nobody a member; one that is still to come does. */
async function members(
  db: Db,
  connection: string,
  accounts: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const rows = await db.query<{ account: string; people: string[] }>(
    `SELECT account, array_agg(person) AS people FROM actions
     WHERE connection = $1 AND kind = 'campaign' AND person IS NOT NULL AND state <> 'skipped'
       AND account = ANY($2::uuid[]) GROUP BY account`,
    [connection, accounts],
  );
  return new Map(rows.rows.map(({ account, people }) => [account, new Set(people)]));
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

async function nextDue(db: Db, connection: string, now: number, only: Only | null): Promise<number | null> {
  const rows = await db.query<{ at: Date | null }>(
    `SELECT min(next_at) AS at FROM actions WHERE connection = $1 AND state = 'waiting' AND bulk_job IS NULL
       AND ($2::uuid[] IS NULL OR id = ANY($2))`,
    [connection, only && [...only.keys()]],
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
