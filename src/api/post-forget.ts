import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ForgetDesk } from '../read-model/forget.ts';
import { problem, queryText } from './problem.ts';

const body = z.strictObject({
  /** User id, anonymous id or address. */
  person: queryText.trim().min(1).max(1000),
  emails: z.array(z.email().max(320)).max(20).default([]),
  reason: queryText.trim().min(1).max(500),
  author: queryText.trim().min(1).max(200).default('api'),
});

/** `POST /api/v1/forget`: asks for a person to be forgotten. Answers 202 with the number of the work; workers do it. */
export function postForget(desk: ForgetDesk): RequestHandler {
  return async (request, response) => {
    const asked = body.safeParse(request.body ?? {});
    if (!asked.success) {
      const [issue] = asked.error.issues;
      problem(
        response,
        400,
        'invalid_body',
        `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}`,
      );
      return;
    }
    response.status(202).json({ forgetting: await desk.ask(asked.data) });
  };
}

/** `GET /api/v1/forget/:id`: how far it is, how much went, and which CRM records are left. */
export function getForget(desk: ForgetDesk): RequestHandler {
  return async (request, response) => {
    const id = Number(request.params.id);
    const found = Number.isSafeInteger(id) ? await desk.show(id) : null;
    if (found === null) {
      problem(response, 404, 'not_found', 'no forgetting has this number');
      return;
    }
    response.json(found);
  };
}
