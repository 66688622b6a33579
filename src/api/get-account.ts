import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ReadModel } from '../read-model.ts';
import { accountView } from './account-view.ts';
import { modelName, problem, queryOf } from './problem.ts';

/** `GET /api/v1/accounts/:key?model=`: one account; a former key answers with the merged account. */
export function getAccount(read: ReadModel, models: () => readonly string[]): RequestHandler {
  return async (request, response) => {
    const query = z.object({ model: modelName(models()) });
    const asked = queryOf(query, request.query, response);
    if (asked === null) {
      return;
    }
    const key = String(request.params.key);
    const view = await accountView(read, key, asked.model);
    if (view === null) {
      problem(response, 404, 'unknown_account', `no account has or had the key ${JSON.stringify(key)}`);
    } else {
      response.json(view);
    }
  };
}
