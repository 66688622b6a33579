import express, { type Request, type Response, type Router } from 'express';
import { vendorFault } from '../http.ts';
import { type Answer, type Arguments, argumentsOf, contentOf, contentProblem, fail } from './content.ts';
import { webhook } from './webhook.ts';
import type { KeptMessage, SlackToken, Workspace, Wrote } from './workspace.ts';

type Method = (args: Arguments, workspace: Workspace, wrote: Wrote) => Answer | Busy;

/** Too many messages: seconds to wait. */
interface Busy {
  busy: number;
}

const SCOPES: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'users.lookupByEmail': 'users:read.email',
  'users.info': 'users:read',
  'conversations.info': 'channels:read',
};

const METHODS: Record<string, Method> = {
  'auth.test': (_args, { settings }) => ({
    url: 'https://sandbox.slack.example/',
    team: 'Sandbox',
    team_id: settings.team,
    user: 'pql',
    user_id: 'U0PQLBOT01',
    bot_id: 'B0PQLBOT01',
  }),
  'users.lookupByEmail': ({ email }, workspace) =>
    userAnswer(workspace.userByEmail(String(email)), workspace, 'users_not_found'),
  'users.info': ({ user }, workspace) =>
    userAnswer(workspace.userById(String(user)), workspace, 'user_not_found'),
  'conversations.info': ({ channel }, { settings }) => {
    const found = settings.channels[String(channel)];
    return found === undefined
      ? fail('channel_not_found')
      : {
          channel: {
            id: channel,
            name: found.name,
            is_archived: found.archived === true,
            is_member: found.member === true,
          },
        };
  },
  'chat.postMessage': postMessage,
  'chat.update': update,
};

/** `POST /api/<method>`, as JSON or as a form whose nested values are JSON texts; and the incoming webhook. */
export function slackRoutes(workspace: Workspace, wrote: Wrote): Router {
  const router = express.Router();
  router.all('/api/:method', (request, response) => {
    const fault = vendorFault(response, 'error');
    const name = request.params.method ?? '';
    const method = METHODS[name];
    const token = tokenOf(request, workspace);
    if (token !== undefined) {
      response.setHeader('x-oauth-scopes', token.scopes.join(','));
    }
    const refusal = fault === null ? refusalOf(name, method, token) : fail(String(fault.detail));
    answer(
      response,
      workspace,
      refusal ?? method?.(argumentsOf(request), workspace, wrote) ?? fail('unknown_method'),
    );
  });
  router.post('/services/*path', (request, response) => webhook(request, response, workspace, wrote));
  return router;
}

function answer(response: Response, { settings }: Workspace, given: Answer | Busy): void {
  if ('busy' in given) {
    if (settings.retryAfter) {
      response.setHeader('Retry-After', String(given.busy));
    }
    response.status(429).json({ ok: false, error: 'ratelimited' });
    return;
  }
  response.json({ ok: true, ...given });
}

function refusalOf(name: string, method: Method | undefined, token: SlackToken | undefined): Answer | null {
  if (token === undefined) {
    return fail('invalid_auth');
  }
  if (token.state !== 'ok') {
    return fail(token.state);
  }
  const needed = SCOPES[name];
  if (needed !== undefined && !token.scopes.includes(needed)) {
    return { ...fail('missing_scope'), needed, provided: token.scopes.join(',') };
  }
  return method === undefined ? fail('unknown_method') : null;
}

function tokenOf(
  { headers: { authorization = '' } }: Request,
  { settings }: Workspace,
): SlackToken | undefined {
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1] ?? '';
  return Object.hasOwn(settings.tokens, token) ? settings.tokens[token] : undefined;
}

function userAnswer(
  user: ReturnType<Workspace['userById']>,
  { settings }: Workspace,
  missing: string,
): Answer {
  return user === undefined || (user.deleted === true && missing === 'users_not_found')
    ? fail(missing)
    : {
        user: {
          id: user.id,
          team_id: settings.team,
          name: user.name,
          deleted: user.deleted === true,
          is_bot: false,
          tz: 'Etc/UTC',
          profile: { email: user.email, real_name: user.name },
        },
      };
}

function postMessage(args: Arguments, workspace: Workspace, wrote: Wrote): Answer | Busy {
  const channel = String(args.channel ?? '');
  const found = workspace.settings.channels[channel];
  if (found === undefined) {
    return fail('channel_not_found');
  }
  if (found.archived === true) {
    return fail('is_archived');
  }
  if (found.member !== true) {
    return fail('not_in_channel');
  }
  const problem = contentProblem(args, 40_000);
  if (problem !== null) {
    return problem;
  }
  const threadTs = args.thread_ts === undefined ? null : String(args.thread_ts);
  if (threadTs !== null && workspace.find(channel, threadTs) === undefined) {
    return fail('cannot_reply_to_message');
  }
  const busy = workspace.busyFor(channel);
  if (busy > 0) {
    return { busy };
  }
  const broadcast = args.reply_broadcast === true || args.reply_broadcast === 'true';
  const kept = workspace.post({ channel, threadTs, broadcast, ...contentOf(args), webhook: false });
  wrote({
    op: 'create',
    object: 'message',
    id: kept.ts,
    fields: { channel, text: kept.text, thread: threadTs },
  });
  return { channel, ts: kept.ts, message: shown(kept) };
}

/** Text without blocks takes the blocks away. */
function update(args: Arguments, workspace: Workspace, wrote: Wrote): Answer {
  const channel = String(args.channel ?? '');
  const found = workspace.find(channel, String(args.ts ?? ''));
  if (workspace.settings.channels[channel] === undefined) {
    return fail('channel_not_found');
  }
  if (found === undefined) {
    return fail('message_not_found');
  }
  if (found.webhook) {
    return fail('cant_update_message');
  }
  const problem = contentProblem(args, 4000);
  if (problem !== null) {
    return problem;
  }
  Object.assign(found, contentOf(args), { updates: found.updates + 1 });
  wrote({ op: 'update', object: 'message', id: found.ts, fields: { channel, text: found.text } });
  return { channel, ts: found.ts, text: found.text, message: shown(found) };
}

function shown({ text, ts, threadTs, blocks }: KeptMessage): Answer {
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  return { type: 'message', text, ts, bot_id: 'B0PQLBOT01', blocks, ...thread };
}
