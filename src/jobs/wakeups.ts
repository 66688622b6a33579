import type { JobsOptions, JobType, RepeatOptions } from 'bullmq';
import { within } from '../shared/within.ts';

export type Handler = (name: string) => Promise<void>;

/** A queue of named wake-ups and the means to work on it: the same on Redis and on PostgreSQL. */
export interface JobBackend {
  kind: 'redis' | 'postgres';
  ready(): Promise<void>;
  add(name: string, delayMs: number): Promise<void>;
  /** Registers (or refreshes) a repeating wake-up. `every` in ms, or a cron `pattern` in UTC. */
  repeat(name: string, when: { every: number } | { pattern: string }): Promise<void>;
  work(handler: Handler, concurrency: number): { close(): Promise<void> };
  /** Jobs waiting and under way; throws while the backend cannot be reached. */
  pending(): Promise<number>;
  close(): Promise<void>;
}

export const QUEUE = 'pql-wakeups';

/** How long (ms) a worker waits after a lost connection; BullMQ's own default of 15 s would be late for a trigger. */
export const RETRY_DELAY = 1000;
/** How often (ms) a worker that has ended by itself is noticed. */
const REVIVE_EVERY = 5000;
/** How long (ms) a queue or a worker may take to close: with its backend away, it would wait for ever. */
const CLOSE_PATIENCE = 3000;

/** Nothing of a job is worth keeping: it only said "look now". */
const FORGET: JobsOptions = { removeOnComplete: true, removeOnFail: true };

/**
 * A failure reaches BullMQ as a stable code only: PostgreSQL refuses text with a NUL, and a job whose failure
 * cannot be stored stays active for ever.
 */
async function codedFailure(handler: Handler, name: string): Promise<void> {
  try {
    await handler(name);
  } catch {
    throw new Error('stage_failed');
  }
}

export interface WakeWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  isRunning(): boolean;
  close(): Promise<void>;
}

/** What we use of a BullMQ queue: the same whatever backend its type names. */
export interface WakeQueue {
  waitUntilReady(): Promise<unknown>;
  add(name: string, data: object, options: JobsOptions): Promise<unknown>;
  upsertJobScheduler(id: string, when: RepeatOptions, template: object): Promise<unknown>;
  getJobCounts(...types: JobType[]): Promise<Record<string, number>>;
  close(): Promise<void>;
}

export interface Parts {
  kind: JobBackend['kind'];
  onError: (error: Error) => void;
  queue: () => Promise<WakeQueue>;
  makeWorker: (handler: Handler, concurrency: number) => WakeWorker;
  /** Whether a worker that no longer runs must be made anew. */
  reviveWorker: boolean;
  closeConnections: () => Promise<void>;
}

/** The same queue of wake-ups, whatever BullMQ keeps it on. */
export function wrap({
  kind,
  onError,
  queue,
  makeWorker,
  reviveWorker,
  closeConnections,
}: Parts): JobBackend {
  let used = false;
  const open = () => {
    used = true;
    return queue();
  };
  return {
    kind,
    ready: async () => {
      await (await open()).waitUntilReady();
    },
    add: async (name, delayMs) => {
      await (await open()).add(name, {}, delayMs > 0 ? { ...FORGET, delay: delayMs } : FORGET);
    },
    repeat: async (name, when) => {
      await (await open()).upsertJobScheduler(name, when, { name, data: {}, opts: FORGET });
    },
    work: (handler, concurrency) => {
      const make = () => {
        const worker = makeWorker((name) => codedFailure(handler, name), concurrency);
        worker.on('error', onError);
        return worker;
      };
      if (reviveWorker) {
        return revived(make);
      }
      const worker = make();
      return { close: async () => void (await patiently(worker.close())) };
    },
    pending: async () => {
      const counts = await (await open()).getJobCounts('waiting', 'active');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    close: async () => {
      if (used) {
        await patiently(queue().then((opened) => opened.close()));
      }
      await closeConnections();
    },
  };
}

/** A worker that ends by itself (its first look at the database failed) is made anew. */
function revived(make: () => WakeWorker): { close(): Promise<void> } {
  let worker = make();
  const timer = setInterval(() => {
    if (!worker.isRunning()) {
      worker.close().catch(() => {});
      worker = make();
    }
  }, REVIVE_EVERY);
  return {
    close: async () => {
      clearInterval(timer);
      await patiently(worker.close());
    },
  };
}

function patiently(closing: Promise<unknown>): Promise<unknown> {
  return within(
    CLOSE_PATIENCE,
    closing.catch(() => {}),
    () => {},
  );
}
