import type { RequestHandler } from 'express';
import { z } from 'zod';
import { CLOCK_STATES, parseSince, SINCE_FORM, type SlaQuestion, type SlaReport } from '../read-model/sla.ts';
import { queryOf, queryText } from './problem.ts';

/** Answers a question about promises of first contact, with the promises of handoff.yaml. */
export type AskSla = (question: SlaQuestion) => Promise<SlaReport>;

/** `GET /api/v1/sla?owner=&tier=&state=&since=30d`: promises of first contact, and how they came out. */
export function getSla(ask: AskSla, now: () => number): RequestHandler {
  const query = z.object({
    owner: queryText.optional(),
    tier: queryText.optional(),
    state: z.enum(CLOCK_STATES).optional(),
    since: queryText.refine((text) => parseSince(text, 0) !== null, { error: SINCE_FORM }).default('30d'),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  });
  return async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const { owner = null, tier = null, state = null, limit } = asked;
      const since = parseSince(asked.since, now()) ?? 0;
      response.json(await ask({ owner, tier, state, since, limit }));
    }
  };
}
