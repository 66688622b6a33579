import type { ChosenOwner } from '../decide/owner.ts';
import { OVER_BUDGET } from './budget.ts';
import { NOT_BY_BULK, type WithBulk } from './bulk.ts';
import type { BulkJobs } from './bulk-jobs.ts';
import type { CallBudget } from './calls.ts';
import type { Outcome } from './crm.ts';
import { RECORD_PENDING } from './hangs-on.ts';
import { gravest, nextState, ontoGrid } from './next-state.ts';
import type { LinkChange, Outbox, Settled } from './outbox.ts';

export interface DeliverDeps {
  outbox: Outbox;
  /** Where jobs are kept; without it nothing goes by a job. */
  jobs?: BulkJobs;
  connector: WithBulk;
  connection: string;
  /** What may go out now; without it everything may. */
  budget?: CallBudget;
  /** Real time, ms. */
  realNow: () => number;
  /** In [0, 1). */
  random: () => number;
}

/** Of a record that the connector should have answered for. */
export const NO_ANSWER: Outcome = {
  state: 'retry',
  afterMs: 0,
  code: 'no_answer',
  reason: 'the connector did not answer for this record',
};

/** Writes outcomes back; a halt pauses the connection. */
export async function settle(
  deps: DeliverDeps,
  results: readonly {
    item: { id: string; rev: number; attempts: number; uncertain: boolean };
    outcome: Outcome;
    /** Of a task: who got it. */
    owner?: ChosenOwner | undefined;
    /** Whoever waits for the task, or for its next owner, is told. */
    told?: boolean;
  }[],
  links: readonly LinkChange[],
): Promise<void> {
  // One draw for all: a batch that failed as a whole comes back as one.
  const random = deps.random();
  const now = deps.realNow();
  const settled: Settled[] = results.map(({ item, outcome, owner, told = false }) => {
    const next = waiting(outcome)
      ? keepAttempts(item, outcome, random)
      : nextState(item.attempts, outcome, random, item.uncertain);
    const { id, rev } = item;
    return {
      ...(owner === undefined ? {} : { owner }),
      ...(told ? { told } : {}),
      id,
      rev,
      next: { ...next, waitMs: ontoGrid(next.waitMs, now) },
    };
  });
  await deps.outbox.settle(deps.connection, settled, links);
  const halt = gravest(results.map(({ outcome }) => outcome));
  if (halt?.state === 'halt') {
    await deps.outbox.pause(deps.connection, deps.realNow() + halt.afterMs, halt.code, halt.reason);
  }
}

/** Waiting for our own record, for another way or for our own limiter is no attempt at the CRM. */
function waiting(outcome: Outcome): boolean {
  return outcome.state === 'retry' && [RECORD_PENDING, NOT_BY_BULK, OVER_BUDGET].includes(outcome.code);
}

function keepAttempts(item: { attempts: number; uncertain: boolean }, outcome: Outcome, random: number) {
  return { ...nextState(0, outcome, random), attempts: item.attempts, uncertain: item.uncertain };
}
