import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { Transport } from 'jsforce/lib/transport.js';

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

  /** @param seen is told of every answer, whatever it says */
  constructor(timeoutMs: number, seen: Seen = () => {}) {
    super();
    this.timeoutMs = timeoutMs;
    this.seen = seen;
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
    answerTo(request, this.timeoutMs, this.seen).then(
      (answer) => stream.emit('complete', answer),
      (error: unknown) => stream.emit('error', error),
    );
  }
}

async function answerTo(
  { method, url, headers, body }: Request,
  timeoutMs: number,
  seen: Seen,
): Promise<Answer> {
  // jsforce listens only once this call has returned.
  await wait(0);
  const sentAt = Date.now();
  const response = await fetch(url, {
    method,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  seen(response.headers, sentAt);
  if (response.status > 300 && response.status < 400) {
    throw Object.assign(new Error(`the org answers from another address (HTTP ${response.status})`), {
      name: 'REDIRECTED',
    });
  }
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers.entries()),
    body: await response.text(),
  };
}
