import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Compares two secrets of any length in a time that tells nothing about either. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** Whether the secret is one of several; looks at all of them, so that the time does not tell which. */
export function isOneOf(given: string, expected: readonly string[]): boolean {
  return expected.filter((one) => sameSecret(given, one)).length > 0;
}

/** Whether `Authorization: Bearer …` or `X-Webhook-Token` holds the token. */
export function carriesToken(request: IncomingMessage, token: string): boolean {
  const { authorization = '', 'x-webhook-token': own } = request.headers;
  const bearer = /^bearer +(.+)$/i.exec(authorization)?.[1]?.trim();
  return [bearer, own].some((given) => typeof given === 'string' && sameSecret(given, token));
}

/** The user name of `Authorization: Basic …`, where the SDKs put their write key; null when there is none. */
export function basicUser(request: IncomingMessage): string | null {
  const encoded = /^basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) {
    return null;
  }
  const [user = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return user === '' ? null : user;
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
