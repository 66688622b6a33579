import type { ProductEvent } from '../events/event.ts';
import type { AppendResult, Journal, JournalEntry } from '../events/journal.ts';
import { isoDate } from '../shared/time.ts';
import { type Db, eventKey, inTransaction, lines, plainArray, retried, type Tx } from './db.ts';
import { readRow, toRow } from './event-row.ts';
import { type ClaimedEvent, classOf, type JournalRow } from './fold/claim.ts';
import { admit, admittedAsTheyAre } from './forget/admit.ts';
import { type Known, knownAt, knownToWriter, remembered } from './forget/known.ts';
import { keepQuarantined } from './keep-quarantined.ts';
import { ensurePartition } from './retention/partitions.ts';

/**
 * The journal on PostgreSQL.
 *
 * One transaction takes a whole group of entries: dedupe keys first, sorted, so that two receivers holding the
 * same events wait for each other instead of deadlocking; then the journal rows of those that were new, and the
 * runs of the inbox that say that they wait. PostgreSQL's commit is the acknowledgement (I1): with `synchronous_commit` off the promise
 * would not hold, so every append asks for it. Plain events, which nearly all are, are one statement and one round trip.
 * Nobody who is forgotten when it commits is written (I12): each statement holds the tombstones off and is void for whoever knew too few.
 */
export function postgresJournal(db: Db): Journal {
  const partitions = new Set<string>();
  return {
    append: (entries) => append(db, partitions, entries),
  };
}

async function append(db: Db, partitions: Set<string>, entries: JournalEntry[]): Promise<AppendResult> {
  const events = uniqueByKey(entries);
  const quarantined = entries.flatMap((entry) => (entry.type === 'quarantine' ? [entry.quarantined] : []));
  await ensurePartitions(db, partitions, events);
  if (quarantined.length === 0 && events.every(({ twin }) => twin === null)) {
    const fresh = await appendPlain(db, events);
    if (fresh !== null) {
      return { fresh };
    }
  }
  const fresh = await inTransaction(db, async (tx) => {
    const known = await durably(db, tx);
    const kept = await admit(tx, known, { events, quarantined });
    await keepQuarantined(tx, kept.quarantined);
    return (await insertEvents(tx, await withoutTwins(tx, kept.events), known)) ?? 0;
  });
  return { fresh };
}

/** null: it takes a transaction. Something is refused or a delete, or people were forgotten of whom this process did not know. */
async function appendPlain(db: Db, events: KeyedEvent[]): Promise<number | null> {
  const known = remembered(db);
  const kept = known === null ? null : admittedAsTheyAre(known, events);
  return known === null || kept === null ? null : retried(() => insertEvents(db, kept, known));
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
  const rows = await tx.query<JournalRow>({
    name: 'journal-append-and-read',
    text: INSERT_AND_READ,
    values: valuesOf(await withoutTwins(tx, events), known.epoch),
  });
  return rows.rows.map(readRow);
}

interface KeyedEvent {
  key: string;
  /** Key of the id that the same event has on another route. */
  twin: string | null;
  event: ProductEvent;
}

function uniqueByKey(entries: JournalEntry[]): KeyedEvent[] {
  const byKey = new Map<string, KeyedEvent>();
  for (const entry of entries) {
    if (entry.type === 'event') {
      const { event, twin } = entry;
      const key = eventKey(event.vendor, event.id);
      if (!byKey.has(key)) {
        byKey.set(key, { key, event, twin: twin === undefined ? null : eventKey(event.vendor, twin) });
      }
    }
  }
  return [...byKey.values()];
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

/**
 * Times come as numbers, which are read and written at a third of the cost of dates. `durable`
 * stands in the statement itself, so that it holds for its commit when it is a transaction of its own. So does the lock of
 * `forget_epoch`: tombstones that are made meanwhile wait for the commit, and where there are newer ones nothing is inserted.
 */
const TAKEN = `
  WITH durable AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'on', true), forget_epoch() = $6 AS current
  ), incoming AS MATERIALIZED (
    SELECT key, (received_at AT TIME ZONE 'UTC')::date AS day, at, received_at, event, class FROM (
      SELECT key, to_timestamp(at / 1000) AS at, to_timestamp(received_at / 1000) AS received_at, event, class
      FROM durable, ROWS FROM (
        unnest($1::uuid[]), unnest($2::float8[]), unnest($3::float8[]), string_to_table($4, E'\\n'), unnest($5::"char"[])
      ) AS row (key, at, received_at, event, class)
      WHERE current
    ) AS timed
  ), fresh AS (
    INSERT INTO event_keys (key, day) SELECT key, day FROM incoming ORDER BY key
    ON CONFLICT DO NOTHING RETURNING key
  ), taken AS MATERIALIZED (
    SELECT nextval('event_seq') AS seq, ordered.* FROM (
      SELECT incoming.* FROM incoming JOIN fresh USING (key) ORDER BY class
    ) AS ordered
  ), kept AS (
    INSERT INTO events (day, seq, key, at, received_at, event)
    SELECT day, seq, key, at, received_at, event::json FROM taken
  ), waiting AS (
    INSERT INTO inbox_runs (class, first, last, day, received_at)
    SELECT class, min(seq), max(seq), day, min(received_at) FROM (
      SELECT class, seq, day, received_at, seq - row_number() OVER (PARTITION BY class, day ORDER BY seq) AS run FROM taken
    ) AS numbered GROUP BY class, day, run
  )`;
const INSERT_EVENTS = `${TAKEN} SELECT current, (SELECT count(*) FROM fresh) AS fresh FROM durable`;
const INSERT_AND_READ = `${TAKEN} SELECT seq, day, event::json AS event FROM taken`;

/** Gives how many were new; null: more people are forgotten by now than were known, and nothing was inserted. */
async function insertEvents(tx: Db | Tx, events: KeyedEvent[], { epoch }: Known): Promise<number | null> {
  if (events.length === 0) {
    return 0;
  }
  const inserted = await tx.query<{ current: boolean; fresh: number }>({
    name: 'journal-append',
    text: INSERT_EVENTS,
    values: valuesOf(events, epoch),
  });
  const [row] = inserted.rows;
  return row?.current === true ? row.fresh : null;
}

function valuesOf(events: readonly KeyedEvent[], epoch: number) {
  return [
    plainArray(events.map(({ key }) => key)),
    plainArray(events.map(({ event }) => event.at)),
    plainArray(events.map(({ event }) => event.receivedAt)),
    lines(events.map(({ event }) => toRow(event))),
    plainArray(events.map(({ event }) => classOf(event))),
    epoch,
  ];
}

/** A day's partition is made ahead; where nobody did, before its first event. */
async function ensurePartitions(db: Db, known: Set<string>, events: KeyedEvent[]): Promise<void> {
  const days = new Set(events.map(({ event }) => isoDate(event.receivedAt)));
  for (const day of days) {
    if (!known.has(day)) {
      await ensurePartition(db, day);
      known.add(day);
    }
  }
}
