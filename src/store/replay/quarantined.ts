import type { Vendor } from '../../events/event.ts';
import type { JournalEntry } from '../../events/journal.ts';
import { isoDate } from '../../shared/time.ts';
import { type Db, eventKey, inTransaction, isInTheData, type Tx } from '../db.ts';
import { readRow } from '../event-row.ts';
import { type ClaimedEvent, type JournalRow, leaveInbox } from '../fold/claim.ts';
import { type FoldDeps, foldAgain } from '../fold/index.ts';
import { appendIn } from '../journal/index.ts';
import { ensurePartition } from '../retention/partitions.ts';

/** Reads an element once more with the rules of now; null: what was kept of it is not enough. */
export type ReadAgain = (element: Kept) => JournalEntry[] | null;

interface Kept {
  vendor: Vendor;
  route: string;
  raw: string;
  /** ms. */
  receivedAt: number;
}

interface Row extends Omit<Kept, 'receivedAt'> {
  id: number;
  message_id: string | null;
  received_at: Date;
}

/** What became of quarantined elements: folded now, or refused as before. */
export interface Retried {
  taken: number;
  refused: number;
}

/**
 * Takes quarantined elements of one code that can be read, or folded, by now. Each in a transaction of its own with its word in
 * the quarantine: cut off anywhere, the others are found when it is asked for again. Nothing that comes of them acts: the
 * moment to act was another (I6).
 */
export async function retryQuarantined(deps: FoldDeps, readAgain: ReadAgain, code: string): Promise<Retried> {
  const { db } = deps;
  const done: Retried = { taken: 0, refused: 0 };
  for (let after: number | null = 0; after !== null; ) {
    const rows: { rows: Row[] } = await db.query<Row>(
      `SELECT id, vendor, route, raw, message_id, received_at FROM quarantine
       WHERE state = 'open' AND code = $1 AND id > $2 ORDER BY id LIMIT 100`,
      [code, after],
    );
    for (const row of rows.rows) {
      done[(await retryOne(deps, readAgain, row)) ? 'taken' : 'refused'] += 1;
    }
    after = rows.rows.at(-1)?.id ?? null;
  }
  return done;
}

export async function countQuarantined(db: Db, code: string): Promise<number> {
  const rows = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM quarantine WHERE state = 'open' AND code = $1`,
    [code],
  );
  return rows.rows[0]?.count ?? 0;
}

async function retryOne(deps: FoldDeps, readAgain: ReadAgain, row: Row): Promise<boolean> {
  const day = isoDate(row.received_at.getTime());
  const events =
    row.route === 'fold' ? null : eventsOf(readAgain({ ...row, receivedAt: row.received_at.getTime() }));
  if ((row.route !== 'fold' && events === null) || (await hasLeft(deps.db, day))) {
    return false;
  }
  await ensurePartition(deps.db, day);
  try {
    return await inTransaction(deps.db, async (tx) => {
      const claimed = events === null ? await journaled(tx, row, day) : await append(deps.db, tx, events);
      if (claimed === null) {
        return false;
      }
      await foldAgain(tx, deps, claimed);
      await tx.query(`UPDATE quarantine SET state = 'retried' WHERE id = $1`, [row.id]);
      return true;
    });
  } catch (error) {
    if (isInTheData(error)) {
      return false;
    }
    throw error;
  }
}

type Entries = Extract<JournalEntry, { type: 'event' }>[];

/** null: some of it is still refused. */
function eventsOf(entries: JournalEntry[] | null): Entries | null {
  const events = (entries ?? []).filter((entry) => entry.type === 'event');
  return entries === null || events.length < entries.length ? null : events;
}

/** A day that counts by its bases takes no more events. */
async function hasLeft(db: Db, day: string): Promise<boolean> {
  const rows = await db.query('SELECT 1 FROM journal_retention WHERE through >= $1', [day]);
  return (rows.rowCount ?? 0) > 0;
}

/** An event that could not be folded stands in the journal. null: not any more. */
async function journaled(tx: Tx, { vendor, message_id }: Row, day: string): Promise<ClaimedEvent[] | null> {
  if (message_id === null) {
    return null;
  }
  const rows = await tx.query<JournalRow>(
    // Held, so that its person cannot be forgotten between this and the fold (I12).
    'SELECT seq, day, event FROM events WHERE day = $1 AND key = $2 FOR UPDATE',
    [day, eventKey(vendor, message_id)],
  );
  return rows.rows.length === 0 ? null : rows.rows.map(readRow);
}

/**
 * Journals the events and takes them out of the inbox again: they are folded here, as the journal has them. Those that were
 * counted before are left out, and those of forgotten people.
 */
async function append(db: Db, tx: Tx, entries: Entries): Promise<ClaimedEvent[]> {
  const appended = await appendIn(db, tx, entries);
  await leaveInbox(tx, appended);
  return appended;
}
