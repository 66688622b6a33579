import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { type AdminDeps, adminRoutes } from '../api/admin.ts';
import { guardAnswers } from '../api/answer-headers.ts';
import { type Health, healthRoutes } from '../api/health.ts';
import { problem } from '../api/problem.ts';
import type { ReceiveDeps } from '../receive/config.ts';
import { receiveRoutes } from '../receive/routes.ts';

export interface HttpDeps {
  receive: ReceiveDeps;
  health: Health;
  admin: AdminDeps;
}

/** How long (ms) requests under way may take once nothing new is taken. */
export const LAST_REQUESTS = 5000;

export interface HttpServer {
  url: string;
  /**
   * For `lull` milliseconds everything is still served, each answer with `Connection: close`: a load balancer sees
   * /readyz red meanwhile and sends elsewhere, and kept connections end with an answer instead of under a request.
   * Then nothing new is taken, and what is under way may end.
   *
   * Limit: who has sent nothing over a kept connection during all that time and sends at its very end may find
   * it closed. Such a request was not acknowledged, and its sender has to repeat it.
   */
  close(lull: number): Promise<void>;
}

/** One server for senders, operators and scripts. Senders first: their bodies must be read raw. */
export async function startHttp(deps: HttpDeps, host: string, port: number): Promise<HttpServer> {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(guardAnswers);
  app.use(healthRoutes(deps.health));
  app.use('/api/v1', adminRoutes(deps.admin));
  app.use((_request, response) => {
    problem(response, 404, 'not_found', 'no such route');
  });
  app.use(failure(deps));
  const answers = answersUnderWay();
  const senders = receiveRoutes(deps.receive);
  const server = httpServer((request, response) => {
    answers.note(response);
    senders(request, response, () => app(request, response));
  });
  await listen(server, host, port);
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${bound}`,
    close: async (lull) => {
      answers.last();
      await sleep(lull);
      await close(server);
    },
  };
}

/** Answers that are not out yet. From `last` on each ends its connection: also those whose request had come before. */
function answersUnderWay(): { note(response: ServerResponse): void; last(): void } {
  const underWay = new Set<ServerResponse>();
  let isLast = false;
  return {
    note: (response) => {
      response.shouldKeepAlive &&= !isLast;
      underWay.add(response);
      response.once('close', () => underWay.delete(response));
    },
    last: () => {
      isLast = true;
      for (const response of underWay) {
        response.shouldKeepAlive = false;
      }
    },
  };
}

/**
 * How long (ms) a sender may take. Who sends slowly on purpose holds a connection until then, and of the memory only
 * what it sent; an idle connection costs some kilobytes and ends when a load balancer's would (they keep 60 s).
 */
export const PATIENCE = { headers: 10_000, request: 30_000, idle: 65_000, lookEvery: 5000 };

/** A server that outlives slow and silent senders. */
export function httpServer(listener: RequestListener, patience = PATIENCE): Server {
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    connectionsCheckingInterval: patience.lookEvery,
  };
  return createServer(options, listener);
}

/** What nobody caught: said in the log, never in the answer. */
function failure({ receive: { logger } }: HttpDeps): express.ErrorRequestHandler {
  return (error: Error & { status?: number }, _request, response, next) => {
    // What express itself refuses, e.g. a path that cannot be decoded, is the caller's fault.
    const { status } = error;
    if (status !== undefined && status >= 400 && status < 500 && !response.headersSent) {
      problem(response, status, 'bad_request', 'the request cannot be read');
      return;
    }
    logger.error({ reason: error.message }, 'request failed');
    if (response.headersSent) {
      next(error);
      return;
    }
    const unavailable = /connect|terminat|timeout|shutting down/i.test(error.message);
    response.setHeader('Retry-After', '5');
    problem(
      response,
      unavailable ? 503 : 500,
      unavailable ? 'unavailable' : 'internal',
      'the service could not answer',
    );
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} on ${host} is taken. Set PORT to another, or to 0 for any.`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Takes no new request, lets those under way end, then closes what is left. */
async function close(server: Server): Promise<void> {
  // After a look at all sockets: a request that has arrived makes its connection a busy one.
  await nextTurn();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS);
  await closed;
  clearTimeout(timer);
}
