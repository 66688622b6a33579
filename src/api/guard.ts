import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { problem } from './problem.ts';

/** Failed attempts per address before it has to wait, and how long (ms) they are remembered. */
const FAILURES_MAX = 20;
const FAILURES_WINDOW = 60_000;

/**
 * Guards the admin API. With a token: `Authorization: Bearer`, compared in constant time, and a limit on
 * failures per address. Without one: loopback only, and never a request that somebody forwarded, since a proxy
 * on this machine would make the whole world look local.
 */
export function adminGuard(token: string | undefined, now: () => number): RequestHandler {
  const failures: Failures = new Map();
  return (request, response, next) => {
    const refusal =
      token === undefined ? refuseRemote(request) : refuseWrongToken(request, token, failures, now());
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

type Failures = Map<string, { count: number; since: number }>;

function refuseRemote(request: Request): Refusal | null {
  return isLocal(request) ? null : { status: 403, message: 'set ADMIN_TOKEN to use this from elsewhere' };
}

function refuseWrongToken(request: Request, token: string, failures: Failures, now: number): Refusal | null {
  const address = request.socket.remoteAddress ?? '';
  const known = failures.get(address);
  const recent =
    known !== undefined && now - known.since < FAILURES_WINDOW ? known : { count: 0, since: now };
  if (recent.count >= FAILURES_MAX) {
    return { status: 429, message: 'too many failed attempts' };
  }
  if (sameText(bearerOf(request), token)) {
    failures.delete(address);
    return null;
  }
  remember(failures, address, { count: recent.count + 1, since: recent.since });
  return { status: 401, message: 'missing or wrong bearer token' };
}

/** The map cannot grow without bound: beyond 10,000 addresses it starts anew. */
function remember(failures: Failures, address: string, entry: { count: number; since: number }): void {
  if (failures.size > 10_000) {
    failures.clear();
  }
  failures.set(address, entry);
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

function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function refuse(response: Response, { status, message }: Refusal): void {
  if (status === 429) {
    response.setHeader('Retry-After', '60');
  }
  problem(response, status, status === 401 ? 'unauthorized' : 'refused', message);
}
