import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';

export interface RedisServer {
  url: string;
  stop(): Promise<void>;
}

/** A Redis of a test's own; `cluster`: one node that holds every slot, which clients must speak to as a cluster. */
export async function startRedis(cluster: boolean): Promise<RedisServer> {
  const port = await freePort(cluster ? 50_000 : undefined);
  const dir = mkdtempSync(join(tmpdir(), 'pql-redis-'));
  const mode = cluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : [];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir, ...mode];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on('error', () => {});
  if (cluster) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await client.ping();
  client.disconnect();
  return {
    // A list is a cluster; the same node twice is one.
    url: cluster ? `${url},${url}` : url,
    stop: () => ended(server, dir),
  };
}

async function ended(server: ChildProcess, dir: string): Promise<void> {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill();
  await gone;
  rmSync(dir, { recursive: true, force: true });
}
