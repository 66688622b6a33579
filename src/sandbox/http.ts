import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { type Clock, systemClock } from '../shared/clock.ts';
import { DataFile } from './data-file.ts';
import { type Fault, FaultList, type Faults } from './faults.ts';

/** One HTTP call as it came in. Never holds a header: a log must not keep a token. */
export interface Call {
  at: number;
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  /** null when the connection was reset or left hanging. */
  status: number | null;
}

/** One change a call made to one record. */
export interface Write {
  at: number;
  op: 'create' | 'update' | 'archive' | 'associate' | 'add' | 'remove';
  object: string;
  id: string;
  fields: Record<string, unknown>;
}

export interface SandboxOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  clock?: Clock;
  faults?: Fault[];
  /** The vendor's routes. Faults, the call log and the parsers of JSON, forms and text stand before them. */
  routes: Router;
  /** How the vendor answers what a route or a parser throws. */
  onError?: ErrorRequestHandler;
  /** `GET /__sandbox/records/<object>`. */
  records: (object: string) => unknown[];
  /** Where records live between runs, and how they are taken and given back. */
  persist?: { file: string; save: () => unknown; load: (saved: unknown) => void } | undefined;
}

export interface Sandbox {
  readonly url: string;
  readonly faults: Faults;
  /** The latest calls, oldest first, at most CALLS_KEPT. `/__sandbox` itself is not logged. */
  calls(): Call[];
  writes(): Write[];
  /** To be called by the routes for every change to a record: logs it and saves the data file soon. */
  wrote(write: Omit<Write, 'at'>): void;
  /** Forgets the logged calls and writes, not the records. */
  forgetLog(): void;
  close(): Promise<void>;
}

export const CALLS_KEPT = 100_000;

/** The vendor fault that hits this call, if its name is `name`. */
export function vendorFault(response: Response, name: string): Fault | null {
  const fault = response.locals.fault as Fault | null | undefined;
  return fault?.vendor === name ? fault : null;
}

/**
 * Starts a stand-in for a CRM: the vendor's routes behind programmable faults, with a log of calls and writes.
 * `/__sandbox` on the same port: GET records/<object>, calls, writes, faults; POST and DELETE faults; DELETE log.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const faults = new FaultList();
  for (const fault of options.faults ?? []) {
    faults.add(fault);
  }
  const calls: Call[] = [];
  const writes: Write[] = [];
  const { persist } = options;
  const file = persist === undefined ? null : new DataFile(persist.file, persist.save);
  const saved = await file?.load();
  if (persist !== undefined && saved !== undefined) {
    persist.load(saved);
  }
  const log = { calls, writes, faults, records: options.records };
  // Room for a URI that is longer than a vendor takes, so that the vendor's routes refuse it and not Node.
  const server = createServer({ maxHeaderSize: 64 * 1024 }, application(options, clock, log));
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    faults,
    calls: () => [...calls],
    writes: () => [...writes],
    wrote: (write) => {
      keep(writes, { at: clock.now(), ...write });
      file?.touch();
    },
    forgetLog: () => forget(log),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await file?.flush();
    },
  };
}

interface Log {
  calls: Call[];
  writes: Write[];
  faults: FaultList;
  records: (object: string) => unknown[];
}

function application(options: SandboxOptions, clock: Clock, log: Log): express.Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use('/__sandbox', inspection(log));
  app.use(async (request, response, next) => {
    const call: Call = {
      at: clock.now(),
      method: request.method,
      path: request.path,
      query: request.url.split('?')[1] ?? '',
      status: null,
    };
    keep(log.calls, call);
    response.on('finish', () => {
      call.status = response.statusCode;
    });
    const { delayMs, fault } = log.faults.take(request.method, request.path);
    if (delayMs > 0) {
      await sleep(delayMs);
    }
    response.locals.fault = fault;
    if (!interfere(request, response, fault)) {
      next();
    }
  });
  app.use(express.json({ limit: '50mb', strict: false }));
  app.use(express.urlencoded({ limit: '50mb', extended: false }));
  app.use(express.text({ limit: '200mb', type: () => true }));
  app.use(options.routes);
  if (options.onError !== undefined) {
    app.use(options.onError);
  }
  return app;
}

/** true when the fault has taken the call over and the routes must not see it. */
function interfere(request: Request, response: Response, fault: Fault | null): boolean {
  if (fault?.reset === 'before') {
    request.socket.resetAndDestroy();
    return true;
  }
  if (fault?.reply !== undefined) {
    send(response, fault.reply);
    return true;
  }
  const { end } = response;
  if (fault?.reset === 'after') {
    response.end = () => {
      request.socket.resetAndDestroy();
      return response;
    };
  }
  const instead = fault?.replyAfter;
  if (instead !== undefined) {
    response.end = () => {
      response.end = end;
      send(response, instead);
      return response;
    };
  }
  return fault?.hang === true;
}

/** Sends exactly these headers: a reply without a Content-Type stays without one. */
function send(response: Response, reply: NonNullable<Fault['reply']>): void {
  const isText = typeof reply.body === 'string';
  for (const name of response.getHeaderNames()) {
    response.removeHeader(name);
  }
  response.statusCode = reply.status;
  if (!isText && reply.body !== undefined) {
    response.setHeader('content-type', 'application/json;charset=utf-8');
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    response.setHeader(name, value);
  }
  response.end(isText || reply.body === undefined ? reply.body : JSON.stringify(reply.body));
}

function inspection(log: Log): Router {
  const router = express.Router();
  router.use(express.json());
  router.get('/calls', (_request, response) => void response.json(log.calls));
  router.get('/writes', (_request, response) => void response.json(log.writes));
  router.get('/records/:object', (request, response) => {
    response.json(log.records(request.params.object));
  });
  router.get('/faults', (_request, response) => void response.json(log.faults.list()));
  router.post('/faults', (request, response) => {
    try {
      log.faults.add(request.body as Fault);
      response.status(201).json(log.faults.list());
    } catch (error) {
      response.status(400).json({ error: (error as Error).message });
    }
  });
  router.delete('/faults', (_request, response) => {
    log.faults.clear();
    response.status(204).end();
  });
  router.delete('/log', (_request, response) => {
    forget(log);
    response.status(204).end();
  });
  return router;
}

function forget(log: Log): void {
  log.calls.length = 0;
  log.writes.length = 0;
}

function keep<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > CALLS_KEPT) {
    list.splice(0, CALLS_KEPT / 10);
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
