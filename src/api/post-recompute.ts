import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Recomputed } from '../read-model/recompute.ts';
import { problem } from './problem.ts';

const bodySchema = z
  .object({
    all: z.boolean().default(false),
    act: z.boolean().default(false),
    account: z.string().optional(),
  })
  .prefault({});

/**
 * `POST /api/v1/recompute`: what has expired; with `{"all": true}` every account, with `{"account": "acct-7"}` one. Either acts on
 * what a new model, a merge or a backfill made only with `"act": true`. Answers 202 with the count, 404 for a key nobody has.
 */
export function postRecompute(
  recompute: (what: Recomputed, act: boolean) => Promise<number>,
): RequestHandler {
  return async (request, response) => {
    const body = bodySchema.safeParse(request.body);
    if (!body.success) {
      problem(response, 400, 'invalid_body', '"all" and "act" must be true or false, "account" a text');
      return;
    }
    const { all, act, account } = body.data;
    if (all && account !== undefined) {
      problem(response, 400, 'invalid_body', '"all" or "account", not both');
      return;
    }
    const accounts = await recompute(account === undefined ? (all ? 'all' : 'due') : { account }, act);
    if (account !== undefined && accounts === 0) {
      problem(response, 404, 'unknown_account', 'no account has or had this key');
      return;
    }
    response.status(202).json({ started: true, all, accounts });
  };
}
