import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { DAY, SECOND } from '../../shared/time.ts';
import { HubspotError } from './errors.ts';
import type { Portal } from './portal.ts';

/** Dated paths answer like those they replace: `/crm/objects/2026-09/tasks` is `/crm/v3/objects/tasks`. */
export const datedPaths: RequestHandler = (request, response, next) => {
  const [, root, area, rest = ''] =
    /^\/(crm|marketing)\/([a-z]+)\/20\d\d-\d\d(?![^/?])(.*)$/.exec(request.url) ?? [];
  if (area !== undefined) {
    const version = area === 'associations' || rest.includes('/associations/') ? 'v4' : 'v3';
    request.url = `/${root}/${version}/${area}${rest}`;
    response.locals.dated = true;
  }
  request.url = request.url.replace(/^\/account-info\/20\d\d-\d\d\//, '/account-info/v3/');
  next();
};

/** Mails ask for a scope of their own, beside that of contacts. */
export function emailScope(portal: Portal): RequestHandler {
  return (_request, _response, next) => {
    if (!portal.settings.emailScope) {
      throw new HubspotError(403, 'MISSING_SCOPES', 'This app has no scope to read emails.', {
        context: { missingScopes: ['sales-email-read'] },
      });
    }
    next();
  };
}

/** What two batches answer on success: 201 in v3 and v4, 200 on dated paths. */
export function madeStatus(response: Response): 200 | 201 {
  return response.locals.dated === true ? 200 : 201;
}

/** Rejects a call without a token, counts the others against the portal's day, and says so in the headers. */
export function gate(portal: Portal): RequestHandler {
  const counts = { day: 0, ofDay: -1, window: 0, ofWindow: -1 };
  const searches: number[] = [];
  const calls: number[] = [];
  return (request, response, next) => {
    const { accessToken, dailyLimit, burstLimit } = portal.settings;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || (accessToken !== null && token !== accessToken)) {
      throw new HubspotError(
        401,
        'INVALID_AUTHENTICATION',
        'Authentication credentials not found or not valid.',
      );
    }
    count(counts, portal.now());
    if (!request.path.endsWith('/search')) {
      response.set({
        'X-HubSpot-RateLimit-Max': String(burstLimit),
        'X-HubSpot-RateLimit-Remaining': String(Math.max(0, burstLimit - counts.window)),
        'X-HubSpot-RateLimit-Interval-Milliseconds': String(10 * SECOND),
      });
    }
    response.set({
      'X-HubSpot-RateLimit-Daily': String(dailyLimit),
      'X-HubSpot-RateLimit-Daily-Remaining': String(Math.max(0, dailyLimit - counts.day)),
    });
    if (counts.day > dailyLimit) {
      response.status(429).json(DAILY_LIMIT);
      return;
    }
    if (portal.settings.limits === 'enforced') {
      const isSearch = request.path.endsWith('/search');
      const [taken, limit, span] = isSearch
        ? [searches, portal.settings.searchLimit, SECOND]
        : [calls, burstLimit, 10 * SECOND];
      if (isOver(taken, limit, span, portal.now())) {
        response.status(429).json(isSearch ? SECONDLY_LIMIT : ROLLING_LIMIT);
        return;
      }
    }
    next();
  };
}

export const DAILY_LIMIT = {
  status: 'error',
  message: 'You have reached your daily limit.',
  errorType: 'RATE_LIMIT',
  correlationId: 'c033cdaa-2c40-4a64-ae48-b4cec88dad24',
  policyName: 'DAILY',
  requestId: '3d3e35b7-0dae-4b9f-a6e3-9c230cbcf8dd',
};

const ROLLING_LIMIT = {
  status: 'error',
  message: 'You have reached your ten_secondly_rolling limit.',
  errorType: 'RATE_LIMIT',
  correlationId: '62f9a4b5-3e6f-4f4c-9a6c-9c9d0f1f2a11',
  policyName: 'TEN_SECONDLY_ROLLING',
};

/** As recorded of searches: no policy name, no rate headers. */
const SECONDLY_LIMIT = {
  status: 'error',
  message: 'You have reached your secondly limit.',
  correlationId: '0d7b9f5e-55a3-4b9f-8a35-4f1a3d3a7c10',
  category: 'RATE_LIMITS',
};

/** Whether one more is too many within the span (ms) that ends now; if not, it is counted. */
function isOver(taken: number[], limit: number, span: number, now: number): boolean {
  while ((taken[0] ?? now) <= now - span) {
    taken.shift();
  }
  if (taken.length >= limit) {
    return true;
  }
  taken.push(now);
  return false;
}

function count(counts: { day: number; ofDay: number; window: number; ofWindow: number }, now: number): void {
  const [day, window] = [Math.floor(now / DAY), Math.floor(now / (10 * SECOND))];
  counts.day = counts.ofDay === day ? counts.day + 1 : 1;
  counts.window = counts.ofWindow === window ? counts.window + 1 : 1;
  counts.ofDay = day;
  counts.ofWindow = window;
}

export const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  const known =
    error instanceof HubspotError
      ? error
      : isParseError(error)
        ? new HubspotError(400, 'VALIDATION_ERROR', 'Invalid input JSON')
        : new HubspotError(500, 'INTERNAL_ERROR', `internal error: ${String(error)}`);
  response.status(known.status).json(known.body());
};

function isParseError(error: unknown): boolean {
  return typeof (error as { type?: unknown }).type === 'string';
}
