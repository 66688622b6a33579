import type { RequestHandler } from 'express';
import { z } from 'zod';
import { isCursor, type ReadModel } from '../read-model.ts';
import { modelName, queryOf, queryText } from './problem.ts';

/** `GET /api/v1/accounts`: a page of accounts, highest score first. `models`: the champion first. */
export function getAccounts(read: ReadModel, models: () => readonly string[]): RequestHandler {
  const others = z.object({
    tier: queryText.optional(),
    q: queryText.optional(),
    owner: queryText.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
    cursor: z
      .string()
      .refine(isCursor, { error: 'a cursor that an earlier page named as its next' })
      .optional(),
  });
  return async (request, response) => {
    const query = others.extend({ model: modelName(models()) });
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const { tier = null, q = null, owner = null, cursor = null, model, limit } = asked;
      response.json(await read.listAccounts({ model, tier, q, owner, limit, cursor }));
    }
  };
}
