import type { RequestHandler } from 'express';
import type { ReadModel } from '../read-model.ts';
import { accountView } from './account-view.ts';
import { problem } from './problem.ts';

/** `GET /api/v1/accounts/:key?model=`: one account; a former key answers with the merged account. */
export function getAccount(read: ReadModel, champion: () => string): RequestHandler {
  return async (request, response) => {
    const key = String(request.params.key);
    const model = typeof request.query.model === 'string' ? request.query.model : champion();
    const view = await accountView(read, key, model);
    if (view === null) {
      problem(response, 404, 'unknown_account', `no account has or had the key ${JSON.stringify(key)}`);
    } else {
      response.json(view);
    }
  };
}
