import type { RequestHandler } from 'express';
import { z } from 'zod';
import { spanDifference } from '../models/span-words.ts';
import type { ReadModel } from '../read-model.ts';
import { parseInstant } from '../shared/time.ts';
import { modelName, problem, queryOf, queryText } from './problem.ts';

const instant = queryText
  .refine((text) => parseInstant(text) !== null, { error: 'an instant such as 2026-03-02T10:00:00Z' })
  .transform((text) => parseInstant(text) ?? 0)
  .optional();

/**
 * `GET /api/v1/accounts/:key/history?from=&to=&model=`: every change of the score between two instants, and what
 * differs between the scores in force at both, as stored. Also of models that no longer run.
 */
export function getHistory(
  read: ReadModel,
  models: () => readonly string[],
  now: () => number,
): RequestHandler {
  return async (request, response) => {
    const known = [...new Set([...models(), ...(await read.knownModels())])];
    const query = z.object({ model: modelName(known), from: instant, to: instant });
    const asked = queryOf(query, request.query, response);
    if (asked === null) {
      return;
    }
    const { model, from = null, to = now() } = asked;
    if (from !== null && from > to) {
      problem(response, 400, 'invalid_query', '"from" must not be later than "to"');
      return;
    }
    const account = await read.findAccount(String(request.params.key));
    if (account === null) {
      problem(response, 404, 'unknown_account', 'no account has or had this key');
      return;
    }
    const span = await read.scoreSpan(account, model, from, to);
    response.json({ account: account.key, model, ...span, ...spanDifference(span) });
  };
}
