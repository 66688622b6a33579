import { isoInstant } from '../../shared/time.ts';
import type { Settled } from '../../sync/outbox.ts';
import type { Tx } from '../db.ts';

/**
 * When the first task of a promise stood in a CRM, and who has it: the one that we gave it to first, and later whom it was
 * passed on to. The keys of both kinds of acts name the crossing: [account, model, tier, n, …].
 */
export async function noteTasks(tx: Tx, settled: readonly Settled[], now: number): Promise<void> {
  const ids = settled.filter(({ told }) => told).map(({ id }) => id);
  if (ids.length === 0) {
    return;
  }
  await tx.query({
    name: 'clocks-tasks',
    text: `WITH acts AS (
             SELECT account, kind, owner ->> 'name' AS owner, substr(key, 3)::json AS parts FROM actions
             WHERE id = ANY($1::uuid[]) AND state = 'done' ORDER BY id)
           UPDATE clocks SET
             made_at = CASE kind WHEN 'task' THEN least(made_at, $2::timestamptz) ELSE made_at END,
             owner = CASE kind WHEN 'task' THEN coalesce(clocks.owner, acts.owner) ELSE coalesce(acts.owner, clocks.owner) END
           FROM acts
           WHERE clocks.account = acts.account AND model = parts ->> 1 AND tier = parts ->> 2 AND n = (parts ->> 3)::integer`,
    values: [ids, isoInstant(now)],
  });
}
