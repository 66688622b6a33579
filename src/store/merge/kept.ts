import type { Standing } from '../../decide/standing.ts';
import { hashId, type Tx } from '../db.ts';
import { separateAssignments } from '../handoff/joining.ts';

type Row = Record<string, unknown>;

/** What an account had of its own when it was merged, as rows of their tables. */
export interface Kept {
  scores: Row[];
  crmRecords: CrmRow[];
  /** Ids of its acts. */
  actions: string[];
  /** Ids of what says who has it from which pool; absent in merges from before there were pools. */
  assignments?: number[];
  /** Its touches; absent in merges from before there were any. */
  touches?: { connection: string; id: string }[];
  /** Its promises of first contact; absent in merges from before there were any. */
  clocks?: ClockRow[];
}

/** Of the merged account, and of the domain accounts that came along because it was the other one who claimed them. */
export interface AllKept {
  own: Kept;
  domains: { domain: string; kept: Kept }[];
}

/** The crossing that a promise is for, and when it was. */
interface ClockRow extends Row {
  model: string;
  tier: string;
  n: number;
  crossed_at: string;
}

interface CrmRow extends Row {
  connection: string;
  crm_id: string;
}

async function keep(tx: Tx, account: string): Promise<Kept> {
  const rows = await tx.query<{
    scores: Row[];
    records: CrmRow[];
    actions: string[];
    assignments: number[];
    touches: Kept['touches'];
    clocks: ClockRow[];
  }>(
    `SELECT (SELECT coalesce(json_agg(scores), '[]') FROM scores WHERE account = $1) AS scores,
            (SELECT coalesce(json_agg(r), '[]') FROM crm_records r WHERE object = 'account' AND key = $1 AND crm_id <> '') AS records,
            (SELECT coalesce(json_agg(id), '[]') FROM actions WHERE account = $1) AS actions,
            (SELECT coalesce(json_agg(json_build_object('connection', connection, 'id', id)), '[]') FROM touches WHERE account = $1) AS touches,
            (SELECT coalesce(json_agg(id), '[]') FROM assignments WHERE account = $1 AND released_at IS NULL) AS assignments,
            (SELECT coalesce(json_agg(clocks), '[]') FROM clocks WHERE account = $1) AS clocks`,
    [account],
  );
  const [found] = rows.rows;
  return {
    scores: found?.scores ?? [],
    crmRecords: found?.records ?? [],
    actions: found?.actions ?? [],
    assignments: found?.assignments ?? [],
    touches: found?.touches ?? [],
    clocks: found?.clocks ?? [],
  };
}

export async function keepAll(tx: Tx, account: string, domains: readonly string[]): Promise<AllKept> {
  const kept: AllKept = { own: await keep(tx, account), domains: [] };
  for (const domain of domains) {
    const found = await keep(tx, hashId(domain));
    if (found.scores.length + found.crmRecords.length + found.actions.length > 0) {
      kept.domains.push({ domain, kept: found });
    }
  }
  return kept;
}

/** The domain accounts that are there again get back what was theirs. */
export async function giveDomainsBack(tx: Tx, { domains }: AllKept, root: string): Promise<void> {
  for (const { domain, kept } of domains) {
    const there = await tx.query('SELECT 1 FROM accounts WHERE id = $1', [hashId(domain)]);
    if (there.rowCount === 1) {
      await giveBack(tx, kept, hashId(domain), root);
    }
  }
}

/**
 * Gives an account that is separated from `root` what was its own. The parts are back already. `root` keeps the
 * standing that the merge gave it: it was acted on for both.
 */
export async function giveBack(tx: Tx, kept: Kept, account: string, root: string): Promise<void> {
  await separateAssignments(tx, kept.assignments ?? [], account, root);
  await insertRows(tx, 'scores', kept.scores.map(withoutPlan));
  for (const record of kept.crmRecords) {
    // Went to the other account with the merge: what the CRM acknowledged since is noted there.
    const back = await tx.query(
      `UPDATE crm_records SET key = $1, account = $1, ref = $5
       WHERE connection = $2 AND object = 'account' AND key = $3 AND crm_id = $4`,
      [account, record.connection, root, record.crm_id, record.ref],
    );
    if (back.rowCount === 0) {
      await insertRows(tx, 'crm_records', [record]);
    }
  }
  await tx.query(
    `UPDATE crm_records SET account = $1 WHERE account = $2 AND object = 'person'
       AND key IN (SELECT person FROM parts WHERE account = $1)
       AND key NOT IN (SELECT person FROM parts WHERE account = $2)`,
    [account, root],
  );
  await tx.query('UPDATE actions SET account = $1 WHERE account = $2 AND id = ANY($3::uuid[])', [
    account,
    root,
    kept.actions,
  ]);
  await tx.query(
    `UPDATE touches SET account = $1 FROM json_to_recordset($3) AS own (connection text, id text)
     WHERE account = $2 AND touches.connection = own.connection AND touches.id = own.id`,
    [account, root, JSON.stringify(kept.touches ?? [])],
  );
  await giveClocksBack(tx, kept.clocks ?? [], account, root);
}

/** As they stand now; one that gave way to the other account's comes back as it was. */
async function giveClocksBack(
  tx: Tx,
  clocks: readonly ClockRow[],
  account: string,
  root: string,
): Promise<void> {
  for (const clock of clocks) {
    const { model, tier, n, crossed_at: crossedAt } = clock;
    const back = await tx.query(
      `UPDATE clocks SET account = $1
       WHERE account = $2 AND model = $3 AND tier = $4 AND n = $5 AND crossed_at = $6`,
      [account, root, model, tier, n, crossedAt],
    );
    if (back.rowCount === 0) {
      await insertRows(tx, 'clocks', [{ ...clock, account }]);
    }
  }
}

/** Its people may have been written to under the other account's name meanwhile: touches go on there, or not at all (I6). */
function withoutPlan(row: Row): Row {
  const { plan: _, ...standing } = row.standing as Standing;
  return { ...row, standing };
}

/** Columns that the table got since take their defaults. */
async function insertRows(
  tx: Tx,
  table: 'scores' | 'crm_records' | 'clocks',
  rows: readonly Row[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) {
    return;
  }
  const known = await tx.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname = ANY($2::text[])`,
    [table, Object.keys(first)],
  );
  const columns = known.rows.map(({ name }) => `"${name}"`).join(', ');
  await tx.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}
