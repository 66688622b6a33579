import express, { Router } from 'express';
import { z } from 'zod';
import type { ErrorDesk } from '../read-model/errors.ts';
import { problem, queryOf, queryText } from './problem.ts';

const query = z.object({
  state: z.enum(['parked', 'waiting', 'all']).default('parked'),
  crm: z.enum(['hubspot', 'salesforce', 'slack']).optional(),
  code: queryText.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const which = z.union([z.strictObject({ code: queryText.min(1) }), z.strictObject({ all: z.literal(true) })]);

const ID = /^(event-\d+|action-[0-9a-f-]{36})$/;

/**
 * `GET /errors?state=&crm=&code=&limit=`, `GET /errors/:id`, `POST /errors/:id/retry`, `POST /errors/:id/dismiss`, and
 * `POST /errors/retry` with `{"code": …}` or `{"all": true}`.
 */
export function errorRoutes(desk: ErrorDesk): Router {
  const router = Router();
  router.param('id', (_request, response, next, id: string) =>
    ID.test(id) ? next() : problem(response, 404, 'not_found', 'no such error'),
  );
  router.get('/', async (request, response) => {
    const asked = queryOf(query, request.query, response);
    if (asked !== null) {
      const { state, crm = null, code = null, limit } = asked;
      response.json({ errors: await desk.list({ state, crm, code, limit }) });
    }
  });
  router.post('/retry', express.json({ limit: '10kb' }), async (request, response) => {
    const asked = which.safeParse(request.body);
    if (!asked.success) {
      problem(response, 400, 'invalid_body', 'retry what? {"code": "…"} or {"all": true}');
      return;
    }
    const retried = await desk.retry('code' in asked.data ? { code: asked.data.code } : {});
    response.status(202).json({ retried });
  });
  router.get('/:id', async (request, response) => {
    const found = await desk.show(request.params.id);
    if (found === null) {
      problem(response, 404, 'not_found', 'no such error');
    } else {
      response.json(found);
    }
  });
  router.post('/:id/retry', async (request, response) => {
    const retried = await desk.retry({ id: request.params.id });
    if (retried === 0) {
      problem(response, 409, 'not_parked', 'only a parked record can be tried again');
    } else {
      response.status(202).json({ retried });
    }
  });
  router.post('/:id/dismiss', async (request, response) => {
    if (await desk.dismiss(request.params.id)) {
      response.json({ dismissed: true });
    } else {
      problem(response, 409, 'not_open', 'nothing open has that id');
    }
  });
  return router;
}
