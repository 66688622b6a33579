import type { Logger } from '../shared/log.ts';
import type { JobBackend } from './backend.ts';
import type { StageName, Wake } from './stages.ts';

/** Wake-ups of one stage that fall this close together (ms) are one. */
const TOGETHER = 20;
const COMPLAIN_EVERY = 60_000;

/**
 * Turns wake-ups into jobs, few of them. One that is wanted now waits `TOGETHER` for others and is queued after
 * the last of them, so that its drain sees the work of all; one that is wanted later is left out while another
 * fires no later, because a drain that finds work too early asks for the rest itself. A backend that is slow or
 * down costs the caller nothing; the sweep of the workers finds the work.
 */
export function queueWake(backend: JobBackend, logger: Logger, realNow: () => number): Wake {
  const gathering = new Set<StageName>();
  const later = new Map<StageName, number>();
  const complain = complaints(logger, realNow);

  function now(stage: StageName): void {
    if (gathering.has(stage)) {
      return;
    }
    gathering.add(stage);
    const timer = setTimeout(() => {
      gathering.delete(stage);
      backend.add(stage, 0).catch(complain);
    }, TOGETHER);
    timer.unref();
  }

  function at(stage: StageName, delayMs: number): void {
    const due = realNow() + delayMs;
    const coming = later.get(stage);
    if (coming !== undefined && coming > realNow() && coming <= due + TOGETHER) {
      return;
    }
    later.set(stage, due + TOGETHER);
    backend.add(stage, delayMs + TOGETHER).catch((error: Error) => {
      later.delete(stage);
      complain(error);
    });
  }

  return (stage, delayMs = 0) => (delayMs === 0 ? now(stage) : at(stage, delayMs));
}

/** Says that the queue is down, once a minute at most. */
function complaints(logger: Logger, realNow: () => number): (error: Error) => void {
  let complainedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (realNow() - complainedAt > COMPLAIN_EVERY) {
      complainedAt = realNow();
      logger.warn(
        { code: 'queue_down', reason: error.name },
        'wake-up not queued; the sweep will find the work',
      );
    }
  };
}
