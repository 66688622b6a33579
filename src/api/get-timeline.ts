import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ReadModel } from '../read-model.ts';
import { problem, queryOf } from './problem.ts';

const query = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) });

/** `GET /api/v1/accounts/:key/timeline`: events, score changes and actions in time order. */
export function getTimeline(read: ReadModel): RequestHandler {
  return async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked === null) {
      return;
    }
    const account = await read.findAccount(String(request.params.key));
    if (account === null) {
      problem(response, 404, 'unknown_account', 'no account has or had this key');
      return;
    }
    response.json({ account: account.key, timeline: await read.timeline(account, asked.limit) });
  };
}
