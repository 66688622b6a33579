import type { RequestHandler } from 'express';

/**
 * What keeps a browser from doing anything with an answer but show it: no script, style, frame or guess of another type,
 * no copy, no address of it told elsewhere. No HSTS: TLS ends at the proxy in front, which alone knows that
 * it is there.
 */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** For every answer to operators, probes and strangers. Answers to senders are JSON that no browser shows. */
export const guardAnswers: RequestHandler = (_request, response, next) => {
  response.set(HEADERS);
  next();
};
