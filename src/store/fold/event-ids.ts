import { refsOf } from '../../accounts/identity.ts';
import type { ProductEvent } from '../../events/event.ts';
import { hashId, plainArray, type Tx } from '../db.ts';
import { type EventRow, fromRow } from '../event-row.ts';
import type { ClaimedEvent, Row } from './claim.ts';

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
