import { Cluster, Redis } from 'ioredis';

/**
 * A comma-separated list of nodes is a cluster; one address is a single server.
 *
 * @param blocking commands wait while the connection is away, instead of failing at once
 * @param patience longest wait for one answer, ms; none when absent
 */
export function openRedis(url: string, blocking: boolean, patience?: number): Redis | Cluster {
  const nodes = url.split(',').map((node) => node.trim());
  const timeout = patience === undefined ? {} : { commandTimeout: patience };
  const options = { maxRetriesPerRequest: null, enableOfflineQueue: blocking, ...timeout };
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) {
    return new Redis(only, options);
  }
  const secure = only?.startsWith('rediss:') ?? false;
  return new Cluster(nodes, {
    enableOfflineQueue: blocking,
    redisOptions: { maxRetriesPerRequest: null, ...timeout, ...(secure ? { tls: {} } : {}) },
  });
}
