import { storedJson } from '../shared/stored-json.ts';
import { isoInstant } from '../shared/time.ts';
import { type BulkJob, type BulkRow, NOT_BY_BULK } from '../sync/bulk.ts';
import type { ActPage, ActPlan, BulkJobs } from '../sync/bulk-jobs.ts';
import type { FieldsItem, LinkChange, Settled } from '../sync/outbox.ts';
import { type Db, inTransaction, type Tx } from './db.ts';
import { saveLinks, saveSettled } from './settled.ts';

/** How long (ms) a job is left alone: longer than its longest single call, and soon enough after a crash. */
const LEASE = 120_000;

/** One job is begun at a time for a connection; the number is arbitrary and must not change. */
const LOCK = 7_215_008;

/** How long (ms) a job that ended is kept for whoever asks what became of it. */
const KEPT = 7 * 86_400_000;

/** Mass: due fields that no task or membership waits for. Hot accounts and acts that a job refused go the ordinary way. */
export const MASS = `a.kind = 'fields' AND a.state = 'waiting' AND a.bulk_job IS NULL AND NOT a.no_bulk
  AND NOT EXISTS (SELECT 1 FROM actions hot WHERE hot.account = a.account AND hot.connection = a.connection
                  AND hot.state = 'waiting' AND hot.kind <> 'fields')`;

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
      inTransaction(db, (tx) => settle(tx, job, connection, { settled, links }, realNow(), now())),
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
      [LOCK, connection],
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
         SELECT id, uncertain FROM actions a WHERE connection = $2 AND ${MASS} AND next_at <= $3
         ORDER BY next_at LIMIT $4 FOR UPDATE SKIP LOCKED
       ), owned AS (
         UPDATE actions SET bulk_job = $1, uncertain = true, first_tried_at = coalesce(first_tried_at, $3)
         FROM due WHERE actions.id = due.id
         RETURNING actions.id, account, rev, attempts, payload, due.uncertain
       )
       INSERT INTO bulk_acts (job, act, account, account_key, rev, attempts, uncertain, payload)
       SELECT $1, owned.id, account, coalesce(accounts.key, ''), rev, attempts, uncertain, payload
       FROM owned LEFT JOIN accounts ON accounts.id = owned.account`,
      [job.id, connection, isoInstant(now), limit],
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

const PAGES: Record<ActPage, string> = {
  unplanned: 'AND NOT planned',
  without_rows: "AND planned AND rows::text = '[]'",
  any: '',
};

async function acts(
  db: Db,
  job: string,
  page: ActPage,
  limit: number,
): Promise<(FieldsItem & Pick<ActPlan, 'settled'>)[]> {
  const rows = await db.query<{
    act: string;
    account: string;
    account_key: string;
    rev: number;
    attempts: number;
    uncertain: boolean;
    payload: FieldsItem['payload'];
    settled: ActPlan['settled'];
  }>(
    `SELECT act, account, account_key, rev, attempts, uncertain, payload, settled FROM bulk_acts
     WHERE job = $1 ${PAGES[page]} ORDER BY act LIMIT $2`,
    [job, limit],
  );
  return rows.rows.map(({ act, account_key, ...row }) => ({
    ...row,
    id: act,
    kind: 'fields',
    accountKey: account_key,
    firstTriedAt: null,
  }));
}

async function plan(db: Db, job: string, plans: readonly ActPlan[], now: number): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const held = await tx.query(
      `UPDATE bulk_jobs SET leased_until = $2 WHERE id = $1 AND state = 'claimed'`,
      [job, isoInstant(now + LEASE)],
    );
    await tx.query(
      `UPDATE bulk_acts SET planned = true, object = row.object, operation = row.operation, parent = row.parent, rows = row.rows,
         settled = row.settled
       FROM json_to_recordset($2) AS row (act uuid, object text, operation text, parent text, rows json, settled json)
       WHERE job = $1 AND bulk_acts.act = row.act`,
      [job, storedJson(plans)],
    );
    return held.rowCount === 1;
  });
}

interface Group {
  object: string;
  operation: string;
  rows: number;
}

/** The job itself takes the first group, and every other one a job of its own. */
async function split(db: Db, { id }: BulkJob, fewest: number, now: number): Promise<void> {
  await inTransaction(db, async (tx) => {
    const groups = await tx.query<Group>(
      `SELECT object, operation, sum(json_array_length(rows))::integer AS rows FROM bulk_acts
       WHERE job = $1 AND object IS NOT NULL GROUP BY object, operation ORDER BY object, operation`,
      [id],
    );
    const [own, ...others] = groups.rows.filter(({ rows }) => rows > fewest);
    for (const { object, operation } of groups.rows.filter(({ rows }) => rows <= fewest)) {
      await tx.query(
        `UPDATE bulk_acts SET rows = '[]', object = NULL, operation = NULL
         WHERE job = $1 AND object = $2 AND operation = $3`,
        [id, object, operation],
      );
    }
    await tx.query(
      `UPDATE bulk_jobs SET state = 'ready', object = $2, operation = $3, rows = $4, leased_until = $5
       WHERE id = $1 AND state = 'claimed'`,
      [id, own?.object ?? null, own?.operation ?? null, own?.rows ?? 0, isoInstant(now)],
    );
    for (const group of others) {
      await ownJob(tx, id, group, now);
    }
  });
}

async function ownJob(tx: Tx, from: string, { object, operation, rows }: Group, now: number): Promise<void> {
  const made = await tx.query<{ id: string }>(
    `INSERT INTO bulk_jobs (connection, object, operation, state, rows, leased_until, next_at, created_at, updated_at)
     SELECT connection, $2, $3, 'ready', $4, $5, $5, $5, $5 FROM bulk_jobs WHERE id = $1 RETURNING id`,
    [from, object, operation, rows, isoInstant(now)],
  );
  await tx.query(
    `WITH moved AS (UPDATE bulk_acts SET job = $4 WHERE job = $1 AND object = $2 AND operation = $3 RETURNING act)
     UPDATE actions SET bulk_job = $4 FROM moved WHERE actions.id = moved.act`,
    [from, object, operation, made.rows[0]?.id],
  );
}

/** Always in the same order, so that whoever uploads again uploads the same. */
async function rowsOf(db: Db, job: string): Promise<BulkRow[]> {
  const found = await db.query<{ rows: BulkRow[] }>(
    'SELECT rows FROM bulk_acts WHERE job = $1 ORDER BY parent, act',
    [job],
  );
  return found.rows.flatMap(({ rows }) => rows);
}

async function release(tx: Tx, job: string, only: readonly string[] | undefined, now: number): Promise<void> {
  await tx.query(
    `WITH gone AS (DELETE FROM bulk_acts WHERE job = $1 AND ($2::uuid[] IS NULL OR act = ANY($2)) RETURNING act, uncertain)
     UPDATE actions SET bulk_job = NULL, uncertain = gone.uncertain, next_at = least(actions.next_at, $3),
       first_tried_at = CASE WHEN gone.uncertain THEN first_tried_at END
     FROM gone WHERE actions.id = gone.act AND bulk_job = $1`,
    [job, only ?? null, isoInstant(now)],
  );
}

async function settle(
  tx: Tx,
  job: string,
  connection: string,
  { settled, links }: { settled: readonly Settled[]; links: readonly LinkChange[] },
  realNow: number,
  now: number,
): Promise<void> {
  const left = await tx.query<{ act: string; account: string }>(
    'DELETE FROM bulk_acts WHERE job = $1 AND act = ANY($2::uuid[]) RETURNING act, account',
    [job, settled.map(({ id }) => id)],
  );
  const [acts, accounts] = [new Set<string>(), new Set<string>()];
  for (const { act, account } of left.rows) {
    acts.add(act);
    accounts.add(account);
  }
  const kept = settled.filter(({ id }) => acts.has(id));
  await saveLinks(
    tx,
    connection,
    links.filter(({ account }) => accounts.has(account)),
    realNow,
  );
  await saveSettled(tx, kept, realNow, now, job);
  await tx.query('UPDATE actions SET no_bulk = true WHERE id = ANY($1::uuid[])', [
    kept.filter(({ next }) => next.code === NOT_BY_BULK).map(({ id }) => id),
  ]);
  await tx.query('UPDATE bulk_jobs SET leased_until = $2 WHERE id = $1', [job, isoInstant(realNow + LEASE)]);
}
