import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ReadModel } from '../read-model.ts';
import { queryOf, queryText } from './problem.ts';

const query = z.object({
  since: z.iso.datetime().optional(),
  what: queryText.max(100).optional(),
  account: queryText.max(500).optional(),
  decided: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /api/v1/audit?since=&what=&account=&decided=`: who decided what, when and why, newest first. */
export function getAudit(read: ReadModel): RequestHandler {
  return async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const { since = null, what = null, account = null, decided, limit } = asked;
      const filter = { since, what, account, decided: decided === 'true', limit };
      response.json({ audit: await read.listAudit(filter) });
    }
  };
}
