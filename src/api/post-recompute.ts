import type { RequestHandler } from 'express';
import { problem } from './problem.ts';

/** `POST /api/v1/recompute`: what has expired, or with `{"all": true}` every account. Answers 202 with the count. */
export function postRecompute(recompute: (all: boolean) => Promise<number>): RequestHandler {
  return async (request, response) => {
    const body = request.body as { all?: unknown } | undefined;
    const all = body?.all ?? false;
    if (typeof all !== 'boolean') {
      problem(response, 400, 'invalid_body', '"all" must be true or false');
      return;
    }
    response.status(202).json({ started: true, all, accounts: await recompute(all) });
  };
}
