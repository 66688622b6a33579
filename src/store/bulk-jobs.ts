import { isoInstant } from '../shared/time.ts';
import type { BulkJob } from '../sync/bulk.ts';
import type { BulkJobs } from '../sync/bulk-jobs.ts';
import { acts, LEASE, plan, release, rowsOf, settle, split } from './bulk-acts.ts';
import { MASS } from './claims.ts';
import { type Db, inTransaction } from './db.ts';
import { withoutForgotten } from './forget/settle.ts';
import { LOCKS } from './locks.ts';

/** How long (ms) a job that ended is kept for whoever asks what became of it. */
const KEPT = 7 * 86_400_000;

/** Jobs on PostgreSQL. `realNow`: real time (ms), for leases and looks. `now`: business time, for what is shown. */
export function postgresBulkJobs(db: Db, realNow: () => number, now: () => number): BulkJobs {
  return {
    waiting: (connection, limit) => waiting(db, connection, limit, realNow()),
    coming: (limit) => coming(db, limit, realNow()),
    running: async (connection) => {
      const text = `SELECT count(*) AS count FROM bulk_jobs WHERE connection = $1 AND state <> 'ended'`;
      return (await db.query<{ count: number }>(text, [connection])).rows[0]?.count ?? 0;
    },
    begin: (connection, above, limit) => begin(db, connection, above, limit, realNow()),
    due: (connection) => due(db, connection, realNow()),
    acts: (job, page, limit) => acts(db, job, page, limit),
    plan: (job, plans) => plan(db, job, plans, realNow()),
    split: (job, fewest) => split(db, job, fewest, realNow()),
    rows: (job) => rowsOf(db, job),
    note: async (job, note) => {
      await db.query(
        `UPDATE bulk_jobs SET state = $2, crm_job = coalesce($3, crm_job), attempts = $4, checks = $5,
           message = coalesce($6, message), next_at = $7, leased_until = $8, updated_at = $9 WHERE id = $1`,
        [
          job,
          note.state,
          note.crmJob ?? null,
          note.attempts,
          note.checks,
          note.message ?? null,
          isoInstant(realNow() + note.waitMs),
          // Whoever waits lets go; whoever goes on keeps it.
          isoInstant(note.waitMs > 0 ? realNow() : realNow() + LEASE),
          isoInstant(realNow()),
        ],
      );
    },
    release: (job, only) => inTransaction(db, (tx) => release(tx, job, only, realNow())),
    settle: (job, connection, settled, links) =>
      inTransaction(db, async (tx) => {
        const kept = await withoutForgotten(db, tx, { settled, links });
        await settle(tx, job, connection, kept, realNow(), now());
      }),
    nextDue: async (connection) => {
      const text = `SELECT min(greatest(next_at, leased_until)) AS at FROM bulk_jobs WHERE connection = $1 AND state <> 'ended'`;
      const at = (await db.query<{ at: Date | null }>(text, [connection])).rows[0]?.at;
      return at === null || at === undefined ? null : Math.max(0, at.getTime() - realNow());
    },
  };
}

async function waiting(db: Db, connection: string, limit: number, now: number) {
  const rows = await db.query<{ acts: number; people: number | null; oldest: Date | null }>({
    name: 'mass-waiting',
    text: `SELECT count(*) AS acts, min(next_at) AS oldest, sum(json_array_length(payload->'people')) AS people FROM (
             SELECT next_at, payload FROM actions a WHERE connection = $1 AND ${MASS} AND next_at <= $2
             ORDER BY next_at LIMIT $3) AS mass`,
    values: [connection, isoInstant(now), limit],
  });
  const [found] = rows.rows;
  return { acts: found?.acts ?? 0, people: found?.people ?? 0, oldest: found?.oldest?.getTime() ?? null };
}

async function coming(db: Db, limit: number, now: number): Promise<number> {
  const rows = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM (SELECT 1 FROM dirty_accounts WHERE due_at <= $1 LIMIT $2) AS coming',
    [isoInstant(now), limit],
  );
  return rows.rows[0]?.count ?? 0;
}

interface JobRow {
  id: string;
  object: BulkJob['object'] | null;
  operation: BulkJob['operation'] | null;
  state: BulkJob['state'];
  crm_job: string | null;
  attempts: number;
  checks: number;
}

/** A job without rows has no object: nothing asks for it. */
function jobOf(row: JobRow): BulkJob {
  const { crm_job, object, operation, ...rest } = row;
  return { ...rest, crmJob: crm_job, object: object ?? 'account', operation: operation ?? 'update' };
}

async function begin(
  db: Db,
  connection: string,
  above: number,
  limit: number,
  now: number,
): Promise<BulkJob | null> {
  return inTransaction(db, async (tx) => {
    // Two at a time would each get a part, and neither enough for a job.
    const alone = await tx.query<{ got: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS got',
      [LOCKS.bulk, connection],
    );
    if (alone.rows[0]?.got !== true) {
      return null;
    }
    await tx.query(`DELETE FROM bulk_jobs WHERE state = 'ended' AND updated_at < $1`, [
      isoInstant(now - KEPT),
    ]);
    const made = await tx.query<JobRow>(
      `INSERT INTO bulk_jobs (connection, state, leased_until, next_at, created_at, updated_at)
       VALUES ($1, 'claimed', $2, $3, $3, $3) RETURNING id, object, operation, state, crm_job, attempts, checks`,
      [connection, isoInstant(now + LEASE), isoInstant(now)],
    );
    const [job] = made.rows.map(jobOf);
    if (job === undefined) {
      return null;
    }
    const taken = await tx.query(
      `WITH due AS (
         SELECT id, uncertain FROM actions a WHERE connection = $1 AND ${MASS} AND next_at <= $2
         ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED
       ), owned AS (
         UPDATE actions SET bulk_job = $4, uncertain = true, first_tried_at = coalesce(first_tried_at, $2)
         FROM due WHERE actions.id = due.id
         RETURNING actions.id, account, rev, attempts, payload, due.uncertain
       )
       INSERT INTO bulk_acts (job, act, account, account_key, rev, attempts, uncertain, payload)
       SELECT $4, owned.id, account, coalesce(accounts.key, ''), rev, attempts, uncertain, payload
       FROM owned LEFT JOIN accounts ON accounts.id = owned.account`,
      [connection, isoInstant(now), limit, job.id],
    );
    if ((taken.rowCount ?? 0) > above) {
      return job;
    }
    await release(tx, job.id, undefined, now);
    await tx.query('DELETE FROM bulk_jobs WHERE id = $1', [job.id]);
    return null;
  });
}

async function due(db: Db, connection: string, now: number): Promise<BulkJob | null> {
  const rows = await db.query<JobRow>(
    `UPDATE bulk_jobs SET leased_until = $3 WHERE id = (
       SELECT id FROM bulk_jobs WHERE connection = $1 AND state <> 'ended' AND next_at <= $2 AND leased_until <= $2
       ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, object, operation, state, crm_job, attempts, checks`,
    [connection, isoInstant(now), isoInstant(now + LEASE)],
  );
  return rows.rows.map(jobOf)[0] ?? null;
}
