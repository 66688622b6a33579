import { DAY, isoInstant, MINUTE } from '../../shared/time.ts';
import type { Closing } from '../../sync/activity-rules.ts';
import type { Db, Tx } from '../db.ts';

/** An account whose activities are due to be read. */
export interface DueWatch {
  account: string;
  crmId: string;
  /** Business time, ms. */
  crossedAt: number;
  /** null: nothing was read yet. */
  since: number | null;
  seen: string | null;
  again: boolean;
  people: string[];
  tasks: string[];
  known: string[];
  closings: Closing[];
  /** The newest touch or reply that is known, ms; null: none. */
  newest: number | null;
}

/** Tasks older than this (ms) are a person's affair, as they are for reconciliation's longest look. */
const TASKS_WITHIN = 90 * DAY;

/**
 * Brings the list of accounts to read up to date: those that got a task in the last 90 days and are not over
 * (`standing.handed`), as far as this CRM has them. Costs the tasks of these days, whatever the number of accounts.
 */
export async function followHanded(db: Db, connection: string, now: number, realNow: number): Promise<void> {
  await db.query({
    name: 'watches-follow',
    text: `WITH open AS (
             SELECT r.account, min(r.crm_id) AS crm_id,
               max((s.standing -> 'crossedAt' ->> (s.standing -> 'handed' ->> 'tier'))::timestamptz) AS crossed_at
             FROM (SELECT DISTINCT account FROM actions
                   WHERE connection = $1 AND kind = 'task' AND created_at > $2 AND state <> 'skipped') AS handed
             JOIN crm_records r ON r.account = handed.account AND r.connection = $1 AND r.object = 'account' AND r.crm_id <> ''
             JOIN scores s ON s.account = handed.account AND s.standing ->> 'handed' IS NOT NULL
             GROUP BY r.account
           ), over AS (
             DELETE FROM crm_watches WHERE connection = $1 AND account NOT IN (SELECT account FROM open)
           )
           INSERT INTO crm_watches (connection, account, crm_id, crossed_at, next_at)
           SELECT $1, account, crm_id, crossed_at, $3 FROM open WHERE crossed_at IS NOT NULL
           ON CONFLICT (connection, account) DO UPDATE SET crm_id = excluded.crm_id, crossed_at = excluded.crossed_at,
             next_at = excluded.next_at, seen = NULL, since = NULL, look_at = NULL
           WHERE (crm_watches.crm_id, crm_watches.crossed_at) IS DISTINCT FROM (excluded.crm_id, excluded.crossed_at)`,
    values: [connection, isoInstant(now - TASKS_WITHIN), isoInstant(realNow)],
  });
}

interface Row extends Omit<DueWatch, 'crossedAt' | 'since' | 'crmId' | 'closings' | 'newest'> {
  crm_id: string;
  crossed_at: Date;
  since: Date | null;
  newest: Date | null;
  closings: { from: string; to: string | null }[];
}

/** Accounts that are due, longest first, with what is known of them. */
export async function dueWatches(
  db: Db,
  connection: string,
  limit: number,
  now: number,
  realNow: number,
): Promise<DueWatch[]> {
  const rows = await db.query<Row>({
    name: 'watches-due',
    text: `SELECT w.account, w.crm_id, w.crossed_at, w.since, w.seen, coalesce(w.look_at <= $3, false) AS again,
             ARRAY(SELECT p.crm_id FROM crm_records p WHERE p.connection = w.connection AND p.object = 'person'
               AND p.account = w.account AND p.crm_id <> '' ORDER BY 1) AS people,
             ARRAY(SELECT a.crm_id FROM actions a WHERE a.connection = w.connection AND a.account = w.account
               AND a.kind = 'task' AND a.crm_id IS NOT NULL AND a.created_at > $5 ORDER BY 1) AS tasks,
             ARRAY(SELECT t.id FROM touches t WHERE t.connection = w.connection AND t.account = w.account
               AND t.at >= w.crossed_at ORDER BY 1) AS known,
             (SELECT max(t.at) FROM touches t WHERE t.connection = w.connection AND t.account = w.account) AS newest,
             (SELECT coalesce(json_agg(json_build_object('from', a.created_at,
                  'to', CASE WHEN a.state = 'waiting' THEN NULL ELSE a.updated_at END)), '[]')
              FROM actions a WHERE a.connection = w.connection AND a.account = w.account AND a.kind = 'close'
                AND a.state <> 'skipped') AS closings
           FROM crm_watches w WHERE w.connection = $1 AND w.next_at <= $2 ORDER BY w.next_at, w.account LIMIT $4`,
    values: [connection, isoInstant(realNow), isoInstant(now), limit, isoInstant(now - TASKS_WITHIN)],
  });
  return rows.rows.map(({ crm_id, crossed_at, since, newest, closings, ...row }) => ({
    ...row,
    crmId: crm_id,
    crossedAt: crossed_at.getTime(),
    since: since?.getTime() ?? null,
    newest: newest?.getTime() ?? null,
    closings: closings.map(closing),
  }));
}

/** Both clocks may be off by so much (ms). */
const SKEW = MINUTE;

function closing({ from, to }: { from: string; to: string | null }): Closing {
  return {
    from: Date.parse(from) - SKEW,
    to: to === null ? Number.POSITIVE_INFINITY : Date.parse(to) + SKEW,
  };
}

/** How an account stands after a look. */
export interface Looked {
  account: string;
  /** ms; null: as before, since not all was read. */
  since: number | null;
  /** null: as before. */
  seen: string | null;
  /** When it must be read in detail; null: when it has moved. The earlier of this and what was noted before holds. */
  lookAt: number | null;
  /** It was read in detail because of what was noted before, which is done with. */
  again: boolean;
  nextAt: number;
}

export async function saveLooked(tx: Tx, connection: string, looked: readonly Looked[]): Promise<void> {
  const instant = (at: number | null) => (at === null ? null : isoInstant(at));
  await tx.query({
    name: 'watches-looked',
    text: `UPDATE crm_watches SET since = coalesce(told.since, crm_watches.since), seen = coalesce(told.seen, crm_watches.seen),
             look_at = CASE WHEN told.again THEN told.look_at ELSE least(crm_watches.look_at, told.look_at) END,
             next_at = told.next_at
           FROM json_to_recordset($2) AS told (account uuid, since timestamptz, seen text, again boolean,
             look_at timestamptz, next_at timestamptz)
           WHERE connection = $1 AND crm_watches.account = told.account`,
    values: [
      connection,
      JSON.stringify(
        looked.map(({ since, lookAt, nextAt, ...rest }) => ({
          ...rest,
          since: instant(since),
          look_at: instant(lookAt),
          next_at: isoInstant(nextAt),
        })),
      ),
    ],
  });
}

/** Activities are read no longer: nobody is watched. What is known stays as long as it would have. */
export async function dropWatches(db: Db, connection: string): Promise<void> {
  const feed = await db.query(`DELETE FROM crm_feeds WHERE connection = $1 AND feed = 'activities'`, [
    connection,
  ]);
  if ((feed.rowCount ?? 0) > 0) {
    await db.query('DELETE FROM crm_watches WHERE connection = $1', [connection]);
  }
}
