import { refsOf } from '../../accounts/identity.ts';
import type { ProductEvent } from '../../events/event.ts';
import { hashId, plainArray, type Tx } from '../db.ts';
import { type EventRow, fromRow } from '../event-row.ts';

/** A journal row on its way into the fold. */
export interface ClaimedEvent {
  seq: number;
  day: string;
  event: ProductEvent;
}

/** First letters of the vendors, as the inbox has them. */
export const SOURCES = ['a', 's'];

/** Whose the event is, as the inbox has it. */
export function sourceOf({ vendor }: ProductEvent): string {
  return vendor.charAt(0);
}

/** A batch looks at one trigger for each so many of its places: what belongs to them needs room too. */
const PLACES_PER_TRIGGER = 4;
/** Triggers and what belongs to them have this share of a batch: a flood of them holds up what else waits, but does not stop it. */
const SHARE_OF_TRIGGERS = 0.75;
/** What one person or account has waiting takes so many places at least, and more while few triggers wait. */
const KIN = 16;

/**
 * Takes up to `limit` unfolded rows and locks them until the transaction ends: the oldest triggers with whatever their people
 * and accounts have waiting, oldest first, so that an act is not decided on half of what was received; then the oldest.
 * Each source has its turn in both, however many rows of another are older. An account with more waiting than fits is
 * folded over several batches, its trigger last. Rows that another worker holds are passed over; rows
 * that commit late are found whenever they appear (never "after the last").
 */
export async function claimInbox(tx: Tx, limit: number): Promise<ClaimedEvent[]> {
  const rows = await tx.query<Omit<ClaimedEvent, 'event'> & { event: EventRow }>({
    name: 'fold-claim',
    text: CLAIM,
    values: [
      limit,
      SOURCES,
      Math.ceil(limit / PLACES_PER_TRIGGER),
      Math.ceil(limit * SHARE_OF_TRIGGERS),
      KIN,
    ],
  });
  return rows.rows.map((row) => ({ ...row, event: fromRow(row.event) }));
}

/**
 * With a million rows it depends on two turns of phrase. A source is asked for as a range and ordered by, which only its own
 * indexes can serve: by `=` the planner takes the primary key and reads all that waits from the others. And the `LIMIT`
 * at the end says how few rows are looked up in the journal: without it the planner reads the journal whole.
 */
const CLAIM = `
  WITH triggers AS (
    SELECT source, oldest.*, row_number() OVER (PARTITION BY source ORDER BY seq) AS turn
    FROM unnest($2::"char"[]) AS source CROSS JOIN LATERAL (
      SELECT seq, who, account FROM inbox WHERE inbox.source BETWEEN source.source AND source.source AND urgent
      ORDER BY inbox.source, seq LIMIT $3
    ) AS oldest
    ORDER BY turn, seq LIMIT $3
  ), room AS (
    SELECT greatest($5::bigint, $4::bigint / (2 * greatest(count(*), 1))) AS each FROM triggers
  ), kin AS (
    SELECT own.*, turn FROM (SELECT who, min(turn) AS turn FROM triggers GROUP BY who) AS people
      CROSS JOIN LATERAL (
        SELECT source, seq FROM inbox WHERE who = people.who AND NOT (urgent AND account IS NOT NULL)
        ORDER BY seq LIMIT (SELECT each FROM room)
      ) AS own
    UNION ALL
    SELECT own.*, turn FROM (SELECT account, min(turn) AS turn FROM triggers GROUP BY account) AS accounts
      CROSS JOIN LATERAL (
        SELECT source, seq FROM inbox WHERE account = accounts.account ORDER BY seq LIMIT (SELECT each FROM room)
      ) AS own
    UNION ALL
    SELECT source, seq, turn FROM triggers WHERE who IS NULL AND account IS NULL
  ), near AS (
    SELECT seq, day FROM inbox JOIN (
      SELECT source, seq FROM kin GROUP BY source, seq ORDER BY min(turn), seq LIMIT $4
    ) AS first USING (source, seq) FOR UPDATE OF inbox SKIP LOCKED
  ), fair AS (
    SELECT oldest.* FROM unnest($2::"char"[]) AS source CROSS JOIN LATERAL (
      SELECT seq, day FROM inbox
      WHERE inbox.source BETWEEN source.source AND source.source AND seq NOT IN (SELECT seq FROM near)
      ORDER BY inbox.source, seq LIMIT ($1 - (SELECT count(*) FROM near)) / cardinality($2) FOR UPDATE SKIP LOCKED
    ) AS oldest
  ), rest AS (
    SELECT oldest.* FROM unnest($2::"char"[]) AS source CROSS JOIN LATERAL (
      SELECT seq, day FROM inbox
      WHERE inbox.source BETWEEN source.source AND source.source
        AND seq NOT IN (SELECT seq FROM near UNION ALL SELECT seq FROM fair)
      ORDER BY inbox.source, seq LIMIT $1 - (SELECT count(*) FROM near) - (SELECT count(*) FROM fair) FOR UPDATE SKIP LOCKED
    ) AS oldest LIMIT $1 - (SELECT count(*) FROM near) - (SELECT count(*) FROM fair)
  )
  SELECT seq, day, event FROM (
    SELECT * FROM near UNION ALL SELECT * FROM fair UNION ALL SELECT * FROM rest LIMIT $1
  ) AS claimed JOIN events USING (day, seq)`;

/** A journal row as far as the inbox and the index know it. */
type Row = Pick<ClaimedEvent, 'seq' | 'event'>;

/** Takes rows out of the inbox: folded in the same transaction, so that both happen or neither; or gone from the journal. */
export async function leaveInbox(tx: Tx, claimed: readonly Row[]): Promise<void> {
  await tx.query({
    name: 'fold-leave',
    text: `DELETE FROM inbox USING unnest($1::"char"[], $2::bigint[]) AS gone (source, seq)
           WHERE inbox.source = gone.source AND inbox.seq = gone.seq`,
    values: [
      plainArray(claimed.map((row) => sourceOf(row.event))),
      plainArray(claimed.map((row) => row.seq)),
    ],
  });
}

/** Makes each event findable under every id it carries: the way back for rebuilds, timelines and forgetting. */
export async function indexIds(tx: Tx, claimed: readonly ClaimedEvent[]): Promise<void> {
  const rows = claimed.flatMap(({ seq, day, event }) =>
    refsOf(event).map((ref) => ({ id: hashId(ref), seq, day })),
  );
  await tx.query({
    name: 'fold-index',
    text: `INSERT INTO event_ids (id, seq, day)
           SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::date[]) ON CONFLICT DO NOTHING`,
    values: [
      plainArray(rows.map((row) => row.id)),
      plainArray(rows.map((row) => row.seq)),
      plainArray(rows.map((row) => row.day)),
    ],
  });
}

/** Makes events that leave the journal findable no more. */
export async function dropIds(tx: Tx, gone: readonly Row[]): Promise<void> {
  const rows = gone.flatMap(({ seq, event }) => refsOf(event).map((ref) => ({ seq, id: hashId(ref) })));
  await tx.query(
    `DELETE FROM event_ids USING unnest($1::uuid[], $2::bigint[]) AS gone (id, seq)
     WHERE event_ids.id = gone.id AND event_ids.seq = gone.seq`,
    [rows.map(({ id }) => id), rows.map(({ seq }) => seq)],
  );
}

/** Every journaled event that carries one of `refs`, each once, as it was kept; of days after `after` (ISO date; null: all). */
export async function eventsByRefs(
  tx: Tx,
  refs: readonly string[],
  after: string | null,
): Promise<ProductEvent[]> {
  const rows = await tx.query<{ event: EventRow }>({
    name: 'fold-journal',
    text: `SELECT event FROM events
           WHERE (day, seq) IN (
             SELECT day, seq FROM event_ids WHERE id = ANY($1::uuid[]) AND ($2::date IS NULL OR day > $2))`,
    values: [refs.map(hashId), after],
  });
  return rows.rows.map((row) => fromRow(row.event));
}
