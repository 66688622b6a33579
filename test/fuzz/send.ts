import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { SECRETS } from './bodies.ts';
import type { Request } from './request.ts';

/** 0: the connection ended without an answer. */
export interface Answer {
  status: number;
  retryAfter: boolean;
}

/** One request, in whatever form; never rejects. */
export function send(url: string, agent: Agent, { method, path, headers, wire }: Request): Promise<Answer> {
  return new Promise((resolve) => {
    const sending = httpRequest(`${url}${path}`, {
      agent,
      method,
      headers: { ...headers, 'content-length': wire.length },
    });
    sending.on('response', (response) => {
      response.resume();
      response.on('close', () => {
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'] !== undefined,
        });
      });
    });
    sending.on('error', () => resolve({ status: 0, retryAfter: false }));
    sending.end(wire);
  });
}

export interface Target {
  url: string;
  /** After a full collection of garbage. */
  memory(): Promise<NodeJS.MemoryUsage>;
  /** How the process ended by itself; null: it did not. */
  crashed(): string | null;
  stop(): Promise<void>;
}

export async function startTarget(databaseUrl: string, dataDir: string): Promise<Target> {
  const child = fork(join(import.meta.dirname, 'target.ts'), {
    execArgv: ['--expose-gc', '--unhandled-rejections=strict'],
    env: { ...process.env, ...SECRETS, DATABASE_URL: databaseUrl, PQL_DATA_DIR: dataDir, PORT: '0' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [url] = (await once(child, 'message')) as [string];
  let ended: string | null = null;
  let stopping = false;
  child.on('exit', (code, signal) => {
    ended = stopping ? null : `it ended with ${signal ?? code}`;
  });
  return {
    url,
    memory: () => ask(child),
    crashed: () => ended,
    stop: async () => {
      if (ended === null) {
        stopping = true;
        const gone = once(child, 'exit');
        child.send('stop');
        await gone;
      }
    },
  };
}

async function ask(child: ChildProcess): Promise<NodeJS.MemoryUsage> {
  const answer = once(child, 'message');
  child.send('memory');
  const [memory] = (await answer) as [NodeJS.MemoryUsage];
  return memory;
}
