import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from '../../support/ports.ts';

/** A redis-server that keeps nothing on disk: killed, it comes back empty, on the same port. */
export interface RedisServer {
  url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** One command on a connection of its own. */
  command(name: string, ...args: string[]): Promise<unknown>;
}

export async function startRedis(dir: string): Promise<RedisServer> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
  let server: ChildProcess | null = null;
  const url = `redis://127.0.0.1:${port}`;
  const redis: RedisServer = {
    url,
    start: async () => {
      server = spawn('redis-server', args, { stdio: 'ignore' });
      await redis.command('PING');
    },
    kill: async () => {
      const dying = server;
      server = null;
      if (dying !== null) {
        const gone = once(dying, 'exit');
        dying.kill('SIGKILL');
        await gone;
      }
    },
    command: async (name, ...rest) => {
      const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
      client.on('error', () => {});
      try {
        return await client.call(name, ...rest);
      } finally {
        client.disconnect();
      }
    },
  };
  await redis.start();
  return redis;
}
