import { storedJson } from '../shared/stored-json.ts';
import { isoInstant } from '../shared/time.ts';
import type { LinkChange, Settled } from '../sync/outbox.ts';
import { hashId, type Tx } from './db.ts';

export async function saveLinks(
  tx: Tx,
  connection: string,
  links: readonly LinkChange[],
  now: number,
): Promise<void> {
  const gone = links.filter((link) => link.crmId === null);
  const kept = links.filter((link) => link.crmId !== null);
  const moving = [...gone, ...kept.filter(({ how }) => how !== undefined)];
  if (moving.length > 0) {
    await auditMoved(tx, connection, moving, now);
  }
  if (gone.length > 0) {
    await tx.query(
      `DELETE FROM crm_records USING unnest($2::text[], $3::uuid[]) AS gone (object, key)
       WHERE connection = $1 AND crm_records.object = gone.object AND crm_records.key = gone.key`,
      [connection, gone.map(({ object }) => object), gone.map(({ ref }) => hashId(ref))],
    );
    await forgetPeople(tx, connection, gone);
    // Whoever found the record gone, it is the account's fields that find or make it again.
    const accounts = gone.map(({ account }) => account);
    await writeAgain(tx, connection, accounts, now);
  }
  if (kept.length > 0) {
    await tx.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, note, matched, held, since, linked_at)
       SELECT $1, object, key, account, ref, crm_id, acknowledged, note, how, held, $2, $2
       FROM json_to_recordset($3) AS row (object text, key uuid, account uuid, ref text, crm_id text, acknowledged json,
         note text, how text, held json)
       ON CONFLICT (connection, object, key) DO UPDATE SET account = excluded.account, crm_id = excluded.crm_id,
         acknowledged = excluded.acknowledged, held = excluded.held,
         note = coalesce(excluded.note, CASE WHEN crm_records.crm_id = excluded.crm_id THEN crm_records.note END),
         matched = coalesce(excluded.matched, CASE WHEN crm_records.crm_id = excluded.crm_id THEN crm_records.matched END),
         since = CASE WHEN crm_records.crm_id = excluded.crm_id THEN crm_records.since ELSE excluded.since END,
         linked_at = excluded.linked_at`,
      [
        connection,
        isoInstant(now),
        storedJson(
          kept.map(({ crmId, held = {}, ...link }) => ({
            ...link,
            key: hashId(link.ref),
            crm_id: crmId,
            held: Object.keys(held).length === 0 ? null : held,
          })),
        ),
      ],
    );
  }
}

/**
 * The people of a company that is gone belong under the one that takes its place: they are matched again with it. Their own
 * records are still there, so the audit has nothing to tell of them.
 */
async function forgetPeople(tx: Tx, connection: string, gone: readonly LinkChange[]): Promise<void> {
  const accounts = gone.filter(({ object }) => object === 'account').map(({ account }) => account);
  if (accounts.length > 0) {
    await tx.query(
      `DELETE FROM crm_records WHERE connection = $1 AND object = 'person' AND account = ANY($2::uuid[])`,
      [connection, accounts],
    );
  }
}

/** Lets the fields of accounts that were written be written again: what differs by then is compared anew. */
export async function writeAgain(
  tx: Tx,
  connection: string,
  accounts: readonly string[],
  now: number,
): Promise<void> {
  await tx.query(
    `UPDATE actions SET state = 'waiting', attempts = 0, next_at = $3
     WHERE connection = $1 AND kind = 'fields' AND state IN ('done', 'skipped') AND account = ANY($2::uuid[])`,
    [connection, accounts, isoInstant(now)],
  );
}

/** Which record an account, or one of its people, had until now: who finds two in the CRM can ask. No person is named. */
async function auditMoved(
  tx: Tx,
  connection: string,
  links: readonly LinkChange[],
  now: number,
): Promise<void> {
  const rows = links.map(({ object, ref, crmId, why, note, how }) => ({
    object,
    key: hashId(ref),
    to: crmId,
    why: why ?? note ?? (how === undefined ? 'the CRM knows it no more' : `found by ${how}`),
  }));
  await tx.query(
    `INSERT INTO audit (at, what, account, detail)
     SELECT $2, 'crm link forgotten', accounts.key,
       json_build_object('connection', $1::text, 'object', moved.object, 'crmId', crm_records.crm_id, 'why', moved.why)
     FROM json_to_recordset($3) AS moved (object text, key uuid, "to" text, why text)
     JOIN crm_records USING (object, key) LEFT JOIN accounts ON accounts.id = crm_records.account
     WHERE crm_records.connection = $1 AND crm_records.crm_id NOT IN ('', coalesce(moved."to", ''))`,
    [connection, isoInstant(now), storedJson(rows)],
  );
}

/**
 * An act whose payload changed meanwhile (a newer `rev`) stays waiting, whatever became of the older one; one that a bulk
 * job owns is settled by that job alone.
 *
 * @param job the bulk job that settles; null: the outbox itself
 */
export async function saveSettled(
  tx: Tx,
  settled: readonly Settled[],
  realNow: number,
  now: number,
  job: string | null = null,
): Promise<void> {
  const owned = await ownedBy(
    tx,
    settled.map(({ id }) => id),
    job,
  );
  const rows = settled
    .filter(({ id }) => owned.has(id))
    .map(({ id, rev, next }) => ({
      id,
      rev,
      state: next.state,
      code: next.code,
      reason: next.reason,
      remedy: next.remedy,
      field: next.field,
      ref: next.ref,
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
             code = row.code, remedy = row.remedy, field = row.field, ref = row.ref, uncertain = row.uncertain,
             attempts = CASE WHEN actions.rev = row.rev THEN row.attempts ELSE 0 END,
             first_tried_at = CASE WHEN row.uncertain THEN actions.first_tried_at END,
             next_at = CASE WHEN actions.rev = row.rev THEN row.next_at ELSE $2 END,
             crm_id = coalesce(row.crm_id, actions.crm_id), updated_at = $3, bulk_job = NULL,
             no_bulk = actions.no_bulk AND row.state = 'waiting'
           FROM json_to_recordset($1) AS row (id uuid, rev bigint, state text, code text, reason text, remedy text,
             field text, ref text,
             attempts integer, uncertain boolean, next_at timestamptz, crm_id text)
           WHERE actions.id = row.id`,
    values: [storedJson(rows), isoInstant(realNow), isoInstant(now)],
  });
  await releaseHanging(
    tx,
    rows.filter(({ state }) => state === 'done').map(({ id }) => id),
    realNow,
  );
  await forgetPassing(
    tx,
    settled.filter(({ id, stayed }) => stayed && owned.has(id)).map(({ id }) => id),
  );
}

/** Records that are written take along what was parked for want of them: a rep waits for it, and nobody else would look. */
async function releaseHanging(tx: Tx, written: readonly string[], realNow: number): Promise<void> {
  if (written.length === 0) {
    return;
  }
  await tx.query({
    name: 'release-hanging',
    text: `UPDATE actions SET state = 'waiting', attempts = 0, next_at = $2, code = NULL, remedy = NULL
           FROM actions AS fields
           WHERE fields.id = ANY($1::uuid[]) AND fields.kind = 'fields' AND fields.state = 'done'
             AND actions.account = fields.account AND actions.connection = fields.connection
             AND actions.state = 'parked' AND actions.code = 'record_parked'`,
    values: [written, isoInstant(realNow)],
  });
}

/** The tasks stay with whom they were: their account shows that one again. */
async function forgetPassing(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) {
    return;
  }
  await tx.query(
    'UPDATE actions SET owner = NULL, assignee = NULL, assigned_at = NULL WHERE id = ANY($1::uuid[])',
    [ids],
  );
  await tx.query(
    `UPDATE accounts SET owner = (
       SELECT coalesce(assignee, owner ->> 'name') FROM actions
       WHERE account = accounts.id AND kind IN ('task', 'note') AND owner IS NOT NULL ORDER BY created_at DESC, id LIMIT 1)
     WHERE id IN (SELECT account FROM actions WHERE id = ANY($1::uuid[]))`,
    [ids],
  );
}

/** Asked apart: as a condition of the update PostgreSQL takes it for so rare that it compares every act with every row. */
async function ownedBy(tx: Tx, ids: readonly string[], job: string | null): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>({
    name: 'owned',
    text: `SELECT id FROM actions WHERE id = ANY($1::uuid[]) AND bulk_job IS NOT DISTINCT FROM $2::uuid
           ORDER BY id FOR UPDATE`,
    values: [ids, job],
  });
  return new Set(rows.rows.map(({ id }) => id));
}
