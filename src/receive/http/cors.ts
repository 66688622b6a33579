import type { Reply } from './reply.ts';
import type { Listener } from './serve.ts';

/** SDKs in browsers send from any page; the write key is public by nature. */
const ANY_ORIGIN = { 'access-control-allow-origin': '*' };

export function readableAnywhere(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, ...ANY_ORIGIN } };
}

/** Answers the question that browsers ask before they send JSON or an Authorization header elsewhere. */
export const preflight: Listener = (request, response) => {
  response
    .writeHead(204, {
      ...ANY_ORIGIN,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? 'authorization, content-type, content-encoding',
      'access-control-max-age': '86400',
      vary: 'access-control-request-headers',
    })
    .end();
};
