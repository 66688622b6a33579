import type { IncomingMessage, ServerResponse } from 'node:http';
import { causeOf } from '../../shared/cause.ts';
import type { Intake, Visit } from '../intake.ts';
import { type Reply, refused, tryAgain } from './reply.ts';

/** Reads one request and decides on the answer. */
export type Handler = (request: IncomingMessage, visit: Visit) => Promise<Reply> | Reply;

/** Answers one request; never throws. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface ServeOptions {
  /** The route's name in metrics and logs. */
  route: string;
  /** Last change of every answer of the route, e.g. into the vendor's own error form. */
  finish?: (reply: Reply) => Reply;
}

/** Gives the handler's reply. A fault of ours is a 503: the sender keeps the events. */
export function serve(
  intake: Intake,
  handler: Handler,
  { route, finish = (reply) => reply }: ServeOptions,
): Listener {
  return async (request, response) => {
    const started = intake.now();
    const held = intake.room.enter(route);
    const reply = finish(await attempt({ ...intake, held }, handler, request, route));
    send(response, reply);
    held.leave();
    if (reply.status >= 400 && reply.status < 500 && reply.status !== 404) {
      intake.logger.warn({ route, status: reply.status }, 'request refused');
    }
    intake.metrics.request(route, reply.status, intake.now() - started);
  };
}

/** 405 for the other methods of a known path: a 404 would say that the address is wrong. */
export function methodNotAllowed(allow: string): Listener {
  const reply = refused(405, 'method_not_allowed', `Send ${allow}.`, { allow });
  return (_request, response) => send(response, reply);
}

async function attempt(
  visit: Visit,
  handler: Handler,
  request: IncomingMessage,
  route: string,
): Promise<Reply> {
  try {
    return await handler(request, visit);
  } catch (error) {
    const stack = error instanceof Error ? error.stack?.split('\n').slice(1, 4) : null;
    visit.logger.error({ route, cause: causeOf(error), stack }, 'receiver failed');
    return tryAgain('internal', 'The request could not be handled. Send it again.');
  }
}

function send(response: ServerResponse, { status, body, headers, bare }: Reply): void {
  if (response.writableEnded || response.destroyed) {
    return;
  }
  if (bare) {
    response.writeHead(status, { 'content-length': 0, ...headers }).end();
    return;
  }
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    })
    .end(text);
}
