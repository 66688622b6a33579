import type { Db } from '../db.ts';
import { CLASSES } from '../fold/claim.ts';

/** What waits, and how much there is: each figure costs the same however large the tables have grown. */
export interface Counts {
  events: number;
  unfolded: number;
  oldest: Date | null;
  quarantined: number;
  refused: number;
  total: number;
  dirty: number;
  overdue: number;
  refold: number;
  contested: number;
}

export interface CountQuestion {
  /** Business time, for what is overdue. */
  now: Date;
  /** Hash of the signal plan in force; null: unknown, nobody counts as stale. */
  plan: string | null;
  /** Rows that are looked at for one figure. One below it is exact; beyond it stands an estimate, or this number: at least so many. */
  cap: number;
}

/**
 * Up to the cap rows are counted, each by an index. Beyond it:
 * - Events are numbered as they come: from the oldest to the newest that is there are a few more numbers than events, some taken by
 *   statements that failed. Of what waits, the numbers between that are folded count too.
 * - Of accounts, what PostgreSQL believes since it last looked (autovacuum).
 * - Expired scores are looked for in the order of their index: all those of former models would else be read.
 * - Refused events are summed over a few rows for each forgotten person: every process holds all of them in memory.
 */
const COUNTS = `
  WITH few AS (
    SELECT (SELECT count(*) FROM (SELECT 1 FROM event_keys WHERE twin_of IS NULL LIMIT $3) AS one) AS events,
           (SELECT count(*) FROM (SELECT 1 FROM accounts LIMIT $3) AS one) AS total,
           (SELECT count(*) FROM (SELECT 1 FROM dirty_accounts LIMIT $3) AS one) AS dirty,
           (SELECT count(*) FROM (SELECT 1 FROM quarantine WHERE state = 'open' LIMIT $3) AS one) AS quarantined,
           (SELECT count(*) FROM (SELECT 1 FROM people WHERE plan < $2::text OR plan > $2 LIMIT $3) AS one) AS refold,
           (SELECT count(*) FROM (SELECT 1 FROM domains WHERE claimants <> '{}' LIMIT $3) AS one) AS contested
  ), kept AS (
    SELECT (SELECT seq FROM events ORDER BY day, seq LIMIT 1) AS oldest,
           (SELECT seq FROM events ORDER BY day DESC, seq DESC LIMIT 1) AS newest
  ), inbox AS (
    SELECT count(*) AS runs, coalesce(sum(last - first + 1), 0)::bigint AS unfolded
    FROM (SELECT first, last FROM inbox_runs LIMIT $3) AS one
  ), waiting AS (
    SELECT min(head.first) AS oldest, max(tail.last) AS newest, min(head.received_at) AS received_at
    FROM unnest($4::"char"[]) AS name,
      LATERAL (SELECT first, received_at FROM inbox_runs WHERE class = name ORDER BY first LIMIT 1) AS head,
      LATERAL (SELECT last FROM inbox_runs WHERE class = name ORDER BY first DESC LIMIT 1) AS tail
  ), in_force AS (
    SELECT unnest(coalesce(string_to_array((SELECT value FROM settings WHERE name = 'models'), ','),
      ARRAY(SELECT DISTINCT model FROM scores))) AS model
  ), expired AS (
    SELECT (SELECT count(*) FROM (SELECT 1 FROM scores WHERE scores.model = in_force.model AND valid_until <= $1
                                  ORDER BY valid_until LIMIT $3) AS one) AS n
    FROM in_force
  ), believed AS (
    SELECT max(reltuples) FILTER (WHERE oid = 'accounts'::regclass)::bigint AS total,
           max(reltuples) FILTER (WHERE oid = 'dirty_accounts'::regclass)::bigint AS dirty
    FROM pg_class WHERE oid IN ('accounts'::regclass, 'dirty_accounts'::regclass)
  )
  SELECT CASE WHEN few.events < $3 THEN few.events ELSE greatest(few.events, kept.newest - kept.oldest + 1) END AS events,
    CASE WHEN inbox.runs < $3 THEN inbox.unfolded ELSE greatest(inbox.unfolded, waiting.newest - waiting.oldest + 1) END AS unfolded,
    waiting.received_at AS oldest,
    few.quarantined,
    (SELECT coalesce(sum(refused), 0)::bigint FROM forgotten) AS refused,
    CASE WHEN few.total < $3 THEN few.total ELSE greatest(few.total, believed.total) END AS total,
    CASE WHEN few.dirty < $3 THEN few.dirty ELSE greatest(few.dirty, believed.dirty) END AS dirty,
    (SELECT least($3, coalesce(sum(n), 0))::bigint FROM expired) AS overdue,
    few.refold,
    few.contested
  FROM few, kept, inbox, waiting, believed`;

/** Counts, up to `cap` rows for each figure. */
export async function countAll(db: Db, { now, plan, cap }: CountQuestion): Promise<Counts> {
  const rows = await db.query<Counts>(COUNTS, [now, plan, cap, CLASSES]);
  const [row] = rows.rows;
  if (row === undefined) {
    throw new Error('a statement without conditions gives one row');
  }
  return row;
}
