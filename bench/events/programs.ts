import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '../../src/store/embedded/free-port.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { SECRET } from './traffic.ts';

/** A program that a benchmark started. */
export interface Program {
  url: string;
  pid: number;
  /** Sends a message and gives the answer; only for the benchmark's own programs. */
  ask(message: object | string): Promise<unknown>;
  stop(): Promise<void>;
}

/** A Redis in memory only: the baselines' best case. null: there is no redis-server on this machine. */
export async function startRedis(): Promise<Program | null> {
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const absent = await Promise.race([
    once(child, 'spawn').then(() => false),
    once(child, 'error').then(() => true),
  ]);
  if (absent) {
    console.log(
      'SKIPPED: the baselines on Redis. There is no redis-server here; install the package redis-server.',
    );
    return null;
  }
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
  return program(url, child);
}

/** The service as it is started in production, in a process of its own. */
export async function startService(role: string, env: Record<string, string>): Promise<Program> {
  const file = fileURLToPath(new URL('../../src/cli/pql.ts', import.meta.url));
  const flags = process.env.BENCH_NODE_FLAGS?.split(' ') ?? [];
  const child = spawn(process.execPath, [...flags, file, 'start', '--role', role, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'warn', SEGMENT_WEBHOOK_SECRET: SECRET, ...env },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes('\n')) {
        resolve((JSON.parse(text.slice(0, text.indexOf('\n'))) as { url: string }).url);
      }
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
  return program(url, child);
}

/** One of the benchmark's own servers, by its file; it tells its address when it is up. */
export async function startOwn(file: string, args: readonly string[]): Promise<Program> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (told) => resolve((told as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return program(url, child);
}

/** The sender. */
export interface Load {
  prepare(order: Omit<Extract<LoadOrder, { order: 'prepare' }>, 'order'>): Promise<void>;
  send(order: Omit<Extract<LoadOrder, { order: 'send' }>, 'order'>): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function startLoad(): Load {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)));
  const ask = async (order: LoadOrder) => {
    child.send(order);
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    prepare: async (order) => void (await ask({ order: 'prepare', ...order })),
    send: async (order) => (await ask({ order: 'send', ...order })) as LoadResult,
    stop: () => ended(child),
  };
}

function program(url: string, child: ChildProcess): Program {
  return {
    url,
    pid: child.pid ?? 0,
    ask: async (message) => {
      child.send(message);
      const [answer] = await once(child, 'message');
      return answer;
    },
    stop: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill();
    await once(child, 'exit');
  }
}
