import type { FieldValue } from '../decide/desired.ts';
import type { ErrorDesk, ErrorDetail, ErrorFilter, ErrorRow } from '../read-model/errors.ts';
import { isoInstant } from '../shared/time.ts';
import { entryOf, pageOf } from '../sync/catalogue/index.ts';
import { type Db, inTransaction } from './db.ts';
import { audit, BY_API, type By } from './fold/accounts.ts';

/** `woken`: called when there is something to deliver again. */
export function errorDesk(db: Db, realNow: () => number, woken: () => void, by = BY_API): ErrorDesk {
  return {
    list: (filter) => listErrors(db, filter),
    show: (id) => showError(db, id),
    retry: async (which) => {
      const retried = await retryParked(db, which, realNow(), by);
      if (retried > 0) {
        woken();
      }
      return retried;
    },
    dismiss: (id) => dismissError(db, id, realNow(), by),
  };
}

interface Found {
  id: string;
  what: string;
  crm: 'hubspot' | 'salesforce' | 'slack' | null;
  kind: string;
  state: ErrorRow['state'];
  code: string;
  reason: string;
  remedy: string | null;
  account: string | null;
  ref: string | null;
  object: string | null;
  crm_id: string | null;
  field: string | null;
  payload: unknown;
  attempts: number;
  next_at: Date | null;
  at: Date;
}

/** Acts with the record that the CRM's words are about: the one of `ref`, else the act's person or its account. */
const ACTS = `SELECT 'action-' || a.id AS id, a.crm || ' ' || a.kind AS what, a.crm, a.kind, a.state, coalesce(a.code, '') AS code,
    a.reason, a.remedy, accounts.key AS account, coalesce(a.ref, a.person, accounts.key) AS ref,
    r.object, coalesce(nullif(r.crm_id, ''), a.crm_id) AS crm_id, a.field, a.payload, a.attempts,
    CASE WHEN a.state = 'waiting' THEN a.next_at END AS next_at, a.updated_at AS at
  FROM actions a LEFT JOIN accounts ON accounts.id = a.account
    LEFT JOIN crm_records r ON r.connection = a.connection AND r.account = a.account
      AND r.ref = coalesce(a.ref, a.person, accounts.key)`;

const EVENTS = `SELECT 'event-' || id AS id, route AS what, NULL AS crm, 'event' AS kind,
    CASE WHEN state = 'open' THEN 'quarantined' ELSE state END AS state, code, reason,
    NULL AS remedy, NULL AS account, NULL AS ref, NULL AS object, NULL AS crm_id, NULL AS field, NULL::json AS payload,
    seen AS attempts, NULL::timestamptz AS next_at, received_at AS at
  FROM quarantine`;

/** What needs a person, newest first; with `waiting` what has failed and is tried again by itself. */
export async function listErrors(db: Db, { state, crm, code, limit }: ErrorFilter): Promise<ErrorRow[]> {
  const rows = await db.query<Found>(
    `SELECT * FROM (${ACTS} UNION ALL ${EVENTS}) AS found
     WHERE (state IN ('parked', 'quarantined') AND $1 <> 'waiting' OR state = 'waiting' AND code <> '' AND $1 <> 'parked')
       AND ($2::text IS NULL OR crm = $2) AND ($3::text IS NULL OR code = $3)
     ORDER BY at DESC, id LIMIT $4`,
    [state, crm, code, limit],
  );
  return rows.rows.map(rowOf);
}

/** What is known of one error, with the element or payload it is about; null: no such id. */
export async function showError(db: Db, id: string): Promise<ErrorDetail | null> {
  const { table, key } = target(id);
  if (table === null) {
    return null;
  }
  const found = await db.query<Found & { raw?: string }>(
    table === 'quarantine'
      ? `SELECT found.*, quarantine.raw FROM (${EVENTS}) AS found JOIN quarantine ON found.id = 'event-' || quarantine.id
         WHERE found.id = 'event-' || $1`
      : `${ACTS} WHERE a.id::text = $1`,
    [key],
  );
  const [row] = found.rows;
  return row === undefined ? null : { ...rowOf(row), payload: row.payload ?? null, raw: row.raw ?? null };
}

function rowOf({ ref, object, crm_id, payload, next_at, at, ...row }: Found): ErrorRow {
  const entry = entryOf(row.code, row.crm ?? 'events');
  return {
    ...row,
    remedy: row.remedy ?? (row.state === 'quarantined' ? (entry?.remedy ?? null) : null),
    record: ref === null ? null : { object, ref, crmId: crm_id },
    value: row.field === null ? null : valueFor(payload, ref, row.field),
    nextTry: next_at?.toISOString() ?? null,
    at: at.toISOString(),
    page: entry === null ? null : pageOf(entry),
  };
}

interface Payload {
  account?: Desired;
  people?: Desired[];
}

interface Desired {
  ref: string;
  fields: Record<string, FieldValue>;
  onCreate: Record<string, FieldValue>;
}

/** What we want the field of that record to hold. */
function valueFor(payload: unknown, ref: string | null, field: string): FieldValue {
  const { account, people = [] } = (payload ?? {}) as Payload;
  const record = [...people, ...(account === undefined ? [] : [account])].find((one) => one.ref === ref);
  return record?.fields[field] ?? record?.onCreate[field] ?? null;
}

/**
 * Lets parked acts be tried again: one, all of a code, or all. What hangs on the same account goes along, since it
 * may have been parked only because its record was. What failed and waits for its next try is tried at once, but for what was perhaps
 * written. Gives how many go on.
 */
export async function retryParked(
  db: Db,
  which: { id?: string; code?: string },
  realNow: number,
  by: By,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    const key = which.id === undefined ? null : target(which.id).key;
    const retried = await tx.query(
      `UPDATE actions SET state = 'waiting', attempts = 0, sends = 0, next_at = $3, code = NULL, remedy = NULL, field = NULL, ref = NULL
       WHERE state = 'parked' AND (
         ($1::text IS NULL AND ($2::text IS NULL OR code = $2))
         OR id::text = $1
         OR (code = 'record_parked' AND account IN (SELECT account FROM actions WHERE id::text = $1 OR code = $2)))`,
      [key, which.code ?? null, isoInstant(realNow)],
    );
    const hurried = await tx.query(
      `UPDATE actions SET next_at = $3
       WHERE state = 'waiting' AND code IS NOT NULL AND next_at > $3 AND NOT uncertain AND bulk_job IS NULL
         AND ($1::text IS NULL AND ($2::text IS NULL OR code = $2) OR id::text = $1)`,
      [key, which.code ?? null, isoInstant(realNow)],
    );
    const count = (retried.rowCount ?? 0) + (hurried.rowCount ?? 0);
    if (count > 0) {
      await audit(tx, 'tried again', null, { ...which, acts: count }, realNow, by);
    }
    return count;
  });
}

/** Takes an error off the list for good, with the operator's word as the reason. */
export async function dismissError(db: Db, id: string, realNow: number, by: By): Promise<boolean> {
  const { table, key } = target(id);
  if (table === null) {
    return false;
  }
  return inTransaction(db, async (tx) => {
    const done = await tx.query(
      table === 'quarantine'
        ? `UPDATE quarantine SET state = 'dismissed' WHERE id::text = $1 AND state = 'open'`
        : `UPDATE actions SET state = 'skipped', reason = 'dismissed by an operator: ' || reason WHERE id::text = $1 AND state = 'parked'`,
      [key],
    );
    if (done.rowCount === 1) {
      await audit(tx, 'dismissed', null, { id }, realNow, by);
    }
    return (done.rowCount ?? 0) > 0;
  });
}

function target(id: string): { table: 'quarantine' | 'actions' | null; key: string } {
  const [kind, ...rest] = id.split('-');
  const table = kind === 'event' ? 'quarantine' : kind === 'action' ? 'actions' : null;
  return { table, key: rest.join('-') };
}
