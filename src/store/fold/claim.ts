import { refsOf } from '../../accounts/identity.ts';
import type { ProductEvent } from '../../events/event.ts';
import { hashId, type Tx } from '../db.ts';
import { type EventRow, fromRow } from '../event-row.ts';

/** A journal row on its way into the fold. */
export interface ClaimedEvent {
  seq: number;
  day: string;
  event: ProductEvent;
}

/** A batch begins with one trigger for each so many of its places: what belongs to them needs room too. */
const TRIGGERS = 4;

/**
 * Takes up to `limit` unfolded rows and locks them until the transaction ends: the oldest triggers with whatever their people
 * and accounts have waiting, so that an act is not decided on half of what was received; then the other triggers, then
 * the oldest. Rows that another worker holds are passed over; rows that commit late are found whenever they appear
 * (never "after the last").
 */
export async function claimInbox(tx: Tx, limit: number): Promise<ClaimedEvent[]> {
  const rows = await tx.query<Omit<ClaimedEvent, 'event'> & { event: EventRow }>({
    name: 'fold-claim',
    text: `WITH triggers AS (
             SELECT seq, who, account FROM inbox WHERE urgent ORDER BY seq LIMIT $2
           ), kin AS (
             SELECT seq FROM triggers
             UNION SELECT inbox.seq FROM inbox JOIN (SELECT DISTINCT who FROM triggers) AS people USING (who)
             UNION SELECT inbox.seq FROM inbox JOIN (SELECT DISTINCT account FROM triggers) AS accounts USING (account)
           ), near AS (
             SELECT seq, day FROM inbox WHERE seq IN (SELECT seq FROM kin) ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED
           ), others AS (
             SELECT seq, day FROM inbox WHERE seq NOT IN (SELECT seq FROM near)
             ORDER BY urgent DESC, seq LIMIT $1 - (SELECT count(*) FROM near) FOR UPDATE SKIP LOCKED
           )
           SELECT seq, day, event FROM (SELECT * FROM near UNION ALL SELECT * FROM others) AS claimed
             JOIN events USING (day, seq)`,
    values: [limit, Math.ceil(limit / TRIGGERS)],
  });
  return rows.rows.map((row) => ({ ...row, event: fromRow(row.event) }));
}

/** Marks claimed rows as folded. Part of the fold's own transaction: both happen or neither. */
export async function leaveInbox(tx: Tx, claimed: readonly ClaimedEvent[]): Promise<void> {
  await tx.query({
    name: 'fold-leave',
    text: 'DELETE FROM inbox WHERE seq = ANY($1::bigint[])',
    values: [claimed.map((row) => row.seq)],
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
    values: [rows.map((row) => row.id), rows.map((row) => row.seq), rows.map((row) => row.day)],
  });
}

/** Every journaled event that carries one of `refs`, each once; of days after `after` (ISO date; null: all). */
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
