import { setTimeout as sleep } from 'node:timers/promises';
import type { Priority } from './budget.ts';
import type { CallBudget } from './calls.ts';
import { deliverBulk } from './deliver-bulk.ts';
import { deliverFields } from './deliver-fields.ts';
import { gathering } from './gathering.ts';
import { ROUND } from './hangs-on.ts';
import type { DeliverDeps } from './settle.ts';

/**
 * Mass taken in one round. Records of one round go by several kinds of call (linked or found, created, of people), each
 * of which may end in a batch that is not full: the more a round holds, the fewer of those there are. Whole batches of both
 * vendors, in whole waves of the calls that are under way at a time.
 */
const MASS_ROUND = 1200;

/** How soon (ms) a round follows another while the least urgent must wait: acts among it may be due meanwhile. */
const SCARCE_LOOK = 5000;

/** How soon (ms) it is looked for what became urgent while a round of mass is under way. */
const URGENT_LOOK = 100;

/** Delivers memberships and tasks that are due; gives how many. */
type Acts = (deps: DeliverDeps) => Promise<number>;

export interface Round {
  acts: number;
  /** What is due must wait for so long (ms); null: nothing has to. */
  holdMs: number | null;
}

/** How long (ms) the connection's work is stopped; 0: it is not. */
export async function pauseLeft({ outbox, connection, realNow }: DeliverDeps): Promise<number> {
  const until = await outbox.pausedUntil(connection);
  return until === null ? 0 : Math.max(0, until - realNow());
}

/** Does the next stage of a round, unless one before it made the CRM pause: it would only be refused as well. */
export async function unlessPaused(deps: DeliverDeps, stage: () => Promise<number>): Promise<number> {
  return (await pauseLeft(deps)) > 0 ? 0 : stage();
}

/**
 * A round with calls for everybody: the urgent, then the mass, and beside it what becomes urgent meanwhile. A round of mass is
 * many calls; a trigger that came behind it would be written when it is over.
 */
export async function wholeRound(deps: DeliverDeps, budget: CallBudget, deliverActs: Acts): Promise<Round> {
  const urgent = () => urgentRound(deps, budget, deliverActs);
  const before = await urgent();
  const mass = massRound(deps, budget);
  const [beside, massed] = await Promise.allSettled([repeatedBeside(mass, urgent), mass]);
  // Neither is left under way when the other fails: who stops waits for this round.
  if (beside.status === 'rejected' || massed.status === 'rejected') {
    throw beside.status === 'rejected' ? beside.reason : (massed as PromiseRejectedResult).reason;
  }
  return { acts: before + beside.value + massed.value.acts, holdMs: massed.value.holdMs };
}

/** Fields of accounts that somebody waits for, then memberships and tasks, which may hang on the records made for them. */
async function urgentRound(deps: DeliverDeps, { at }: CallBudget, deliverActs: Acts): Promise<number> {
  const hot = await at('hot', () => unlessPaused(deps, () => deliverFields(deps, 'hot', ROUND)));
  return hot + (await at('act', () => unlessPaused(deps, () => deliverActs(deps))));
}

async function massRound(deps: DeliverDeps, { at }: CallBudget): Promise<Round> {
  const { jobs, connection, realNow } = deps;
  const bulk = await at('mass', () => deliverBulk(deps));
  const holdMs = bulk.holdMs ?? (jobs && (await gathering(jobs, connection, MASS_ROUND, realNow()))) ?? null;
  const fields = () => at('mass', () => deliverFields(deps, 'mass', MASS_ROUND));
  const mass = holdMs === null ? await unlessPaused(deps, fields) : 0;
  return { acts: bulk.done + mass, holdMs };
}

/** Rounds of `urgent` for as long as other work is under way; gives how much they did. */
async function repeatedBeside(work: Promise<unknown>, urgent: () => Promise<number>): Promise<number> {
  const over = Promise.allSettled([work]).then(() => true);
  let done = 0;
  while (!(await Promise.race([over, sleep(URGENT_LOOK, false)]))) {
    done += await urgent();
  }
  return done;
}

/** A round with few calls left: tasks and memberships with the records they need, then fields of their accounts. */
export async function scarceRound(
  deps: DeliverDeps,
  { at }: CallBudget,
  held: Record<Priority, number>,
  deliverActs: Acts,
): Promise<Round> {
  if (held.act > 0) {
    return { acts: 0, holdMs: held.act };
  }
  const acts = await at('act', async () => {
    const needed = await deliverFields(deps, 'needed', ROUND);
    return needed + (await unlessPaused(deps, () => deliverActs(deps)));
  });
  const fields = () => at('hot', () => deliverFields(deps, 'hot', ROUND));
  const hot = held.hot === 0 ? await unlessPaused(deps, fields) : 0;
  return { acts: acts + hot, holdMs: Math.min(held.mass, SCARCE_LOOK) };
}
