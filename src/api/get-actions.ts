import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ReadModel } from '../read-model.ts';
import { queryOf } from './problem.ts';

const query = z.object({
  state: z.enum(['waiting', 'done', 'parked', 'skipped']).optional(),
  kind: z.enum(['fields', 'campaign', 'task', 'note', 'close', 'alert']).optional(),
  crm: z.enum(['hubspot', 'salesforce', 'slack']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /api/v1/actions?state=&kind=&crm=`: the action ledger, newest first. */
export function getActions(read: ReadModel): RequestHandler {
  return async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const { state = null, kind = null, crm = null, limit } = asked;
      response.json({ actions: await read.listActions({ account: null, state, kind, crm, limit }) });
    }
  };
}
