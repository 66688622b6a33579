import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { segmentHeaders } from './receiver.ts';

/** What one attempt came to: a status, or why there was no answer. */
export type Attempt = number | string;

/**
 * A simple load balancer and the sender behind it: kept connections, turns among the receivers whose /readyz was green when it
 * last looked, no repeats of its own.
 */
export interface Balancer {
  /** One call, signed as Segment signs. */
  send(call: object): Promise<Attempt>;
  /** How many receivers were green when it last looked. */
  green(): number;
  close(): void;
}

const LOOK_EVERY = 200;

export function balancer(urls: readonly string[]): Balancer {
  const targets = urls.map((url) => ({
    url,
    agent: new Agent({ keepAlive: true, maxSockets: 4 }),
    green: true,
  }));
  let turn = 0;
  let closed = false;
  const look = async () => {
    for (; !closed; await sleep(LOOK_EVERY)) {
      await Promise.all(
        targets.map(async (target) => {
          target.green = await isGreen(target.url);
        }),
      );
    }
  };
  void look();
  return {
    send: (call) => {
      const green = targets.filter((target) => target.green);
      const target = green[turn++ % Math.max(1, green.length)];
      return target === undefined
        ? Promise.resolve('no receiver is ready')
        : post(target.url, target.agent, call);
    },
    green: () => targets.filter((target) => target.green).length,
    close: () => {
      closed = true;
      for (const { agent } of targets) {
        agent.destroy();
      }
    },
  };
}

async function isGreen(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(2000),
    });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

function post(url: string, agent: Agent, call: object): Promise<Attempt> {
  const body = JSON.stringify(call);
  return new Promise((resolve) => {
    const sent = request(`${url}/webhooks/segment`, { method: 'POST', agent, headers: segmentHeaders(body) });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)));
    sent.end(body);
  });
}
