import {
  type BackendFactory,
  createPostgresBackend,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import pg from 'pg';
import { type JobBackend, QUEUE, RETRY_DELAY, type WakeQueue, wrap } from './wakeups.ts';

/** Wake-ups on the PostgreSQL that holds the record. */
export function postgresBackend(
  config: { url: string; schema?: string },
  onError: (error: Error) => void,
): JobBackend {
  const connection = {
    connectionString: config.url,
    schema: config.schema ?? 'bullmq',
    max: 3,
    migrate: true,
    Client: ListeningClient,
  };
  const options = { connection, runRetryDelay: RETRY_DELAY } as unknown as QueueOptions & WorkerOptions;
  return wrap({
    kind: 'postgres',
    onError,
    queue: onceReady(() => {
      const queue = new Queue(QUEUE, options, factory);
      queue.on('error', onError);
      return queue;
    }),
    makeWorker: (handler, concurrency) =>
      new Worker(QUEUE, (job) => handler(job.name), { ...options, concurrency }, factory),
    reviveWorker: true,
    closeConnections: async () => {},
  });
}

/**
 * BullMQ listens for errors of idle connections only, and takes every listener off the one that waits for jobs before it ends
 * it. One that breaks while BullMQ works on it (it makes its tables when a process starts), or while it is being closed, would
 * emit an error that nobody hears, and that ends the process. The query under way fails all the same.
 */
class ListeningClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', unheard);
  }

  override removeAllListeners(event?: string | symbol): this {
    super.removeAllListeners(event);
    return this.on('error', unheard);
  }
}

function unheard(): void {}

/** The connection that waits for jobs is made from the module that BullMQ loaded, whatever `Client` its options name. */
const listening: typeof createPostgresBackend = (...made) => {
  const backend = createPostgresBackend(...made);
  Object.assign(backend.connection, { pgModule: { Client: ListeningClient } });
  return backend;
};
const factory = listening as unknown as BackendFactory;

/**
 * Opens a queue at its first use. BullMQ remembers for good that PostgreSQL could not be reached when a queue was
 * made, so that one is thrown away and the next use makes another.
 */
function onceReady<Q extends WakeQueue>(make: () => Q): () => Promise<Q> {
  let open: Promise<Q> | null = null;
  const attempt = async () => {
    const queue = make();
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      open = null;
      queue.close().catch(() => {});
      throw error;
    }
  };
  return () => {
    open ??= attempt();
    return open;
  };
}
