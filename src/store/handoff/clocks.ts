import type { Decision } from '../../decide/decide.ts';
import type { ClockStart } from '../../decide/handoff/clock.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Tx } from '../db.ts';

/** One account under one model, as far as promises go by it. */
interface Decided {
  account: string;
  model: string;
  /** When the oldest event came in that the score waited for, ms; null: none did. */
  receivedAt: number | null;
  result: { decision: Pick<Decision, 'clock' | 'ended'> | null };
}

/**
 * Promises of first contact that begin or end with what was decided, in its transaction. One that runs never moves: the same
 * crossing, decided again, leaves it alone.
 */
export async function saveClocks(tx: Tx, scored: readonly Decided[], now: number): Promise<void> {
  const ended = scored.flatMap(({ account, result: { decision } }) =>
    decision === null || decision.ended === null ? [] : [{ account, why: decision.ended }],
  );
  if (ended.length > 0) {
    await endClocks(tx, ended, now);
  }
  const begun = scored.flatMap((one) => {
    const clock = one.result.decision?.clock ?? null;
    return clock === null ? [] : [rowOf(one, clock, now)];
  });
  if (begun.length > 0) {
    await tx.query({
      name: 'clocks-begin',
      text: `INSERT INTO clocks (account, model, tier, n, rule, route, received_at, crossed_at, warn_at, due_at, escalate_at,
               escalate_to, next_at)
             SELECT account, model, tier, n, rule, route, received_at, crossed_at, warn_at, due_at, escalate_at, escalate_to, warn_at
             FROM json_to_recordset($1) AS row (account uuid, model text, tier text, n integer, rule text, route text,
               received_at timestamptz, crossed_at timestamptz, warn_at timestamptz, due_at timestamptz,
               escalate_at timestamptz, escalate_to text)
             ON CONFLICT DO NOTHING`,
      values: [JSON.stringify(begun)],
    });
  }
}

function rowOf({ account, model, receivedAt }: Decided, clock: ClockStart, now: number) {
  const { tier, n, rule, route, due, warn, escalate } = clock;
  return {
    ...{ account, model, tier, n, rule, route },
    received_at: receivedAt === null ? null : isoInstant(receivedAt),
    crossed_at: isoInstant(now),
    warn_at: isoInstant(warn),
    due_at: isoInstant(due),
    escalate_at: escalate === null ? null : isoInstant(escalate.at),
    escalate_to: escalate?.to ?? null,
  };
}

/** A purchase, a suppression or cooling: nobody is asked to get in touch any more. */
async function endClocks(
  tx: Tx,
  ended: readonly { account: string; why: string }[],
  now: number,
): Promise<void> {
  await tx.query({
    name: 'clocks-end',
    text: `WITH running AS (
             SELECT clocks.account, model, tier, n, why FROM json_to_recordset($1) AS row (account uuid, why text)
             JOIN clocks USING (account) WHERE ended_at IS NULL ORDER BY 1, 2, 3, 4 FOR UPDATE OF clocks)
           UPDATE clocks SET ended_at = $2, ended_why = running.why, next_at = NULL FROM running
           WHERE (clocks.account, clocks.model, clocks.tier, clocks.n) = (running.account, running.model, running.tier, running.n)`,
    values: [JSON.stringify(ended), isoInstant(now)],
  });
}

/**
 * Two accounts that turn out to be one: each promise goes on as it was given. Where both have one of the same crossing, the one
 * that is due first stays: it was made for either.
 */
export async function moveClocks(tx: Tx, from: string, to: string): Promise<void> {
  await tx.query(
    `DELETE FROM clocks USING clocks other
     WHERE clocks.account = ANY($1::uuid[]) AND other.account = ANY($1) AND clocks.account <> other.account
       AND (clocks.model, clocks.tier, clocks.n) = (other.model, other.tier, other.n)
       AND (clocks.due_at, clocks.account) > (other.due_at, other.account)`,
    [[from, to]],
  );
  await tx.query('UPDATE clocks SET account = $2 WHERE account = $1', [from, to]);
}
