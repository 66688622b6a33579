import type { ChosenOwner } from '../decide/owner.ts';
import { isoInstant } from '../shared/time.ts';
import type { Db } from './db.ts';

/** How long (ms) a claimed act is left alone: past any call's timeout, and soon enough after a crash. */
const LEASE = 90_000;

/** Acts by id, with the revision that was planned: nothing else is claimed. */
export type Only = ReadonlyMap<string, number>;

/**
 * Mass: fields that no task or membership waits for. Hot accounts and acts that a job refused go the ordinary way, and so do
 * those that a trigger touched, unless so many were touched that they have waited for a minute. $2: the time.
 */
export const MASS = `a.kind = 'fields' AND a.state = 'waiting' AND a.bulk_job IS NULL AND NOT a.no_bulk
  AND NOT (a.prompt AND a.next_at > $2::timestamptz - interval '1 minute')
  AND NOT EXISTS (SELECT 1 FROM actions hot WHERE hot.account = a.account AND hot.connection = a.connection
                  AND hot.state = 'waiting' AND hot.kind <> 'fields')`;

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
 * Fields of accounts that a task or membership waits for or a trigger touched, and those that a bulk job left to us. As an array,
 * which is made once: joined, PostgreSQL makes the list anew for each act as long as it does not know the table's size.
 */
const HOT = `a.kind = 'fields' AND a.state = 'waiting' AND a.bulk_job IS NULL AND a.id = ANY(ARRAY(
  SELECT f.id FROM actions hot JOIN actions f ON f.account = hot.account AND f.connection = hot.connection
  WHERE hot.connection = $1 AND hot.state = 'waiting' AND hot.kind <> 'fields' AND f.kind = 'fields' AND f.next_at <= $2
  UNION ALL
  (SELECT id FROM actions WHERE connection = $1 AND state = 'waiting' AND no_bulk AND next_at <= $2 LIMIT $3)
  UNION ALL
  (SELECT id FROM actions WHERE connection = $1 AND state = 'waiting' AND prompt AND next_at <= $2
   ORDER BY next_at LIMIT $3)))`;

/** Of the hot ones, those of accounts or people that an act waits for and that have no record yet. */
const NEEDED = `${HOT} AND EXISTS (
  SELECT 1 FROM actions act WHERE act.account = a.account AND act.connection = a.connection AND act.state = 'waiting'
    AND act.kind <> 'fields' AND (NOT EXISTS (
      SELECT 1 FROM crm_records r WHERE r.account = a.account AND r.connection = a.connection
        AND r.object = 'account' AND r.crm_id <> '') OR (act.payload ->> 'person' IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM crm_records r WHERE r.account = a.account AND r.connection = a.connection
        AND r.object = 'person' AND r.ref = act.payload ->> 'person' AND r.crm_id <> ''))))`;

export type Which = keyof typeof WHICH;

const WHICH = {
  hot: HOT,
  needed: NEEDED,
  mass: MASS,
  campaign: "a.kind = 'campaign' AND a.state = 'waiting'",
  task: "a.kind = 'task' AND a.state = 'waiting'",
  taskChange: "a.kind IN ('note', 'close') AND a.state = 'waiting'",
  alert: "a.kind = 'alert' AND a.state = 'waiting'",
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
export async function claimActs<Item>(
  db: Db,
  connection: string,
  which: Which,
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
export async function hold<T>(
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
