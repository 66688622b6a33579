import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceiveDeps } from './config.ts';
import { preflight, readableAnywhere } from './http/cors.ts';
import type { Reply } from './http/reply.ts';
import { type Handler, type Listener, methodNotAllowed, serve } from './http/serve.ts';
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
import { receiveSlackInteractions, SLACK_INTERACTIONS } from './routes/slack-interactions.ts';

/** Answers a sender's request, or leaves it to `next`; express can use it too. */
export type SenderRoutes = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What answers at one path. */
interface Route {
  methods: Record<string, Listener>;
  otherwise: Listener;
}

/**
 * Every route that a sender calls. They read the raw body, so they come before any body parser. All of them
 * answer 200 only for what is durable (I1), and never redirect (Segment would follow with a GET and lose the body).
 *
 * A path is looked up, not matched against a list of patterns: at one event a request, that is a fifth of its cost.
 */
export function receiveRoutes(deps: ReceiveDeps): SenderRoutes {
  const intake = createIntake(deps);
  const routes = new Map([...webhooks(intake), ...lists(intake), ...sdks(intake), slack(intake)]);
  return (request, response, next) => {
    const { url = '', method = '' } = request;
    const route = routes.get(url) ?? routes.get(plainPath(url));
    if (route === undefined) {
      next();
      return;
    }
    const answer = route.methods[method] ?? route.otherwise;
    void answer(request, response);
  };
}

/** The path as the table has it: without query, case and last slash, and with the place of a list's id. */
function plainPath(url: string): string {
  const { pathname } = URL.parse(url, 'http://sender') ?? { pathname: '' };
  const path = pathname.toLowerCase().replace(/(?<=.)\/$/, '');
  return path.replace(/^\/amplitude\/lists\/[^/]+\/(add|remove)$/, '/amplitude/lists/:id/$1');
}

function webhooks(intake: Intake): [string, Route][] {
  const segment = serve(intake, receiveSegmentWebhook, { route: SEGMENT_WEBHOOK });
  const amplitude: [string, Handler, string][] = [
    ['/webhooks/amplitude/events', receiveAmplitudeEvents, AMPLITUDE_EVENTS],
    ['/webhooks/amplitude/cohorts', receiveAmplitudeCohorts, AMPLITUDE_COHORTS],
  ];
  return [
    [
      '/webhooks/segment',
      {
        methods: { POST: segment, PUT: segment, PATCH: segment },
        otherwise: methodNotAllowed('POST, PUT, PATCH'),
      },
    ],
    ...amplitude.map(([path, handler, route]): [string, Route] => {
      const served = serve(intake, handler, { route });
      return [path, { methods: { POST: served, PUT: served }, otherwise: methodNotAllowed('POST, PUT') }];
    }),
  ];
}

function slack(intake: Intake): [string, Route] {
  const served = serve(intake, receiveSlackInteractions(), { route: SLACK_INTERACTIONS });
  return ['/slack/interactions', { methods: { POST: served }, otherwise: methodNotAllowed('POST') }];
}

function lists(intake: Intake): [string, Route][] {
  const handlers: [string, Handler][] = [
    ['/amplitude/lists', createList],
    ['/amplitude/lists/:id/add', addToList],
    ['/amplitude/lists/:id/remove', removeFromList],
  ];
  return handlers.map(([path, handler]) => {
    const served = serve(intake, handler, { route: AMPLITUDE_LISTS });
    return [path, { methods: { POST: served }, otherwise: methodNotAllowed('POST') }];
  });
}

function sdks(intake: Intake): [string, Route][] {
  const finish = (reply: Reply) => readableAnywhere(inAmplitudesForm(reply));
  const served: [string, Listener][] = [
    ...[...SDK_PATHS].map(([path, type]): [string, Listener] => [
      path,
      serve(intake, receiveSegmentSdk(type), { route: SDK_SEGMENT, finish: readableAnywhere }),
    ]),
    ['/2/httpapi', serve(intake, receiveHttpApi, { route: SDK_AMPLITUDE, finish })],
    ['/batch', serve(intake, receiveBatch, { route: SDK_AMPLITUDE, finish })],
  ];
  return served.map(([path, listener]) => [
    path,
    { methods: { POST: listener, OPTIONS: preflight }, otherwise: methodNotAllowed('POST') },
  ]);
}
