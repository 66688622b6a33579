import type { Db } from '../db.ts';

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

/** Rows of a table, or of a part of it that has an index, up to the cap. */
const few = (rows: string) => `(SELECT count(*) FROM (SELECT 1 FROM ${rows} LIMIT $3) AS few)`;

/** What PostgreSQL believes since it last looked (autovacuum), where there are too many to count. */
const estimated = (table: string) => `(SELECT CASE WHEN few.n < $3 THEN few.n
    ELSE greatest(few.n, (SELECT reltuples::bigint FROM pg_class WHERE oid = '${table}'::regclass)) END
  FROM (SELECT ${few(table)} AS n) AS few)`;

/**
 * Events are numbered as they come: from the oldest to the newest that is there are a few more numbers than events, some of
 * them taken by statements that failed. Of what waits the numbers between that are folded count too.
 */
const numbered = (n: string, from: string) =>
  `CASE WHEN ${n} < $3 THEN ${n} ELSE greatest(${n}, ${from}.newest - ${from}.oldest + 1) END`;

/** Models whose scores are kept up; all that there are, until a worker has said which. */
const IN_FORCE = `coalesce(string_to_array((SELECT value FROM settings WHERE name = 'models'), ','),
  ARRAY(SELECT DISTINCT model FROM scores))`;

const COUNTS = `
  WITH kept AS (
    SELECT (SELECT seq FROM events ORDER BY day, seq LIMIT 1) AS oldest,
           (SELECT seq FROM events ORDER BY day DESC, seq DESC LIMIT 1) AS newest,
           ${few('event_keys WHERE twin_of IS NULL')} AS n
  ), waiting AS (
    SELECT min(first.seq) AS oldest, max(last.seq) AS newest, min(first.received_at) AS received_at, ${few('inbox')} AS n
    FROM unnest($4::"char"[]) AS source,
      LATERAL (SELECT seq, received_at FROM inbox WHERE inbox.source = source ORDER BY seq LIMIT 1) AS first,
      LATERAL (SELECT seq FROM inbox WHERE inbox.source = source ORDER BY seq DESC LIMIT 1) AS last
  ), expired AS (
    -- In the order of its index: scores of former models, all of them expired, would else be read for it.
    SELECT (SELECT count(*) FROM (
      SELECT 1 FROM scores WHERE scores.model = one.model AND valid_until <= $1 ORDER BY valid_until LIMIT $3) AS few) AS n
    FROM unnest(${IN_FORCE}) AS one (model)
  )
  SELECT ${numbered('kept.n', 'kept')} AS events,
    ${numbered('waiting.n', 'waiting')} AS unfolded,
    waiting.received_at AS oldest,
    ${few(`quarantine WHERE state = 'open'`)} AS quarantined,
    -- A few rows for each forgotten person: every process holds all of them in memory.
    (SELECT coalesce(sum(refused), 0)::bigint FROM forgotten) AS refused,
    ${estimated('accounts')} AS total,
    ${estimated('dirty_accounts')} AS dirty,
    (SELECT least($3, coalesce(sum(n), 0))::bigint FROM expired) AS overdue,
    ${few('people WHERE plan < $2::text OR plan > $2')} AS refold,
    ${few(`domains WHERE claimants <> '{}'`)} AS contested
  FROM kept, waiting`;

/** First letters of the vendors, by which the inbox is ordered first. */
const SOURCES = ['a', 's'];

/** Counts, up to `cap` rows for each figure. */
export async function countAll(db: Db, { now, plan, cap }: CountQuestion): Promise<Counts> {
  const rows = await db.query<Counts>(COUNTS, [now, plan, cap, SOURCES]);
  const [row] = rows.rows;
  if (row === undefined) {
    throw new Error('a statement without conditions gives one row');
  }
  return row;
}
