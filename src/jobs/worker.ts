import { causeOf } from '../shared/cause.ts';
import type { Logger } from '../shared/log.ts';
import type { JobBackend } from './backend.ts';
import type { Stage, StageName, Wake } from './stages.ts';

export interface WorkerOptions {
  backend: JobBackend;
  stages: Stage[];
  wake: Wake;
  logger: Logger;
  /** How often everything is looked at without any wake-up, in ms. */
  sweepEvery?: number;
  /** Registers the repeating wake-ups too. */
  schedule: boolean;
  /**
   * false: takes no jobs, only sweeps. A process that lacks some of the stages must not take their wake-ups away
   * from those that have them.
   */
  consume?: boolean;
}

export interface RunningWorker {
  /** Drains one stage here and now. */
  drain(stage: StageName): Promise<void>;
  /** Drains one stage later, without the queue. */
  drainLater: Wake;
  /** Finishes what is under way and stops. */
  close(): Promise<void>;
}

const SWEEP_EVERY = 10_000;
const DUE_EVERY = 15_000;
/** The daily recompute is the due sweep: whatever lost its validity at midnight is scored again. */
const DAILY = 'daily';

/**
 * Works on wake-ups, and sweeps the database from a plain timer: with the queue down or emptied, the sweep
 * alone drains everything (I7). The schedulers are registered again at every sweep, so that a Redis that lost
 * them has them back within seconds.
 */
export function startWorker(options: WorkerOptions): RunningWorker {
  const { backend, stages, logger } = options;
  const runners = new Map(stages.map((stage) => [stage.name, runner(stage, options)]));
  let closed = false;
  const drain = async (name: string) => {
    if (!closed) {
      await runners.get(name as StageName)?.drain();
    }
  };
  /** A job whose stage is at work already ends at once: held until then, a few would keep every other stage out. */
  const answer = async (name: string) => {
    const run = runners.get((name === DAILY ? 'due' : name) as StageName);
    if (run?.lookAgain() === false && !closed) {
      await run.drain();
    }
  };
  const take = () => backend.work(answer, stages.length);
  const worker = options.consume === false ? null : take();
  const later = timers(drain);
  const sweep = () => {
    for (const stage of stages) {
      void drain(stage.name);
    }
    if (options.schedule) {
      register(backend).catch((error: Error) =>
        logger.debug({ reason: causeOf(error) }, 'schedules not registered'),
      );
    }
  };
  sweep();
  const timer = setInterval(sweep, options.sweepEvery ?? SWEEP_EVERY);
  return {
    drain,
    drainLater: later.set,
    close: async () => {
      closed = true;
      clearInterval(timer);
      later.clear();
      await worker?.close();
      await Promise.all([...runners.values()].map((run) => run.ended()));
    },
  };
}

/** At most one timer for each stage, at the earliest instant that was asked for. */
function timers(drain: (stage: StageName) => Promise<void>): { set: Wake; clear(): void } {
  const set = new Map<StageName, { at: number; timer: NodeJS.Timeout }>();
  return {
    set: (stage, delayMs = 0) => {
      const at = performance.now() + delayMs;
      const known = set.get(stage);
      if (known !== undefined && known.at <= at) {
        return;
      }
      clearTimeout(known?.timer);
      const timer = setTimeout(() => {
        set.delete(stage);
        void drain(stage);
      }, delayMs);
      set.set(stage, { at, timer });
    },
    clear: () => {
      for (const { timer } of set.values()) {
        clearTimeout(timer);
      }
      set.clear();
    },
  };
}

async function register(backend: JobBackend): Promise<void> {
  await backend.repeat('due', { every: DUE_EVERY });
  await backend.repeat(DAILY, { pattern: '10 0 0 * * *' });
}

interface Runner {
  drain(): Promise<void>;
  /** Makes the drain under way look once more when it is through; false: none is under way. */
  lookAgain(): boolean;
  /** Resolves when the drain under way, if any, has ended. */
  ended(): Promise<void>;
}

/** One drain at a time per stage and process; a call during a drain makes it look once more. */
function runner(stage: Stage, { wake, logger }: WorkerOptions): Runner {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async () => {
    do {
      again = false;
      try {
        const next = await stage.drain();
        if (next !== null) {
          wake(stage.name, next);
        }
      } catch (error) {
        logger.error(
          { stage: stage.name, reason: (error as Error).message },
          'stage failed; it will be tried again',
        );
      }
    } while (again);
  };
  const lookAgain = () => {
    again = running !== null;
    return again;
  };
  const drain = () => {
    if (running !== null && lookAgain()) {
      return running;
    }
    running = run().finally(() => {
      running = null;
    });
    return running;
  };
  return { drain, lookAgain, ended: async () => running ?? undefined };
}
