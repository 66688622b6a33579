import { planJob } from './bulk-planning.ts';
import { advance } from './bulk-running.ts';
import type { BulkDeps } from './bulk-settling.ts';
import type { DeliverDeps } from './settle.ts';

/** Jobs at a time for one connection: the CRM runs their rows side by side. */
const JOBS_MAX = 4;
/** How long (ms) mass waits for scores that are still being made, so that it goes in one job and not in many calls. */
const GATHER = 60_000;
/** How soon (ms) mass that must wait is looked at again. */
const LOOK_AGAIN = 1000;

export interface BulkRound {
  /** Jobs that were moved on or begun. */
  done: number;
  /** Mass must not go the ordinary way now: milliseconds until it is looked at again; null: it may go. */
  holdMs: number | null;
}

/** Moves jobs on, and begins one where more is waiting than the ordinary way should carry. */
export async function deliverBulk(deps: DeliverDeps): Promise<BulkRound> {
  const { jobs, connector } = deps;
  if (jobs === undefined || connector.bulk === undefined) {
    return { done: 0, holdMs: null };
  }
  const bulk: BulkDeps = { ...deps, jobs, writer: connector.bulk };
  let done = 0;
  for (let job = await jobs.due(deps.connection); job !== null; job = await jobs.due(deps.connection)) {
    done += 1;
    if (await advance(bulk, job)) {
      return { done, holdMs: LOOK_AGAIN };
    }
  }
  const begun = await beginWhenDue(bulk);
  return { done: done + begun.done, holdMs: begun.holdMs };
}

async function beginWhenDue(deps: BulkDeps): Promise<BulkRound> {
  const { jobs, writer, connection } = deps;
  const { above } = writer;
  const { acts, people, oldest } = await jobs.waiting(connection, above + 1);
  const go = { done: 0, holdMs: null };
  const hold = { done: 0, holdMs: LOOK_AGAIN };
  if (acts === 0) {
    return go;
  }
  const coming = deps.realNow() - (oldest ?? 0) > GATHER ? 0 : await jobs.coming(above + 1);
  const enough = acts > above || (acts > writer.fewest && people > above);
  if (!enough) {
    return acts + coming > above ? hold : go;
  }
  if (coming > writer.fewest || (await jobs.running(connection)) >= JOBS_MAX) {
    return hold;
  }
  const job = await jobs.begin(connection, writer.fewest, writer.rows);
  if (job === null) {
    return hold;
  }
  await planJob(deps, job);
  return { done: 1, holdMs: null };
}
