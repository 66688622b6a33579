import type { IncomingMessage } from 'node:http';
import { isOneOfSecrets } from '../../shared/secrets.ts';

/** Whether `Authorization: Bearer …` or `X-Webhook-Token` holds the token, or one of several separated by commas. */
export function carriesToken(request: IncomingMessage, token: string): boolean {
  const { authorization = '', 'x-webhook-token': own } = request.headers;
  const bearer = /^bearer +(\S.*)/i.exec(authorization)?.[1]?.trim();
  return [bearer, own].some((given) => typeof given === 'string' && isOneOfSecrets(given, token));
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
