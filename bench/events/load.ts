import { Pool } from 'undici';
import { eventText, type Population, type SignedBody, signedBody } from './traffic.ts';

/** What the load generator is told: which events to prepare, then where to send them. */
export type LoadOrder =
  | { order: 'prepare'; run: string; from: number; requests: number; batch: number; population: Population }
  | { order: 'send'; url: string; connections: number; perSecond?: number };

/** What one measurement found. Times in milliseconds. */
export interface LoadResult {
  seconds: number;
  /** Requests by status; 0: no answer at all. */
  statuses: Record<string, number>;
  p50: number;
  p99: number;
  /** Real time of each request's answer with its number, only when a rate was asked for. */
  answered: number[];
}

/**
 * The sender, in a process of its own: what it costs is not counted as the receiver's, and a receiver that is busy does
 * not delay the clock. Bodies are made and signed before the measurement. Each connection sends its next request
 * when the last was answered.
 */
let bodies: SignedBody[] = [];

function prepare({ run, from, requests, batch, population }: Extract<LoadOrder, { order: 'prepare' }>): void {
  const at = Date.now();
  bodies = Array.from({ length: requests }, (_, r) => {
    const first = from + r * batch;
    const events = Array.from({ length: batch }, (_, i) => eventText(run, first + i, at, population));
    return signedBody(events, batch > 1);
  });
}

async function send({
  url,
  connections,
  perSecond,
}: Extract<LoadOrder, { order: 'send' }>): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const statuses: Record<string, number> = {};
  const took: number[] = [];
  const answered: number[] = [];
  const began = performance.now();
  let next = 0;
  const sendAll = async () => {
    for (let n = next++; n < bodies.length; n = next++) {
      await due(began, n, perSecond);
      const start = performance.now();
      const status = await post(pool, bodies[n] as SignedBody);
      took.push(performance.now() - start);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (perSecond !== undefined) {
        answered[n] = Date.now();
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, sendAll));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { seconds, statuses, p50: at(0.5), p99: at(0.99), answered };
}

/** Waits for the nth request's turn at a steady rate. */
async function due(began: number, n: number, perSecond: number | undefined): Promise<void> {
  const wait = perSecond === undefined ? 0 : began + (n * 1000) / perSecond - performance.now();
  if (wait > 0) {
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function post(pool: Pool, { body, signature }: SignedBody): Promise<number> {
  return new Promise((resolve) => {
    let status = 0;
    pool.dispatch(
      {
        path: '/webhooks/segment',
        method: 'POST',
        headers: [
          'content-type',
          'application/json',
          'user-agent',
          'Segment (Actions)',
          'x-signature',
          signature,
        ],
        body,
      },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: () => {},
        onResponseEnd: () => resolve(status),
        onResponseError: () => resolve(0),
      },
    );
  });
}

process.on('message', async (told: LoadOrder) => {
  if (told.order === 'prepare') {
    prepare(told);
    process.send?.('prepared');
  } else {
    process.send?.(await send(told));
  }
});
process.on('disconnect', () => process.exit());
