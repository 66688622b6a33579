import type { BulkJobs } from './bulk-jobs.ts';

/** How long (ms) mass waits at most for scores that are still being made. */
const GATHER = 5000;
/**
 * So many accounts at least are due to be scored right now: a full call of HubSpot's more. In a steady stream there are always
 * some; waiting for those would keep every change back for the whole time, a trigger's too.
 */
const WORTH_WAITING = 100;
/** How soon (ms) mass that waits is looked at again. */
const LOOK_AGAIN = 200;

/**
 * Scores of many accounts come in batches, and a call that is not full costs as much as a full one: while a call more is about
 * to come, less than a whole round of mass waits for it, for some seconds. Gives the milliseconds until it is looked at
 * again; null: it may go. Accounts that a task or membership waits for never wait here.
 *
 * @param round acts of a whole round
 */
export async function gathering(
  jobs: BulkJobs,
  connection: string,
  round: number,
  now: number,
): Promise<number | null> {
  const { acts, oldest } = await jobs.waiting(connection, round);
  const isWorthIt = acts > 0 && acts < round && now - (oldest ?? 0) < GATHER;
  return isWorthIt && (await jobs.coming(WORTH_WAITING)) >= WORTH_WAITING ? LOOK_AGAIN : null;
}
