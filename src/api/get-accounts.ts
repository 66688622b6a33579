import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ReadModel } from '../read-model.ts';
import { queryOf } from './problem.ts';

const query = z.object({
  model: z.string().optional(),
  tier: z.string().optional(),
  q: z.string().optional(),
  owner: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().optional(),
});

/** `GET /api/v1/accounts`: a page of accounts, highest score first. */
export function getAccounts(read: ReadModel, champion: () => string): RequestHandler {
  return async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const page = await read.listAccounts({
        model: asked.model ?? champion(),
        tier: asked.tier ?? null,
        q: asked.q ?? null,
        owner: asked.owner ?? null,
        limit: asked.limit,
        cursor: asked.cursor ?? null,
      });
      response.json(page);
    }
  };
}
