import type { DesiredFields, DesiredRecord, FieldValue } from '../../decide/desired.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { ReadObject } from '../../sync/crm-reads.ts';
import type { Drift } from '../../sync/drift.ts';
import type { Finding } from '../../sync/findings.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { writeAgain } from '../settled.ts';
import { type ClaimedPass, type PassProgress, savePassProgress } from './passes.ts';

/** A record of ours in a CRM, with what it acknowledged and what is wanted of it. */
export interface OurRecord {
  object: ReadObject;
  /** Place in the order of the pass. */
  key: string;
  ref: string;
  account: string;
  crmId: string;
  acknowledged: Record<string, FieldValue>;
  /** As read, so that a write that comes in between is noticed. */
  acknowledgedText: string;
  /** null: nothing is compared, since a write is on its way, was refused, nothing is wanted, or several of ours share it. */
  desired: DesiredRecord | null;
}

/** The next records of one kind, by key. */
export async function nextRecords(
  db: Db,
  connection: string,
  object: ReadObject,
  after: string,
  limit: number,
  /** Tasks and memberships older than this (business time, ms) are looked for no more. */
  since: number,
): Promise<OurRecord[]> {
  return object === 'account' || object === 'person'
    ? linkedRecords(db, connection, object, after, limit)
    : actedRecords(db, connection, object, after, limit, since);
}

interface LinkedRow {
  key: string;
  ref: string;
  account: string;
  crm_id: string;
  acknowledged: Record<string, FieldValue>;
  acknowledged_text: string;
  payload: DesiredFields | null;
  shared: boolean;
}

async function linkedRecords(
  db: Db,
  connection: string,
  object: 'account' | 'person',
  after: string,
  limit: number,
): Promise<OurRecord[]> {
  const rows = await db.query<LinkedRow>({
    name: 'ours-linked',
    text: `SELECT r.key, r.ref, r.account, r.crm_id, r.acknowledged, r.acknowledged::text AS acknowledged_text, act.payload,
             EXISTS (SELECT 1 FROM crm_records other WHERE other.connection = r.connection AND other.object = r.object
               AND other.crm_id = r.crm_id AND other.key <> r.key) AS shared
           FROM crm_records r LEFT JOIN LATERAL (
             SELECT payload FROM actions a
             WHERE a.account = r.account AND a.connection = r.connection AND a.kind = 'fields' AND a.state = 'done'
             ORDER BY updated_at DESC LIMIT 1) act ON true
           WHERE r.connection = $1 AND r.object = $2 AND r.crm_id <> '' AND r.key > $3::uuid
           ORDER BY r.key LIMIT $4`,
    values: [connection, object, after, limit],
  });
  return rows.rows.map(({ crm_id, acknowledged_text, payload, shared, ...row }) => ({
    ...row,
    object,
    crmId: crm_id,
    acknowledgedText: acknowledged_text,
    // Two of our people on one contact would take turns in restoring it.
    desired: payload === null || shared ? null : desiredOf(payload, object, row.ref),
  }));
}

function desiredOf(payload: DesiredFields, object: 'account' | 'person', ref: string): DesiredRecord | null {
  const records = object === 'account' ? [payload.account] : payload.people;
  return records.find((one) => one.ref === ref) ?? null;
}

const KINDS = { task: 'task', member: 'campaign' };

async function actedRecords(
  db: Db,
  connection: string,
  object: 'task' | 'member',
  after: string,
  limit: number,
  since: number,
): Promise<OurRecord[]> {
  const rows = await db.query<{ key: string; ref: string; account: string; crm_id: string }>({
    name: 'ours-acted',
    text: `SELECT id AS key, key AS ref, account, crm_id FROM actions
           WHERE connection = $1 AND kind = $2 AND state = 'done' AND crm_id IS NOT NULL AND created_at > $3
             AND id > $4::uuid ORDER BY id LIMIT $5`,
    values: [connection, KINDS[object], isoInstant(since), after, limit],
  });
  return rows.rows.map(({ crm_id, ...row }) => ({
    ...row,
    object,
    crmId: crm_id,
    acknowledged: {},
    acknowledgedText: '',
    desired: null,
  }));
}

/**
 * Keeps what a batch showed and how far the pass is, at once, and has what is to be repaired written by the account's
 * ordinary act: the acknowledged values become what the CRM holds, so that the difference is seen there. Nothing is
 * written to a CRM here. Gives how many records are to be repaired. Throws, keeping nothing, when another process has the pass (`isLost`).
 */
export async function saveFindings(
  db: Db,
  claim: ClaimedPass,
  looked: readonly OurRecord[],
  findings: readonly Finding<OurRecord>[],
  progress: Omit<PassProgress, 'repaired' | 'records'>,
  realNow: number,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { connection } = claim;
    const queued = new Set<OurRecord>();
    for (const finding of findings) {
      if (await repair(tx, connection, finding, realNow)) {
        queued.add(finding.record);
      }
    }
    await noteDrift(tx, connection, looked, findings, queued, realNow);
    const counts = { repaired: queued.size, records: looked.length };
    return (await savePassProgress(tx, claim, { ...progress, ...counts }, realNow)) ? queued.size : lost();
  });
}

class LostPass extends Error {}

function lost(): never {
  throw new LostPass('another process has the reconciliation now');
}

/** Whether the pass was lost to another process: nothing of the batch was kept. */
export function isLost(error: unknown): boolean {
  return error instanceof LostPass;
}

/** False where there is nothing to repair, or the record was written meanwhile. */
async function repair(
  tx: Tx,
  connection: string,
  { record, drifts, gone }: Finding<OurRecord>,
  realNow: number,
): Promise<boolean> {
  const { object, key, account, acknowledgedText } = record;
  if (object === 'task' || object === 'member') {
    return false;
  }
  const restored = drifts.filter(({ restore }) => restore);
  if (gone === null && restored.length === 0) {
    return false;
  }
  const where = 'connection = $1 AND object = $2 AND key = $3 AND acknowledged::text = $4';
  const values = [connection, object, key, acknowledgedText];
  const touched =
    gone === null
      ? await tx.query(`UPDATE crm_records SET acknowledged = $5 WHERE ${where}`, [
          ...values,
          storedJson({ ...record.acknowledged, ...Object.fromEntries(restored.map(heldOf)) }),
        ])
      : await tx.query(`DELETE FROM crm_records WHERE ${where}`, values);
  if (touched.rowCount !== 1) {
    return false;
  }
  await writeAgain(tx, connection, [account], realNow);
  return true;
}

/** What the CRM holds, in a form that is not what is wanted. */
function heldOf({ field, found }: Drift): [string, FieldValue] {
  return [field, typeof found === 'object' ? null : found];
}

async function noteDrift(
  tx: Tx,
  connection: string,
  looked: readonly OurRecord[],
  findings: readonly Finding<OurRecord>[],
  queued: ReadonlySet<OurRecord>,
  realNow: number,
): Promise<void> {
  await tx.query(
    `DELETE FROM crm_drift USING unnest($2::text[], $3::text[]) AS looked (object, crm_id)
     WHERE connection = $1 AND crm_drift.object = looked.object AND crm_drift.crm_id = looked.crm_id`,
    [connection, looked.map(({ object }) => object), looked.map(({ crmId }) => crmId)],
  );
  const rows = findings.flatMap((finding) => rowsOf(finding, queued.has(finding.record)));
  if (rows.length > 0) {
    await tx.query(
      `INSERT INTO crm_drift (connection, object, crm_id, field, account, ref, why, acknowledged, found, wanted, done, at)
       SELECT $1, object, crm_id, field, account, ref, why, acknowledged, found, wanted, done, $3
       FROM json_to_recordset($2) AS row (object text, crm_id text, field text, account uuid, ref text, why text,
         acknowledged json, found json, wanted json, done text)
       ON CONFLICT DO NOTHING`,
      [connection, storedJson(rows), isoInstant(realNow)],
    );
  }
}

function rowsOf({ record, drifts, gone, mergedInto }: Finding<OurRecord>, queued: boolean) {
  const { object, crmId: crm_id, account, ref } = record;
  const of = { object, crm_id, account, ref };
  const none = { acknowledged: null, wanted: null };
  return [
    ...(gone === null
      ? []
      : [{ ...of, field: '', why: gone, ...none, found: mergedInto, done: queued ? 'queued' : 'reported' }]),
    ...drifts.map(({ field, why, acknowledged = null, found, wanted, restore }) => ({
      ...of,
      field,
      why,
      acknowledged,
      found,
      wanted,
      done: !restore ? 'left' : queued ? 'queued' : 'reported',
    })),
  ];
}
