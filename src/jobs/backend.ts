import {
  type BackendFactory,
  createPostgresBackend,
  type JobsOptions,
  type JobType,
  Queue,
  type QueueOptions,
  type RepeatOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Cluster, Redis } from 'ioredis';

/** Where BullMQ keeps its jobs. */
export type BackendConfig =
  | { kind: 'redis'; url: string; prefix?: string }
  | { kind: 'postgres'; url: string; schema?: string };

export type Handler = (name: string) => Promise<void>;

/** A queue of named wake-ups and the means to work on it: the same on Redis and on PostgreSQL. */
export interface JobBackend {
  kind: BackendConfig['kind'];
  ready(): Promise<void>;
  add(name: string, delayMs: number): Promise<void>;
  /** Registers (or refreshes) a repeating wake-up. `every` in ms, or a cron `pattern` in UTC. */
  repeat(name: string, when: { every: number } | { pattern: string }): Promise<void>;
  work(handler: Handler, concurrency: number): { close(): Promise<void> };
  /** Jobs waiting and under way; throws while the backend cannot be reached. */
  pending(): Promise<number>;
  close(): Promise<void>;
}

const QUEUE = 'pql-wakeups';

/** Nothing of a job is worth keeping: it only said "look now". */
const FORGET: JobsOptions = { removeOnComplete: true, removeOnFail: true };

export function openBackend(config: BackendConfig, onError: (error: Error) => void): JobBackend {
  return config.kind === 'redis' ? redisBackend(config, onError) : postgresBackend(config, onError);
}

function redisBackend(config: { url: string; prefix?: string }, onError: (error: Error) => void): JobBackend {
  const prefix = config.prefix ?? '{pql}';
  const connections: (Redis | Cluster)[] = [];
  const connect = (blocking: boolean) => {
    const connection = openRedis(config.url, blocking);
    connection.on('error', onError);
    connections.push(connection);
    return connection;
  };
  const queue = new Queue(QUEUE, { connection: connect(false), prefix });
  const makeWorker = (handler: Handler, concurrency: number) =>
    new Worker(QUEUE, (job) => handler(job.name), { connection: connect(true), prefix, concurrency });
  return wrap('redis', queue, makeWorker, onError, async () => {
    for (const connection of connections) {
      connection.disconnect();
    }
  });
}

/** A comma-separated list of nodes is a cluster; one address is a single server. */
function openRedis(url: string, blocking: boolean): Redis | Cluster {
  const nodes = url.split(',').map((node) => node.trim());
  const options = { maxRetriesPerRequest: null, enableOfflineQueue: blocking };
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) {
    return new Redis(only, options);
  }
  const secure = only?.startsWith('rediss:') ?? false;
  return new Cluster(nodes, {
    enableOfflineQueue: blocking,
    redisOptions: { maxRetriesPerRequest: null, ...(secure ? { tls: {} } : {}) },
  });
}

function postgresBackend(
  config: { url: string; schema?: string },
  onError: (error: Error) => void,
): JobBackend {
  const connection = {
    connectionString: config.url,
    schema: config.schema ?? 'bullmq',
    max: 3,
    migrate: true,
  };
  const factory = createPostgresBackend as unknown as BackendFactory;
  const options = { connection } as unknown as QueueOptions & WorkerOptions;
  const queue = new Queue(QUEUE, options, factory);
  const makeWorker = (handler: Handler, concurrency: number) =>
    new Worker(QUEUE, (job) => handler(job.name), { ...options, concurrency }, factory);
  return wrap('postgres', queue, makeWorker, onError, async () => {});
}

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

interface WakeWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** What we use of a BullMQ queue: the same whatever backend its type names. */
interface WakeQueue {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  add(name: string, data: object, options: JobsOptions): Promise<unknown>;
  upsertJobScheduler(id: string, when: RepeatOptions, template: object): Promise<unknown>;
  getJobCounts(...types: JobType[]): Promise<Record<string, number>>;
  close(): Promise<void>;
}

function wrap(
  kind: BackendConfig['kind'],
  queue: WakeQueue,
  makeWorker: (handler: Handler, concurrency: number) => WakeWorker,
  onError: (error: Error) => void,
  closeConnections: () => Promise<void>,
): JobBackend {
  queue.on('error', onError);
  return {
    kind,
    ready: async () => {
      await queue.waitUntilReady();
    },
    add: async (name, delayMs) => {
      await queue.add(name, {}, delayMs > 0 ? { ...FORGET, delay: delayMs } : FORGET);
    },
    repeat: async (name, when) => {
      await queue.upsertJobScheduler(name, when, { name, data: {}, opts: FORGET });
    },
    work: (handler, concurrency) => {
      const worker = makeWorker((name) => codedFailure(handler, name), concurrency);
      worker.on('error', onError);
      return { close: () => worker.close() };
    },
    pending: async () => {
      const counts = await queue.getJobCounts('waiting', 'active');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    close: async () => {
      await queue.close();
      await closeConnections();
    },
  };
}
