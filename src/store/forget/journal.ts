import type { ProductEvent } from '../../events/event.ts';
import { eventReplaced } from '../../events/forgotten.ts';
import { type Db, inTransaction } from '../db.ts';
import { type EventRow, fromRow, toRow } from '../event-row.ts';
import { leaveInbox } from '../fold/claim.ts';
import { dropIds } from '../fold/event-ids.ts';
import { lockAlone } from '../fold/identities.ts';
import { journalDays, partitionOf } from '../retention/partitions.ts';
import { cleanBases } from './bases.ts';
import type { Replacing } from './replacing.ts';
import { isTheirs, type Who } from './resolve.ts';

const PAGE = 500;

/**
 * Replaces the person in what others said: the journal first, so that whoever folds anew reads it clean. Gives anonymous
 * ids that turn out to be the person's, whose events are still there: the removal has to be done again with them.
 */
export async function cleanJournal(db: Db, one: Replacing): Promise<{ cleaned: number; found: string[] }> {
  const found = new Set<string>();
  let cleaned = 0;
  if (one.pattern === null) {
    return { cleaned, found: [] };
  }
  for (const day of await journalDays(db)) {
    cleaned += await cleanPartition(db, partitionOf(day), one, found);
  }
  // Folds and savings of days under way may have read it before: they end first, and what they wrote is found afterwards.
  await inTransaction(db, lockAlone);
  cleaned += await cleanBases(db, one);
  return { cleaned, found: [...found] };
}

async function cleanPartition(db: Db, table: string, one: Replacing, found: Set<string>): Promise<number> {
  let cleaned = 0;
  for (let after = -1; ; ) {
    const rows = await db.query<{ seq: number; event: EventRow }>(
      `SELECT seq, event FROM ${table} WHERE seq > $1 AND event::text ~* $2 ORDER BY seq LIMIT $3`,
      [after, one.pattern, PAGE],
    );
    for (const { seq, event } of rows.rows) {
      const read = fromRow(event);
      if (isTheirs(one.who, read)) {
        const device = newDevice(one.who, read);
        await (device === null ? removeUnknown(db, table, seq, read) : found.add(device));
      } else {
        const { email } = read;
        const others = email !== null && one.who.emails.includes(email) ? { ...read, email: null } : read;
        await db.query(`UPDATE ${table} SET event = $2 WHERE seq = $1`, [
          seq,
          toRow(eventReplaced(others, one.replace)),
        ]);
        cleaned += 1;
      }
      after = seq;
    }
    if (rows.rows.length < PAGE) {
      return cleaned;
    }
  }
}

/** The anonymous id of an event that is theirs by its address alone; null: it is known, or there is none. */
function newDevice({ anonymous, shared }: Who, { userId, anonymousId }: ProductEvent): string | null {
  const known = anonymousId === null || [...anonymous, ...shared].includes(anonymousId);
  return userId === null && !known ? anonymousId : null;
}

/** An event of theirs that no id leads to: no state could take it, or its day is leaving the journal. */
async function removeUnknown(db: Db, table: string, seq: number, event: ProductEvent): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx.query(`DELETE FROM ${table} WHERE seq = $1`, [seq]);
    await leaveInbox(tx, [{ seq, event }]);
    await dropIds(tx, [{ seq, event }]);
  });
}
