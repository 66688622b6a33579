import { causeOf } from '../shared/cause.ts';
import type { Logger } from '../shared/log.ts';
import { within } from '../shared/within.ts';
import type { JobBackend } from './backend.ts';
import type { StageName, Wake } from './stages.ts';

/** Wake-ups of one stage that fall this close together (ms) are one. */
const TOGETHER = 20;
/**
 * So far apart (ms) are two wake-ups of a stage. A fold of a few events costs nearly what one of hundreds does, and in a steady
 * stream there are always a few.
 */
const APART: Partial<Record<StageName, number>> = { fold: 50 };
const COMPLAIN_EVERY = 60_000;

/** A backend that has not taken a wake-up within this time (ms) is not waited for. */
const PATIENCE = 1000;

export type QueueWake = Wake & {
  /** Resolves when everything asked for so far is queued, or could not be. */
  flushed(): Promise<void>;
};

/**
 * Turns wake-ups into jobs, few of them. One that is wanted now waits `TOGETHER` for others and is queued after
 * the last of them, so that its drain sees the work of all; one that is wanted later is left out while another
 * fires no later, because a drain that finds work too early asks for the rest itself.
 *
 * A backend that is slow or down costs the caller nothing: `fallback` is told then, so that a worker of this very
 * process looks by itself, and the sweep of all workers finds the work in any case.
 */
export function queueWake(
  backend: Pick<JobBackend, 'add'>,
  logger: Logger,
  realNow: () => number,
  fallback: Wake = () => {},
): QueueWake {
  const gathering = new Set<StageName>();
  const later = new Map<StageName, number>();
  const queuedAt = new Map<StageName, number>();
  const add = patientAdd(backend);
  const complain = complaints(logger, realNow);
  const underWay = new Set<Promise<void>>();

  function queueing(added: Promise<void>, failed: () => void): void {
    const done = added.catch((error: Error) => {
      failed();
      complain(error);
    });
    underWay.add(done);
    done.finally(() => underWay.delete(done));
  }

  function now(stage: StageName): void {
    if (gathering.has(stage)) {
      return;
    }
    gathering.add(stage);
    const next = (queuedAt.get(stage) ?? Number.NEGATIVE_INFINITY) + (APART[stage] ?? 0);
    const wait = Math.max(TOGETHER, next - performance.now());
    const added = new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        gathering.delete(stage);
        queuedAt.set(stage, performance.now());
        resolve(add(stage, 0));
      }, wait);
      timer.unref();
    });
    queueing(added, () => fallback(stage, 0));
  }

  function at(stage: StageName, delayMs: number): void {
    const due = realNow() + delayMs;
    const coming = later.get(stage);
    if (coming !== undefined && coming > realNow() && coming <= due + TOGETHER) {
      return;
    }
    later.set(stage, due + TOGETHER);
    queueing(add(stage, delayMs + TOGETHER), () => {
      later.delete(stage);
      fallback(stage, Math.max(0, due - realNow()));
    });
  }

  const wake: Wake = (stage, delayMs = 0) => (delayMs === 0 ? now(stage) : at(stage, delayMs));
  return Object.assign(wake, { flushed: async () => void (await Promise.all(underWay)) });
}

type Add = (stage: StageName, delayMs: number) => Promise<void>;

/** A backend that hangs is given nothing more until it has answered: its backlog would grow without bound. */
function patientAdd(backend: Pick<JobBackend, 'add'>): Add {
  const hung = new Set<StageName>();
  return (stage, delayMs) => {
    if (hung.has(stage)) {
      return Promise.reject(new Error('the queue still hangs'));
    }
    const added = backend.add(stage, delayMs).finally(() => hung.delete(stage));
    return within(PATIENCE, added, () => {
      hung.add(stage);
      throw new Error('the queue has not answered in time');
    });
  };
}

/** Says that the queue is down, once a minute at most. */
function complaints(logger: Logger, realNow: () => number): (error: Error) => void {
  let complainedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (realNow() - complainedAt > COMPLAIN_EVERY) {
      complainedAt = realNow();
      const reason = causeOf(error);
      logger.warn({ code: 'queue_down', reason }, 'wake-up not queued; the workers find the work themselves');
    }
  };
}
