import type { FieldSpec } from '../decide/mapping.ts';
import { DAY, MINUTE } from '../shared/time.ts';
import { isLost, saveFindings } from '../store/reads/findings.ts';
import { nextRecords, type OurRecord } from '../store/reads/ours.ts';
import { type ClaimedPass, claimPass, failPass, type PassPosition } from '../store/reads/passes.ts';
import type { ReadObject } from '../sync/crm-reads.ts';
import { driftOf } from '../sync/drift.ts';
import { findingsOf } from '../sync/findings.ts';
import { noteFailure, type Reached, type ReadBackDeps } from './reading.ts';

/** The kinds of records in the order of a pass. */
const ORDER: readonly ReadObject[] = ['account', 'person', 'task', 'member'];
/** Tasks and memberships older than this are a person's affair. */
const ACTED_WITHIN = 30 * DAY;
/** Before every key. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/** `done`: the end of the records is reached. `budget`: the calls of this pass are used up. */
export type PassEnd = 'done' | 'budget' | 'failed' | 'busy' | 'stopped';

export interface PassOptions {
  /** The most read calls. */
  calls: number;
  /** Also when it is not due. */
  now: boolean;
}

/** The scheduled pass of a connection. Gives how many records are to be written again. */
export async function reconcileDue(deps: ReadBackDeps, reached: Reached): Promise<number> {
  const { every, calls } = reached.crm.mapping.reconcile;
  return every === null ? 0 : (await reconcile(deps, reached, { calls, now: false })).repaired;
}

/**
 * One pass over what is ours in a CRM: reads records in batches, compares, and queues what is to be repaired. It goes on
 * behind the last batch that was kept, also in another process, and ends when its calls are used up.
 */
export async function reconcile(
  deps: ReadBackDeps,
  reached: Reached,
  { calls, now }: PassOptions,
): Promise<{ end: PassEnd; repaired: number }> {
  const claim = await claimPass(deps.db, reached.connection, deps.realNow(), now);
  if (claim === null) {
    return { end: 'busy', repaired: 0 };
  }
  let { position } = claim;
  let repaired = 0;
  for (let used = 0; ; ) {
    const batch = await nextBatch(deps, reached, position);
    const left = calls - used - 1;
    const done = await lookAt(deps, reached, claim, batch, left);
    if (done.end !== null) {
      return { end: done.end, repaired: repaired + done.repaired };
    }
    used += batch.records.length === 0 ? 0 : 1;
    repaired += done.repaired;
    position = batch.next;
  }
}

interface Batch {
  object: ReadObject;
  records: OurRecord[];
  /** null: this is the last one. */
  next: PassPosition | null;
}

/** The next records; kinds of which there are none any more are passed over. */
async function nextBatch(
  { db, now }: ReadBackDeps,
  { crm, connection }: Reached,
  position: PassPosition | null,
): Promise<Batch> {
  const { batch, objects } = crm.connector.reads;
  const kinds = ORDER.filter((object) => objects.includes(object));
  const from = Math.max(0, kinds.indexOf(position?.object ?? 'account'));
  for (const object of kinds.slice(from)) {
    const after = object === position?.object ? position.key : FIRST;
    const records = await nextRecords(db, connection, object, after, batch, now() - ACTED_WITHIN);
    const last = records.at(-1);
    if (last !== undefined) {
      return { object, records, next: { object, key: last.key } };
    }
  }
  return { object: 'account', records: [], next: null };
}

/** Reads and compares one batch, and keeps what came of it. `end` null: the pass goes on. */
async function lookAt(
  deps: ReadBackDeps,
  reached: Reached,
  claim: ClaimedPass,
  { object, records, next }: Batch,
  left: number,
): Promise<{ end: PassEnd | null; repaired: number }> {
  const { db, realNow } = deps;
  const every = reached.crm.mapping.reconcile.every ?? DAY;
  const specs = specsOf(reached, object);
  const fields = { needed: [], optional: specs.map(({ field }) => field) };
  const ids = records.map(({ crmId }) => crmId);
  const { reads } = reached.crm.connector;
  const answer = await reads.records(object, ids, fields);
  if (answer.state === 'failed') {
    await failPass(db, claim, realNow() + Math.max(answer.afterMs, MINUTE), answer);
    await noteFailure(deps, reached, 'reconciliation', answer);
    return { end: 'failed', repaired: 0 };
  }
  const findings = findingsOf(records, answer, (record, found) =>
    record.desired === null ? [] : driftOf(record.desired, record.acknowledged, found, specs, record.held),
  );
  const end = next === null ? 'done' : left <= 0 ? 'budget' : deps.life.stopping ? 'stopped' : null;
  const nextAt = realNow() + (end === 'stopped' ? 0 : every);
  const calls = records.length === 0 ? 0 : 1;
  const progress = { position: next, calls, keep: end === null, nextAt };
  try {
    return {
      end,
      repaired: await saveFindings(db, claim, records, findings, reads.mergedWrites, progress, realNow()),
    };
  } catch (error) {
    if (isLost(error)) {
      return { end: 'busy', repaired: 0 };
    }
    throw error;
  }
}

function specsOf({ crm }: Reached, object: ReadObject): readonly FieldSpec[] {
  const { account, person } = crm.mapping;
  return object === 'account' ? account.fields : object === 'person' ? person.fields : [];
}
