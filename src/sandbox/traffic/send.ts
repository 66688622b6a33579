import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from './delivery.ts';
import { type Credentials, requestOf, type WireRequest } from './requests.ts';

/** Where traffic goes, and with which credentials. */
export interface Target extends Credentials {
  /** `http://127.0.0.1:8080`, without a path. */
  baseUrl: string;
  /** Wait before the first retry, ms; doubled each time up to 20 times this. 100 unless given. */
  retryAfter?: number;
}

/** A sender gives up after this many tries, as the vendors do after some hours. */
const TRIES = 12;
const AT_ONCE = 12;

/** The service's answer was one after which the vendor throws the events away. */
export class Discarded extends Error {
  readonly status: number;

  constructor(path: string, status: number, answer: string) {
    super(`${path} answered ${status}: ${answer.slice(0, 200)}`);
    this.status = status;
  }
}

/**
 * Sends one delivery, and again as often as it says. Tries again when the vendor would: no answer, 408,
 * 423, 429, 5xx
 * except 501. Throws Discarded for any other answer than a success, or after the last try.
 */
export async function deliver(delivery: Delivery, target: Target): Promise<void> {
  for (let copy = 0; copy <= (delivery.repeats ?? 0); copy++) {
    await send(requestOf(delivery, target), target);
  }
}

/**
 * Sends deliveries, begun in their order, at most twelve at a time over kept connections. After a failure no
 * further one is begun; it is thrown once those under way have ended.
 */
export async function deliverAll(deliveries: readonly Delivery[], target: Target): Promise<void> {
  const waiting = deliveries.values();
  const failures: unknown[] = [];
  const lane = async () => {
    for (const delivery of waiting) {
      if (failures.length > 0) {
        return;
      }
      await deliver(delivery, target).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (failures.length > 0) {
    throw failures[0];
  }
}

async function send(request: WireRequest, { baseUrl, retryAfter = 100 }: Target): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await post(baseUrl, request);
    if (answer.status >= 200 && answer.status < 300) {
      return;
    }
    if (!isRetried(answer.status) || attempt === TRIES) {
      throw new Discarded(request.path, answer.status, answer.text);
    }
    await sleep(Math.min(retryAfter * 2 ** (attempt - 1), retryAfter * 20));
  }
}

interface Answer {
  /** 0: there was none. */
  status: number;
  text: string;
}

/** Node's fetch keeps connections open. A redirect is an answer: Segment would lose the body on its way. */
async function post(baseUrl: string, { path, headers, body }: WireRequest): Promise<Answer> {
  try {
    const response = await fetch(baseUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    return { status: path === '/2/httpapi' ? codeIn(text, response.status) : response.status, text };
  } catch (error) {
    return { status: 0, text: String((error as Error).cause ?? error) };
  }
}

/** Amplitude's SDK goes by the `code` of the answer; an answer in JSON without one is a failure to it. */
function codeIn(text: string, status: number): number {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'number' ? code : 500;
  } catch {
    return status;
  }
}

function isRetried(status: number): boolean {
  return [0, 408, 423, 429].includes(status) || (status >= 500 && status !== 501);
}
