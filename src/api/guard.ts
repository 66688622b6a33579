import type { Request, RequestHandler, Response } from 'express';
import { isOneOfSecrets } from '../shared/secrets.ts';
import { type Failures, failures } from './failures.ts';
import { problem } from './problem.ts';

/**
 * Guards the admin API. With a token (or two, separated by a comma, while it is changed): `Authorization: Bearer`,
 * compared in constant time, and a limit on failures per address: whoever has failed too often waits, with the right token too,
 * since otherwise guessing could go on. Without one: loopback only, and never a request that somebody forwarded, since a proxy
 * on this machine would make the whole world look local.
 */
export function adminGuard(token: string | undefined, now: () => number): RequestHandler {
  const failed = failures(now);
  return (request, response, next) => {
    const refusal = token === undefined ? refuseRemote(request) : refuseWrongToken(request, token, failed);
    if (refusal === null) {
      next();
    } else {
      refuse(response, refusal);
    }
  };
}

interface Refusal {
  status: 401 | 403 | 429;
  message: string;
}

function refuseRemote(request: Request): Refusal | null {
  return isLocal(request) ? null : { status: 403, message: 'set ADMIN_TOKEN to use this from elsewhere' };
}

function refuseWrongToken(request: Request, token: string, failed: Failures): Refusal | null {
  const address = request.socket.remoteAddress ?? '';
  if (failed.tooMany(address)) {
    return { status: 429, message: 'too many failed attempts' };
  }
  if (isOneOfSecrets(bearerOf(request), token)) {
    return null;
  }
  failed.note(address);
  return { status: 401, message: 'missing or wrong bearer token' };
}

const PROXY_HEADERS = ['forwarded', 'via', 'x-real-ip'];

function isLocal(request: Request): boolean {
  const forwarded = Object.keys(request.headers).some(
    (name) => PROXY_HEADERS.includes(name) || name.startsWith('x-forwarded-'),
  );
  const address = request.socket.remoteAddress ?? '';
  return !forwarded && (address === '::1' || /^(::ffff:)?127\./.test(address)) && isOurPage(request);
}

/**
 * A web page that somebody opened on this machine could call us: by a name of its own that points here, or across
 * origins. Both show in what the browser sends along.
 */
function isOurPage({ headers: { host, origin } }: Request): boolean {
  const local = (url: string) => {
    const name = URL.canParse(url) ? new URL(url).hostname : '';
    return name === 'localhost' || name === '[::1]' || /^127\.[\d.]+$/.test(name);
  };
  return local(`http://${host ?? ''}`) && (origin === undefined || local(origin));
}

function bearerOf(request: Request): string {
  const [scheme, ...rest] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' ? rest.join(' ').trim() : '';
}

function refuse(response: Response, { status, message }: Refusal): void {
  if (status === 429) {
    response.setHeader('Retry-After', '60');
  }
  problem(response, status, status === 401 ? 'unauthorized' : 'refused', message);
}
