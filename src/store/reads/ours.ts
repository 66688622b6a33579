import type { DesiredFields, DesiredRecord, FieldValue } from '../../decide/desired.ts';
import { isoInstant } from '../../shared/time.ts';
import type { ReadObject } from '../../sync/crm-reads.ts';
import type { Link } from '../../sync/outbox.ts';
import type { Db } from '../db.ts';

/** A record of ours in a CRM, with what it acknowledged and what is wanted of it. */
export interface OurRecord {
  object: ReadObject;
  /** Place in the order of the pass. */
  key: string;
  ref: string;
  account: string;
  crmId: string;
  acknowledged: Record<string, FieldValue>;
  /** Fields that were left alone when it was written last. */
  held: Link['held'];
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
  held: Link['held'] | null;
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
    text: `SELECT r.key, r.ref, r.account, r.crm_id, r.acknowledged, r.acknowledged::text AS acknowledged_text, r.held, act.payload,
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
  return rows.rows.map(({ crm_id, acknowledged_text, payload, shared, held, ...row }) => ({
    ...row,
    held: held ?? {},
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
    held: {},
    acknowledgedText: '',
    desired: null,
  }));
}
