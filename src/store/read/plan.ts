import type { MembershipPayload, TaskChangePayload, TaskPayload } from '../../decide/decide.ts';
import type { DesiredFields } from '../../decide/desired.ts';
import { viewOf } from '../../sync/budget.ts';
import type { FieldsItem } from '../../sync/outbox.ts';
import { planAccounts, planPeople } from '../../sync/planning.ts';
import {
  asParked,
  assembled,
  type PlannedAct,
  type PlannedWrite,
  plannedAct,
  plannedRecords,
  plannedTask,
  type WritePlan,
} from '../../sync/write-plan.ts';
import { knownDays } from '../budgets.ts';
import type { Db } from '../db.ts';
import { postgresOutbox } from '../outbox.ts';

interface Row extends PlannedAct {
  account_id: string;
  payload: unknown;
  reason: string;
}

/** Acts whose records are looked at together. */
const CHUNK = 1000;

/**
 * What the delivery would do now, from the same rows and by the same comparison; nothing is sent and nothing is claimed.
 * Days are those of UTC: the CRM's zone is known once it is connected.
 */
export async function planWrites(db: Db, now: number): Promise<WritePlan> {
  const found = await db.query<Row>(
    `SELECT actions.id, crm, connection, kind, coalesce(accounts.key, '') AS account, actions.account AS account_id, rev,
            state, payload, reason
     FROM actions LEFT JOIN accounts ON accounts.id = actions.account
     WHERE state IN ('waiting', 'parked') AND kind <> 'alert' ORDER BY crm, accounts.key, kind, actions.id`,
  );
  const rows = found.rows.map((row) => ({ ...row, rev: Number(row.rev) }));
  const writes: PlannedWrite[] = [];
  for (const ofConnection of Map.groupBy(rows, ({ connection }) => connection).values()) {
    for (let at = 0; at < ofConnection.length; at += CHUNK) {
      writes.push(...(await planChunk(db, ofConnection.slice(at, at + CHUNK), now)));
    }
  }
  const acts = rows.map(({ account_id: _id, payload: _payload, reason: _reason, ...act }) => act);
  const days = await knownDays(db);
  const budget = Object.fromEntries([...days].map(([crm, day]) => [crm, viewOf(day, now)]));
  return assembled(acts, writes, now, budget);
}

/** How an act stands. */
export interface ActState {
  rev: number;
  state: 'waiting' | 'done' | 'parked' | 'skipped';
  reason: string;
}

/** How acts that were planned stand now, by id; one that is gone is missing. */
export async function actStates(db: Db, ids: readonly string[]): Promise<Map<string, ActState>> {
  const rows = await db.query<Omit<ActState, 'rev'> & { id: string; rev: string }>(
    'SELECT id, rev, state, reason FROM actions WHERE id = ANY($1::uuid[])',
    [ids],
  );
  return new Map(rows.rows.map(({ id, rev, ...row }) => [id, { ...row, rev: Number(rev) }]));
}

async function planChunk(db: Db, rows: readonly Row[], now: number): Promise<PlannedWrite[]> {
  const fields = rows.filter(({ kind }) => kind === 'fields');
  const records = await planFields(db, fields, now);
  return rows.flatMap((row) => {
    const writes = row.kind === 'fields' ? (records.get(row.id) ?? []) : [otherAct(row)];
    return row.state === 'parked' ? asParked(writes, row.reason) : writes;
  });
}

async function planFields(db: Db, rows: readonly Row[], now: number): Promise<Map<string, PlannedWrite[]>> {
  const [first] = rows;
  if (first === undefined) {
    return new Map();
  }
  const { connection } = first;
  const outbox = postgresOutbox(
    db,
    () => now,
    () => now,
  );
  const items = rows.map(itemOf);
  const deps = { outbox, connection, connector: { zone: () => 'UTC' } };
  const byAccount = Map.groupBy(await planAccounts(deps, items), ({ item }) => item.id);
  const byPerson = Map.groupBy(await planPeople(deps, items), ({ item }) => item.id);
  return new Map(
    rows.map((row) => [
      row.id,
      [
        ...plannedRecords(row, 'account', byAccount.get(row.id) ?? [], now),
        ...plannedRecords(row, 'person', byPerson.get(row.id) ?? [], now),
      ],
    ]),
  );
}

function itemOf(row: Row): FieldsItem {
  const payload = row.payload as DesiredFields;
  return {
    id: row.id,
    kind: 'fields',
    account: row.account_id,
    accountKey: payload.account.ref,
    rev: row.rev,
    attempts: 0,
    uncertain: false,
    firstTriedAt: null,
    payload,
  };
}

function otherAct(row: Row): PlannedWrite {
  if (row.kind === 'campaign') {
    const { crmKey, campaign, person, status } = row.payload as MembershipPayload;
    return plannedAct(row, crmKey, { campaign, person, status });
  }
  if (row.kind === 'task') {
    return plannedTask(row, row.payload as TaskPayload);
  }
  const { crmKey, line } = row.payload as TaskChangePayload;
  return plannedAct(row, crmKey, { line });
}
