import { OVER_BUDGET } from './budget.ts';
import {
  type BulkJob,
  type BulkNote,
  type BulkReply,
  GIVEN_UP_AFTER,
  nextLook,
  type Standing,
  troubleOf,
} from './bulk.ts';
import { type BulkDeps, ordinary, settleActs, WHY_NOT } from './bulk-settling.ts';
import type { Outcome } from './crm.ts';
import { backoff } from './next-state.ts';

/** Takes a job as far as it goes now; true: the connection was paused over it. */
export async function advance(deps: BulkDeps, job: BulkJob): Promise<boolean> {
  let at = job;
  for (;;) {
    const step = await stepOf(deps, at);
    const note = 'trouble' in step ? await troubled(deps, at, step) : step;
    await deps.jobs.note(at.id, note);
    if (note.state === 'ended' || note.waitMs > 0) {
      return 'trouble' in step && step.trouble.state === 'halt';
    }
    at = { ...at, ...note };
  }
}

/** `isOver`: the CRM has ended the job, so that nothing is written by it any longer. */
type Step = BulkNote | { trouble: Outcome; isOver?: true };

const goOn = (state: BulkNote['state'], more: Partial<BulkNote> = {}): BulkNote => ({
  state,
  attempts: 0,
  checks: 0,
  waitMs: 0,
  ...more,
});

/** One step of a job: at most one call that changes anything, and what is certain after it. */
async function stepOf(deps: BulkDeps, job: BulkJob): Promise<Step> {
  const { writer, jobs } = deps;
  const id = job.crmJob ?? '';
  switch (job.state) {
    case 'claimed':
      await jobs.release(job.id);
      return goOn('ended', { message: 'its planning was not finished: the acts were given back' });
    case 'ready': {
      const rows = await jobs.rows(job.id);
      if (rows.length === 0) {
        await settleActs(deps, { id: job.id, object: null }, 'any', new Map(), WHY_NOT);
        return goOn('ended');
      }
      return took(await writer.open(job), (crmJob) => goOn('opened', { crmJob }));
    }
    case 'opened': {
      const reply = await writer.upload(id, job, await jobs.rows(job.id));
      return took(reply, (data) => goOn(data === 'there' ? 'uploaded' : 'closed'));
    }
    case 'uploaded':
      return took(await writer.close(id), (how) =>
        goOn('closed', { waitMs: how === 'closed' ? nextLook(0) : 0 }),
      );
    case 'closed':
      return look(deps, job, id);
    default:
      return goOn('ended');
  }
}

function took<T>(reply: BulkReply<T>, then: (value: T) => BulkNote): Step {
  return reply.ok ? then(reply.value) : { trouble: reply.outcome };
}

async function look(deps: BulkDeps, job: BulkJob, id: string): Promise<Step> {
  const checked = await deps.writer.check(id);
  if (!checked.ok) {
    return { trouble: checked.outcome };
  }
  const standing = checked.value;
  if (standing.state === 'running') {
    const checks = job.checks + 1;
    return goOn('closed', { checks, waitMs: nextLook(checks) });
  }
  return standing.state === 'open'
    ? goOn('uploaded', { checks: job.checks + 1, waitMs: nextLook(job.checks) })
    : finish(deps, job, id, standing);
}

/** Reads what became of every row and settles its act. */
async function finish(deps: BulkDeps, job: BulkJob, id: string, standing: Standing): Promise<Step> {
  const results = await deps.writer.read(id, job, await deps.jobs.rows(job.id), standing);
  if (!results.ok) {
    return { trouble: results.outcome, isOver: true };
  }
  const message = standing.state === 'failed' ? standing.message : standing.state;
  const why = `the bulk job ${id} ended as ${standing.state} without it (${message})`;
  await settleActs(
    deps,
    job,
    'any',
    new Map([...results.value].map(([key, one]) => [key, outcomeOf(one)])),
    why,
  );
  return goOn('ended', { message });
}

function outcomeOf(result: Outcome | { state: 'ordinary'; reason: string }): Outcome {
  return result.state === 'ordinary' ? ordinary(result.reason) : result;
}

async function troubled(
  deps: BulkDeps,
  job: BulkJob,
  { trouble: outcome, isOver = false }: { trouble: Outcome; isOver?: boolean },
): Promise<BulkNote> {
  const mayRun = !isOver && (job.state === 'uploaded' || job.state === 'closed');
  const trouble = troubleOf(outcome, job.attempts, mayRun);
  const message = `${trouble.code}: ${trouble.reason}`;
  if (trouble.next === 'give_up') {
    await settleActs(deps, job, 'any', new Map(), `the bulk job was given up (${message})`);
    return goOn('ended', { message });
  }
  // What our own limiter held back was no attempt.
  const attempts = job.attempts + (trouble.code === OVER_BUDGET ? 0 : 1);
  const waitMs = Math.max(trouble.afterMs, backoff(Math.min(attempts, GIVEN_UP_AFTER), deps.random()));
  if (trouble.pause) {
    await deps.outbox.pause(deps.connection, deps.realNow() + trouble.afterMs, trouble.code, trouble.reason);
  }
  return { state: job.state, attempts, checks: job.checks, waitMs, message };
}
