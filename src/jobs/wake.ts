import type { Logger } from '../shared/log.ts';
import type { JobBackend } from './backend.ts';
import type { StageName, Wake } from './stages.ts';

/** Wake-ups of one stage that fall this close together (ms) are one. */
const TOGETHER = 20;
const COMPLAIN_EVERY = 60_000;

/**
 * Turns wake-ups into jobs, few of them: while one is already on its way that fires no later, another adds
 * nothing. A backend that is slow or down costs the caller nothing; the sweep of the workers finds the work.
 */
export function queueWake(backend: JobBackend, logger: Logger, realNow: () => number): Wake {
  const pending = new Map<StageName, number>();
  let complainedAt = Number.NEGATIVE_INFINITY;
  return (stage, delayMs = 0) => {
    const now = realNow();
    const due = now + delayMs;
    const coming = pending.get(stage);
    if (coming !== undefined && coming > now && coming <= due + TOGETHER) {
      return;
    }
    pending.set(stage, due + TOGETHER);
    backend.add(stage, delayMs + (delayMs === 0 ? 0 : TOGETHER)).catch((error: Error) => {
      pending.delete(stage);
      if (realNow() - complainedAt > COMPLAIN_EVERY) {
        complainedAt = realNow();
        logger.warn(
          { code: 'queue_down', reason: error.name },
          'wake-up not queued; the sweep will find the work',
        );
      }
    });
  };
}
