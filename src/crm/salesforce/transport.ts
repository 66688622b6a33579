import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { Transport } from 'jsforce/lib/transport.js';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { type Day, OVER_BUDGET } from '../../sync/budget.ts';
import type { Calls } from '../../sync/calls.ts';
import { dayToldBy } from './limits.ts';
import { isRedirect, REDIRECTED } from './outcomes.ts';

interface Request {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** The origins that requests may go to, the token with them. */
export type Origins = ReadonlySet<string>;

/** Headers of an answer, and when (ms) its request was sent. */
export type Seen = (headers: Headers, sentAt: number) => void;

/**
 * The wire below jsforce's request layer. Its own (3.10.26) ends the whole process when a connection breaks in the
 * middle of an answer (the error of the body's stream has no listener), keeps time only until the headers, repeats
 * GETs by itself, and follows redirects with the token still in the header. This one reads the whole answer within
 * one time limit, once.
 */
export class WholeAnswerTransport extends Transport {
  private readonly timeoutMs: number;
  private readonly seen: Seen;
  private readonly calls: Calls;
  private readonly origins: Origins;

  /**
   * @param seen is told of every answer, whatever it says
   * @param calls is asked before every request; one that it holds back fails as `over_budget`
   * @param origins nothing is sent elsewhere, whatever an answer names as the next address
   */
  constructor(timeoutMs: number, seen: Seen, calls: Calls, origins: Origins) {
    super();
    this.timeoutMs = timeoutMs;
    this.seen = seen;
    this.calls = calls;
    this.origins = origins;
  }

  /** jsforce listens for `complete` and `error` of the stream, and for nothing else. */
  override getRequestStreamCreator() {
    return (request: unknown) => {
      const { method, body } = request as Request;
      const piped = method === 'PUT' && body === undefined;
      const stream = piped ? this.sendWhenWritten(request as Request) : new PassThrough();
      if (!piped) {
        this.send(request as Request, stream);
      }
      return stream;
    };
  }

  /** A bulk job's data is written into the stream; it is sent when all of it is there. */
  private sendWhenWritten(request: Request): Duplex {
    const chunks: Buffer[] = [];
    const stream: Duplex = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
      final: (done) => {
        this.send({ ...request, body: Buffer.concat(chunks).toString('utf8') }, stream);
        done();
      },
    });
    return stream;
  }

  private send(request: Request, stream: Duplex): void {
    inTurn(this.calls, (seen) =>
      answerTo(request, this.timeoutMs, this.origins, (headers, sentAt) => {
        seen(headers);
        this.seen(headers, sentAt);
      }),
    ).then(
      (answer) => stream.emit('complete', answer),
      (error: unknown) => stream.emit('error', error),
    );
  }
}

/** One request in its turn, and the limiter told how it ended. */
async function inTurn<T>(calls: Calls, send: (seen: (headers: Headers) => void) => Promise<T>): Promise<T> {
  // jsforce listens only once this call has returned.
  await wait(0);
  const turn = await calls.turn('call');
  if (!turn.go) {
    throw Object.assign(new Error(turn.reason), { name: OVER_BUDGET });
  }
  let day: Day | null = null;
  let lost = false;
  try {
    return await send((headers) => {
      day = dayToldBy(headers.get('sforce-limit-info'), Date.now());
    });
  } catch (error) {
    lost = (error as Error).name === 'TimeoutError';
    throw error;
  } finally {
    await turn.done({ told: { day, burst: null }, lost });
  }
}

async function answerTo(
  { method, url, headers, body }: Request,
  timeoutMs: number,
  origins: Origins,
  seen: Seen,
): Promise<Answer> {
  if (!origins.has(new URL(url).origin)) {
    throw elsewhere('an answer names an address outside of the org');
  }
  const sentAt = Date.now();
  const response = await fetch(url, {
    method,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  seen(response.headers, sentAt);
  if (isRedirect(response.status)) {
    throw elsewhere(`the org answers from another address (HTTP ${response.status})`);
  }
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers.entries()),
    body: response.ok
      ? await response.text()
      : withoutSecrets(withCode(await response.text(), response.status), { headers, body }),
  };
}

/** Salesforce's own errors name a code. Of a gateway's JSON, which names none, jsforce would forget the HTTP status. */
function withCode(text: string, status: number): string {
  const { message, errorCode } = firstError(text);
  return typeof message === 'string' && typeof errorCode !== 'string'
    ? JSON.stringify([{ errorCode: `ERROR_HTTP_${status}`, message }])
    : text;
}

function firstError(text: string): JsonObject {
  try {
    const [first] = [JSON.parse(text) as Json].flat();
    return isJsonObject(first) ? first : {};
  } catch {
    return {};
  }
}

/** What a refusal says is logged and stored; it must not say back the credentials that it was sent. */
function withoutSecrets(
  text: string,
  { headers, body }: { headers?: Request['headers'] | undefined; body?: string | undefined },
): string {
  const form = new URLSearchParams(body ?? '');
  const sent = [headers?.Authorization?.split(' ')[1], form.get('client_secret'), form.get('assertion')];
  return sent.reduce<string>((hidden, one) => (one ? hidden.replaceAll(one, '[hidden]') : hidden), text);
}

/** Fails as a redirect does: whoever reads it must look at the address. */
export function elsewhere(message: string): Error {
  return Object.assign(new Error(message), { name: REDIRECTED });
}
