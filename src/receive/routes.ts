import express, { type Router } from 'express';
import type { ReceiveDeps } from './config.ts';
import { preflight, readableAnywhere } from './http/cors.ts';
import type { Reply } from './http/reply.ts';
import { type Handler, methodNotAllowed, serve } from './http/serve.ts';
import { createIntake, type Intake } from './intake.ts';
import { AMPLITUDE_LISTS, addToList, createList, removeFromList } from './routes/amplitude-lists.ts';
import { inAmplitudesForm, receiveBatch, receiveHttpApi, SDK_AMPLITUDE } from './routes/amplitude-sdk.ts';
import {
  AMPLITUDE_COHORTS,
  AMPLITUDE_EVENTS,
  receiveAmplitudeCohorts,
  receiveAmplitudeEvents,
} from './routes/amplitude-webhooks.ts';
import { receiveSegmentSdk, SDK_PATHS, SDK_SEGMENT } from './routes/segment-sdk.ts';
import { receiveSegmentWebhook, SEGMENT_WEBHOOK } from './routes/segment-webhook.ts';

/**
 * Every route that a sender calls. Read the raw body before any body parser does: mount this first. All of them
 * answer 200 only for what is durable (I1), and never redirect (Segment would follow with a GET and lose the body).
 */
export function receiveRoutes(deps: ReceiveDeps): Router {
  const intake = createIntake(deps);
  const router = express.Router();
  webhooks(router, intake);
  lists(router, intake);
  sdks(router, intake);
  return router;
}

function webhooks(router: Router, intake: Intake): void {
  const segment = serve(intake, receiveSegmentWebhook, { route: SEGMENT_WEBHOOK });
  router
    .route('/webhooks/segment')
    .post(segment)
    .put(segment)
    .patch(segment)
    .all(methodNotAllowed('POST, PUT, PATCH'));
  const amplitude: [string, Handler, string][] = [
    ['/webhooks/amplitude/events', receiveAmplitudeEvents, AMPLITUDE_EVENTS],
    ['/webhooks/amplitude/cohorts', receiveAmplitudeCohorts, AMPLITUDE_COHORTS],
  ];
  for (const [path, handler, route] of amplitude) {
    const served = serve(intake, handler, { route });
    router.route(path).post(served).put(served).all(methodNotAllowed('POST, PUT'));
  }
}

function lists(router: Router, intake: Intake): void {
  const handlers: [string, Handler][] = [
    ['/amplitude/lists', createList],
    ['/amplitude/lists/:id/add', addToList],
    ['/amplitude/lists/:id/remove', removeFromList],
  ];
  for (const [path, handler] of handlers) {
    const served = serve(intake, handler, { route: AMPLITUDE_LISTS });
    router.route(path).post(served).all(methodNotAllowed('POST'));
  }
}

function sdks(router: Router, intake: Intake): void {
  for (const [path, type] of SDK_PATHS) {
    const options = { route: SDK_SEGMENT, finish: readableAnywhere };
    const served = serve(intake, receiveSegmentSdk(type), options);
    router.route(path).post(served).options(preflight).all(methodNotAllowed('POST'));
  }
  const finish = (reply: Reply) => readableAnywhere(inAmplitudesForm(reply));
  const amplitude: [string, Handler][] = [
    ['/2/httpapi', receiveHttpApi],
    ['/batch', receiveBatch],
  ];
  for (const [path, handler] of amplitude) {
    const served = serve(intake, handler, { route: SDK_AMPLITUDE, finish });
    router.route(path).post(served).options(preflight).all(methodNotAllowed('POST'));
  }
}
