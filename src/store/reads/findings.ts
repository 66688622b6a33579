import type { FieldValue } from '../../decide/desired.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { CrmReads } from '../../sync/crm-reads.ts';
import type { Drift } from '../../sync/drift.ts';
import type { Finding } from '../../sync/findings.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { knownToWriter } from '../forget/known.ts';
import { findingsWithoutForgotten } from '../forget/settle.ts';
import { saveLinks, writeAgain } from '../settled.ts';
import type { OurRecord } from './ours.ts';
import { type ClaimedPass, type PassProgress, savePassProgress } from './passes.ts';

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
  mergedWrites: CrmReads['mergedWrites'],
  progress: Omit<PassProgress, 'repaired' | 'records'>,
  realNow: number,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { connection } = claim;
    const known = await knownToWriter(db, tx);
    const kept = findingsWithoutForgotten(known, findings);
    const queued = new Set<OurRecord>();
    for (const finding of kept) {
      if (await repair(tx, connection, finding, mergedWrites, realNow)) {
        queued.add(finding.record);
      }
    }
    await noteDrift(tx, connection, looked, kept, queued, realNow);
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
  finding: Finding<OurRecord>,
  mergedWrites: CrmReads['mergedWrites'],
  realNow: number,
): Promise<boolean> {
  const { record, drifts, gone } = finding;
  const { object, key, account, acknowledgedText, acknowledged } = record;
  if (object === 'task' || object === 'member') {
    return false;
  }
  const restored = drifts.filter(({ restore }) => restore);
  if (gone === null && restored.length === 0) {
    return false;
  }
  const there = await tx.query(
    `SELECT FROM crm_records WHERE connection = $1 AND object = $2 AND key = $3 AND acknowledged::text = $4 FOR UPDATE`,
    [connection, object, key, acknowledgedText],
  );
  if (there.rowCount !== 1) {
    return false;
  }
  if (gone !== null && !(await isFollowed(tx, connection, finding, mergedWrites))) {
    const why = `reconciliation: ${gone === 'merged' ? `merged into ${finding.mergedInto}` : 'the CRM has it no more'}`;
    const link = { object, ref: record.ref, account, crmId: null, acknowledged: {}, note: null, why };
    await saveLinks(tx, connection, [link], realNow);
    return true;
  }
  const held = gone === null ? { ...acknowledged, ...Object.fromEntries(restored.map(heldOf)) } : {};
  await tx.query(
    'UPDATE crm_records SET acknowledged = $4 WHERE connection = $1 AND object = $2 AND key = $3',
    [connection, object, key, storedJson(held)],
  );
  await writeAgain(tx, connection, [account], realNow);
  return true;
}

/**
 * Whether the link of a record that was merged away stays: the next write follows it to the record that it is part of,
 * which no search may find. Not where that write would land in a record that stands for another of ours.
 */
async function isFollowed(
  tx: Tx,
  connection: string,
  { record: { object, key }, mergedInto }: Finding<OurRecord>,
  mergedWrites: CrmReads['mergedWrites'],
): Promise<boolean> {
  if (mergedInto === null) {
    return false;
  }
  if (mergedWrites === 'refused') {
    return true;
  }
  const others = await tx.query(
    'SELECT FROM crm_records WHERE connection = $1 AND object = $2 AND crm_id = $3 AND key <> $4 LIMIT 1',
    [connection, object, mergedInto, key],
  );
  return others.rowCount === 0;
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
