import type { RequestHandler } from 'express';
import { problem } from './problem.ts';

/**
 * `POST /api/v1/recompute`: what has expired, or with `{"all": true}` every account, which acts on what a
 * new model or a backfill made only with `"act": true`. Answers 202 with the count.
 */
export function postRecompute(recompute: (all: boolean, act: boolean) => Promise<number>): RequestHandler {
  return async (request, response) => {
    const body = request.body as { all?: unknown; act?: unknown } | undefined;
    const { all = false, act = false } = body ?? {};
    if (typeof all !== 'boolean' || typeof act !== 'boolean') {
      problem(response, 400, 'invalid_body', '"all" and "act" must be true or false');
      return;
    }
    response.status(202).json({ started: true, all, accounts: await recompute(all, act) });
  };
}
