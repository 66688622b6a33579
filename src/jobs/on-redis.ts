import { Queue, Worker } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { openRedis } from '../shared/redis.ts';
import { within } from '../shared/within.ts';
import { type JobBackend, QUEUE, RETRY_DELAY, wrap } from './wakeups.ts';

/** Wake-ups on one Redis or a cluster of them. */
export function redisBackend(
  config: { url: string; prefix?: string },
  onError: (error: Error) => void,
): JobBackend {
  // The braces keep all keys of the queue on one node of a cluster.
  const prefix = config.prefix ?? '{pql}';
  const connections: (Redis | Cluster)[] = [];
  const connect = (blocking: boolean) => {
    const connection = openRedis(config.url, blocking);
    connection.on('error', onError);
    connections.push(connection);
    return connection;
  };
  const queue = new Queue(QUEUE, { connection: connect(false), prefix });
  queue.on('error', onError);
  return wrap({
    kind: 'redis',
    onError,
    queue: async () => queue,
    makeWorker: (handler, concurrency) => {
      const worker = new Worker(QUEUE, (job) => handler(job.name), {
        connection: connect(true),
        prefix,
        concurrency,
        runRetryDelay: RETRY_DELAY,
        autorun: false,
      });
      // Not before: refused at its first command (an ACL without INFO), it would ask again and again without a pause, and
      // nothing else in the process would ever be served.
      worker
        .waitUntilReady()
        .then(() => worker.run())
        .catch(onError);
      return worker;
    },
    // ioredis connects again by itself, and BullMQ's worker with it.
    reviveWorker: false,
    closeConnections: async () => {
      for (const connection of connections) {
        connection.disconnect();
      }
    },
  });
}

/** Whether Redis answers, within `patience` ms, what BullMQ asks first; throws why not. */
export async function pingRedis(url: string, patience: number): Promise<void> {
  const connection = openRedis(url, true);
  const broken = new Promise<never>((_, reject) => connection.on('error', reject));
  try {
    await within(patience, Promise.race([connection.info('server'), broken]), () => {
      throw new Error(`no answer within ${patience / 1000} seconds`);
    });
  } finally {
    connection.disconnect();
  }
}
