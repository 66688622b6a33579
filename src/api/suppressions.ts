import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { readKey, readReason, readUntil, UNTIL_ALLOWED, WHY_MAX } from '../decide/handoff/manual.ts';
import type { SuppressDesk } from '../read-model/suppress.ts';
import { problem, queryOf, queryText } from './problem.ts';

const author = queryText.trim().min(1).max(200).default('api');
const body = z.strictObject({
  key: queryText,
  why: queryText,
  until: queryText.optional(),
  author,
});
const removal = z.object({ why: queryText.max(WHY_MAX).default(''), author });
const listing = z.object({ all: z.enum(['true', 'false']).default('false') });

/**
 * `GET /suppressions?all=`, `POST /suppressions` with `{"key", "why", "until", "author"}`, `DELETE /suppressions/:key?why=&author=`:
 * what `pql suppress` does.
 *
 * @param now business time (ms), from which a duration counts
 */
export function suppressionRoutes(desk: SuppressDesk, now: () => number): Router {
  const router = Router();
  router.get('/', async (request, response) => {
    const asked = queryOf(listing, request.query, response);
    if (asked !== null) {
      response.json({ suppressions: await desk.list(asked.all === 'true') });
    }
  });
  router.post('/', express.json({ limit: '10kb' }), add(desk, now));
  router.delete('/:key', async (request, response) => {
    const asked = queryOf(removal, request.query, response);
    if (asked === null) {
      return;
    }
    const key = readKey(String(request.params.key));
    const removed = key === null ? null : await desk.remove(key, { author: asked.author, reason: asked.why });
    if (removed === null) {
      problem(response, 404, 'not_found', 'no suppression stands under this key');
    } else {
      response.json(removed);
    }
  });
  return router;
}

function add(desk: SuppressDesk, now: () => number): RequestHandler {
  return async (request, response) => {
    const asked = body.safeParse(request.body ?? {});
    const invalid = (message: string) => problem(response, 400, 'invalid_body', message);
    if (!asked.success) {
      const [issue] = asked.error.issues;
      invalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}`);
      return;
    }
    const { data } = asked;
    const [key, reason] = [readKey(data.key), readReason(data.why)];
    const until = data.until === undefined ? null : readUntil(data.until, now());
    if (key === null) {
      invalid('key: a key of up to 500 characters, or a domain');
    } else if (reason === null) {
      invalid(`why: up to ${WHY_MAX} characters`);
    } else if (data.until !== undefined && until === null) {
      invalid(`until: ${UNTIL_ALLOWED}`);
    } else {
      response.status(201).json(await desk.add({ key, reason, author: data.author, until }));
    }
  };
}
