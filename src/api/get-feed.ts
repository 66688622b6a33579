import type { RequestHandler } from 'express';
import { z } from 'zod';
import { type CrmSites, FEED_STATES, feedView, isFeedCursor } from '../read-model/feed.ts';
import type { ReadModel } from '../read-model.ts';
import { queryOf, queryText } from './problem.ts';

const query = z.object({
  owner: queryText.optional(),
  state: z.enum(FEED_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z
    .string()
    .refine(isFeedCursor, { error: 'a cursor that an earlier page named as its next' })
    .optional(),
});

/** `GET /api/v1/feed`: qualified accounts, the most urgent first, each with its owner and deadline, or why nobody has it. */
export function getFeed(read: ReadModel, sites: CrmSites): RequestHandler {
  return async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const { owner = null, state = null, cursor = null, limit } = asked;
      response.json(feedView(await read.feed({ owner, state, limit, cursor }), sites));
    }
  };
}
