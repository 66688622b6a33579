import { isForgotten } from '../events/forgotten.ts';
import { storedJson } from '../shared/stored-json.ts';
import { isoInstant } from '../shared/time.ts';
import { type BulkJob, type BulkRow, NOT_BY_BULK } from '../sync/bulk.ts';
import type { ActPage, ActPlan } from '../sync/bulk-jobs.ts';
import type { FieldsItem, LinkChange, Settled } from '../sync/outbox.ts';
import { type Db, inTransaction, type Tx } from './db.ts';
import { knownToWriter } from './forget/known.ts';
import { saveLinks, saveSettled } from './settled.ts';

/** The acts that a bulk job owns: how each goes, and what became of it. */

/** How long (ms) a job is left alone: longer than its longest single call, and soon enough after a crash. */
export const LEASE = 120_000;

const PAGES: Record<ActPage, string> = {
  unplanned: 'AND NOT planned',
  without_rows: "AND planned AND rows::text = '[]'",
  any: '',
};

export async function acts(
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

export async function plan(db: Db, job: string, plans: readonly ActPlan[], now: number): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const known = await knownToWriter(db, tx);
    const kept = plans.map((one) => ({
      ...one,
      rows: one.rows.filter(({ key }) => !isForgotten(known, key)),
    }));
    const held = await tx.query(
      `UPDATE bulk_jobs SET leased_until = $2 WHERE id = $1 AND state = 'claimed'`,
      [job, isoInstant(now + LEASE)],
    );
    await tx.query(
      `UPDATE bulk_acts SET planned = true, object = row.object, operation = row.operation, parent = row.parent, rows = row.rows,
         settled = row.settled
       FROM json_to_recordset($2) AS row (act uuid, object text, operation text, parent text, rows json, settled json)
       WHERE job = $1 AND bulk_acts.act = row.act`,
      [job, storedJson(kept)],
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
export async function split(db: Db, { id }: BulkJob, fewest: number, now: number): Promise<void> {
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
export async function rowsOf(db: Db, job: string): Promise<BulkRow[]> {
  const found = await db.query<{ rows: BulkRow[] }>(
    'SELECT rows FROM bulk_acts WHERE job = $1 ORDER BY parent, act',
    [job],
  );
  return found.rows.flatMap(({ rows }) => rows);
}

export async function release(
  tx: Tx,
  job: string,
  only: readonly string[] | undefined,
  now: number,
): Promise<void> {
  await tx.query(
    `WITH gone AS (DELETE FROM bulk_acts WHERE job = $1 AND ($2::uuid[] IS NULL OR act = ANY($2)) RETURNING act, uncertain)
     UPDATE actions SET bulk_job = NULL, uncertain = gone.uncertain, next_at = least(actions.next_at, $3),
       first_tried_at = CASE WHEN gone.uncertain THEN first_tried_at END
     FROM gone WHERE actions.id = gone.act AND bulk_job = $1`,
    [job, only ?? null, isoInstant(now)],
  );
}

export async function settle(
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
