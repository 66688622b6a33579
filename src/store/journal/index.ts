import type { AppendResult, Journal, JournalEntry } from '../../events/journal.ts';
import { isoDate } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { readRow } from '../event-row.ts';
import type { ClaimedEvent } from '../fold/claim.ts';
import { admit } from '../forget/admit.ts';
import { type Known, knownAt, knownToWriter } from '../forget/known.ts';
import { keepQuarantined } from '../keep-quarantined.ts';
import { ensurePartition } from '../retention/partitions.ts';
import { insertAndRead, insertEach, insertEachIn, insertNew } from './insert.ts';
import {
  daysOf,
  entriesOf,
  type KeyedEvent,
  type Page,
  pageOf,
  type Rows,
  rowsOf,
  together,
  uniqueByKey,
} from './pages.ts';

/**
 * The journal on PostgreSQL.
 *
 * One statement takes a whole group of requests: dedupe keys first, sorted, so that two receivers holding the
 * same events wait for each other instead of deadlocking; then the journal rows of those that were new, and the
 * runs of the inbox that say that they wait. PostgreSQL's commit is the acknowledgement (I1): with `synchronous_commit` off the promise
 * would not hold, so every append asks for it. What is more than plain events takes a transaction of several statements.
 * Nobody who is forgotten when it commits is written (I12): each statement holds the tombstones off and is void for whoever knew too few.
 */
export function postgresJournal(db: Db): Journal {
  const knows = { partitions: new Set<string>(), repeatsUntil: 0 };
  return {
    write: (entries) => pageOf(db, entries),
    append: (pages) => append(db, knows, pages as Page[]),
  };
}

interface Knows {
  /** Days that have their partition. */
  partitions: Set<string>;
  /** When (by `performance.now`) repeats are no longer expected. */
  repeatsUntil: number;
}

/** Plain events do not wait for what takes a transaction. Either part may be committed when the other fails: it is then a repeat. */
async function append(db: Db, knows: Knows, pages: Page[]): Promise<AppendResult> {
  const rows = pages.flatMap((page) => ('rows' in page ? [page.rows] : []));
  const given = pages.flatMap((page) => ('given' in page ? page.given : []));
  const fresh = await Promise.all([appendRows(db, knows, rows), appendEntries(db, knows, given)]);
  return { fresh: fresh[0] + fresh[1] };
}

async function appendRows(db: Db, knows: Knows, pages: Rows[]): Promise<number> {
  const rows = together(pages);
  const fresh = rows === null ? null : await insertRows(db, knows, rows);
  return fresh ?? (await appendEntries(db, knows, pages.flatMap(entriesOf)));
}

/** null: people were forgotten of whom this process did not know, and nothing was inserted. */
async function insertRows(db: Db, knows: Knows, rows: Rows): Promise<number | null> {
  await ensurePartitions(db, knows.partitions, rows.days);
  if (performance.now() >= knows.repeatsUntil) {
    const fresh = await insertNew(db, rows);
    if (fresh !== 'repeated') {
      return fresh;
    }
    knows.repeatsUntil = performance.now() + REPEATS_FOR;
  }
  return insertEach(db, rows);
}

/** How long after a repeat others are expected: while a sender sends again what it got no answer for, it does so for a while. */
const REPEATS_FOR = 10_000;

/** Whatever entries: what is refused, deletes, events with a twin, and plain ones among them. */
async function appendEntries(db: Db, { partitions }: Knows, entries: JournalEntry[]): Promise<number> {
  if (entries.length === 0) {
    return 0;
  }
  const events = uniqueByKey(entries);
  const quarantined = entries.flatMap((entry) => (entry.type === 'quarantine' ? [entry.quarantined] : []));
  await ensurePartitions(db, partitions, daysOf(events));
  return inTransaction(db, async (tx) => {
    const known = await durably(db, tx);
    const kept = await admit(tx, known, { events, quarantined });
    await keepQuarantined(tx, kept.quarantined);
    return (await insertEachIn(tx, rowsOf(await withoutTwins(tx, kept.events), known.epoch))) ?? 0;
  });
}

/** The commit reaches the disk (I1), and nobody who is forgotten by now is written (I12): one question for both. */
async function durably(db: Db, tx: Tx): Promise<Known> {
  const rows = await tx.query<{ epoch: number }>({
    name: 'journal-begin',
    text: `SELECT set_config('synchronous_commit', 'on', true), forget_epoch() AS epoch`,
  });
  return knownAt(db, tx, rows.rows[0]?.epoch ?? 0);
}

/**
 * Appends events within a transaction, each once, and gives those that are new, as they were kept; days must have their partition.
 * They wait to be folded, like any. Events of forgotten people are counted and left out, as when they come in (I12): what is
 * kept of the others may differ from what was given.
 */
export async function appendIn(db: Db, tx: Tx, entries: JournalEntry[]): Promise<ClaimedEvent[]> {
  const known = await knownToWriter(db, tx);
  const { events } = await admit(tx, known, { events: uniqueByKey(entries), quarantined: [] });
  const rows = await insertAndRead(tx, rowsOf(await withoutTwins(tx, events), known.epoch));
  return rows.map(readRow);
}

/** Notes the twins of events, and leaves out the events whose twin was counted by itself already. */
async function withoutTwins(tx: Tx, events: KeyedEvent[]): Promise<KeyedEvent[]> {
  const twins = events.flatMap(({ key, twin, event }) => (twin === null ? [] : [{ key, twin, event }]));
  if (twins.length === 0) {
    return events;
  }
  await tx.query({
    name: 'journal-twins',
    text: `INSERT INTO event_keys (key, day, twin_of)
           SELECT * FROM unnest($1::uuid[], $2::date[], $3::uuid[]) AS row (key, day, twin_of) ORDER BY key
           ON CONFLICT DO NOTHING`,
    values: [
      twins.map(({ twin }) => twin),
      twins.map(({ event }) => isoDate(event.receivedAt)),
      twins.map(({ key }) => key),
    ],
  });
  const counted = await tx.query<{ key: string }>({
    name: 'journal-twins-counted',
    text: 'SELECT key FROM event_keys WHERE key = ANY($1::uuid[]) AND twin_of IS NULL',
    values: [twins.map(({ twin }) => twin)],
  });
  const known = new Set(counted.rows.map(({ key }) => key));
  return events.filter(({ twin }) => twin === null || !known.has(twin));
}

/** A day's partition is made ahead; where nobody did, before its first event. */
async function ensurePartitions(db: Db, known: Set<string>, days: readonly string[]): Promise<void> {
  for (const day of days) {
    if (!known.has(day)) {
      await ensurePartition(db, day);
      known.add(day);
    }
  }
}
