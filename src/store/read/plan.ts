import type { DesiredFields, DesiredRecord, FieldValue } from '../../decide/desired.ts';
import { changedFields } from '../../sync/changed-fields.ts';
import { type Db, hashId } from '../db.ts';

/** What would be written to one record. `before` null: the CRM has acknowledged nothing of it. */
export interface PlannedWrite {
  crm: string;
  account: string;
  object: 'account' | 'person';
  ref: string;
  kind: 'update' | 'match or create' | 'match only';
  before: Record<string, FieldValue> | null;
  after: Record<string, FieldValue>;
}

export interface WritePlan {
  writes: PlannedWrite[];
  /** Tasks, with what is to happen to tasks, and memberships waiting, by CRM. */
  acts: Record<string, { tasks: number; memberships: number }>;
  /** Write calls it will take at the API's batch sizes, look-ups aside. */
  calls: Record<string, number>;
}

const BATCH: Record<string, number> = { hubspot: 100, salesforce: 200 };

/** What the delivery would do now, from the same rows and the same comparison; nothing is sent. */
export async function planWrites(db: Db): Promise<WritePlan> {
  const rows = await db.query<{
    crm: string;
    connection: string;
    kind: string;
    key: string;
    person: string | null;
    payload: DesiredFields;
  }>(
    `SELECT crm, connection, kind, coalesce(accounts.key, '') AS key, person, payload
     FROM actions LEFT JOIN accounts ON accounts.id = actions.account
     WHERE state = 'waiting' ORDER BY crm, accounts.key`,
  );
  const plan: WritePlan = { writes: [], acts: {}, calls: {} };
  const joining = rows.rows.flatMap(({ kind, person }) =>
    kind === 'campaign' && person !== null ? person : [],
  );
  const members = new Set(joining);
  for (const { crm, connection, kind, key, payload } of rows.rows) {
    const acts = plan.acts[crm] ?? { tasks: 0, memberships: 0 };
    plan.acts[crm] = acts;
    if (kind === 'task' || kind === 'note' || kind === 'close') {
      acts.tasks += 1;
    } else if (kind === 'campaign') {
      acts.memberships += 1;
    } else {
      plan.writes.push(...(await planRecords(db, crm, connection, key, payload, members)));
    }
  }
  for (const [crm, acts] of Object.entries(plan.acts)) {
    plan.calls[crm] = callsFor(crm, plan.writes, acts);
  }
  return plan;
}

function callsFor(
  crm: string,
  writes: readonly PlannedWrite[],
  acts: { tasks: number; memberships: number },
): number {
  const batches = (count: number) => Math.ceil(count / (BATCH[crm] ?? 1));
  const of = (object: PlannedWrite['object']) =>
    writes.filter((one) => one.crm === crm && one.object === object).length;
  return batches(of('account')) + batches(of('person')) + batches(acts.tasks) + batches(acts.memberships);
}

async function planRecords(
  db: Db,
  crm: string,
  connection: string,
  account: string,
  payload: DesiredFields,
  members: ReadonlySet<string>,
): Promise<PlannedWrite[]> {
  const records: { object: 'account' | 'person'; desired: DesiredRecord }[] = [
    { object: 'account', desired: payload.account },
    ...payload.people.map((desired) => ({ object: 'person' as const, desired })),
  ];
  const links = await db.query<{
    object: string;
    ref: string;
    crm_id: string;
    acknowledged: Record<string, FieldValue>;
  }>(
    `SELECT object, ref, crm_id, acknowledged FROM crm_records WHERE connection = $1 AND key = ANY($2::uuid[])`,
    [connection, records.map(({ desired }) => hashId(desired.ref))],
  );
  return records.flatMap(({ object, desired }) => {
    const link = links.rows.find(
      (row) => row.object === object && row.ref === desired.ref && row.crm_id !== '',
    );
    const after = changedFields(desired.fields, link?.acknowledged ?? {});
    if (link !== undefined && Object.keys(after).length === 0) {
      return [];
    }
    const creates = desired.create === true || (desired.create === 'members' && members.has(desired.ref));
    const kind = link !== undefined ? 'update' : creates ? 'match or create' : 'match only';
    return [{ crm, account, object, ref: desired.ref, kind, before: link?.acknowledged ?? null, after }];
  });
}
