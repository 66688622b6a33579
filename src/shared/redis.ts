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
  return new Cluster(nodes, {
    enableOfflineQueue: blocking,
    // By its name, as it was told: looked up before, a node would be an address, which no certificate names.
    dnsLookup: (name, found) => found(null, name),
    redisOptions: { maxRetriesPerRequest: null, ...timeout, ...everywhere(only) },
  });
}

/** What nodes that the cluster tells of need as well: it names hosts and ports, and nothing else. */
function everywhere(url: string | undefined): { username?: string; password?: string; tls?: object } {
  const { protocol, username, password } = new URL(url ?? 'redis://');
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
