import { isoInstant } from '../../shared/time.ts';
import type { Settled } from '../../sync/outbox.ts';
import type { Tx } from '../db.ts';

/** An act is of the crossing of a promise: its key names the model, and is text of others that need not be JSON. */
export const OF_CROSSING = `crossing = tier || '#' || n AND strpos(key, to_json(model)::text) > 0`;

/**
 * When the first task of a promise stood in a CRM, and who has it: the one that we gave it to first, and later whom it was
 * passed on to.
 */
export async function noteTasks(tx: Tx, settled: readonly Settled[], now: number): Promise<void> {
  const ids = settled.filter(({ told }) => told).map(({ id }) => id);
  if (ids.length === 0) {
    return;
  }
  await tx.query({
    name: 'clocks-tasks',
    text: `WITH acts AS (
             SELECT account, kind, owner ->> 'name' AS owner, key, crossing FROM actions
             WHERE id = ANY($1::uuid[]) AND state = 'done' ORDER BY id)
           UPDATE clocks SET
             made_at = CASE kind WHEN 'task' THEN least(made_at, $2::timestamptz) ELSE made_at END,
             owner = CASE kind WHEN 'task' THEN coalesce(clocks.owner, acts.owner) ELSE coalesce(acts.owner, clocks.owner) END
           FROM acts
           WHERE clocks.account = acts.account AND ${OF_CROSSING}`,
    values: [ids, isoInstant(now)],
  });
}
