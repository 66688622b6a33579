import { type LogLevel, type Logger as SlackLogger, WebClient } from '@slack/web-api';
import type { Messenger } from '../port.ts';
import type { Message } from './message.ts';
import { isLimit, NO_SUCH_USER, outcomeOf } from './outcomes.ts';
import { type Failure, lostCall, type Reply, retryAfterMs } from './reply.ts';

export interface SlackOptions {
  token: string;
  /** `https://slack.com/api/`, or a stand-in. */
  baseUrl: string;
}

/** The user that a token stands for. */
export interface SlackTeam {
  team: string;
  user: string;
  scopes: readonly string[];
}

export type Asked<T> = { ok: true; data: T } | { ok: false; failure: Failure };

export interface SlackClient extends Messenger {
  /** Which workspace the token belongs to, and what it may do. */
  whoAmI(): Promise<Asked<SlackTeam>>;
  userByEmail(email: string): Promise<Asked<string>>;
  emailOfUser(user: string): Promise<Asked<string | null>>;
  /** Whether there is such a channel; needs a scope that nothing else does. */
  channel(id: string): Promise<Asked<{ name: string; archived: boolean; member: boolean }>>;
}

const TIMEOUT = 10_000;

/**
 * Slack's own client, with its habits off: it repeats whatever fails, also a message that has arrived, and holds up everything while one
 * channel must wait. What it knows no time for gets one.
 */
export function slackClient({ token, baseUrl }: SlackOptions): SlackClient {
  const client = new WebClient(token, {
    slackApiUrl: baseUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT,
    allowAbsoluteUrls: false,
    logger: SILENT,
    fetch: withRetryAfter,
  });
  return { threads: true, ...messagesBy(client), ...lookUpsBy(client) };
}

function messagesBy(client: WebClient): Pick<SlackClient, 'post' | 'update' | 'outcomeOf'> {
  return {
    post: (channel, message, thread) =>
      asReply(() =>
        client.chat.postMessage({
          channel,
          ...contentOf(message),
          unfurl_links: false,
          unfurl_media: false,
          ...threadOf(thread),
        }),
      ),
    update: (channel, ts, message) =>
      asReply(() => client.chat.update({ channel, ts, ...contentOf(message), parse: 'none' })),
    outcomeOf: (failure) => outcomeOf(failure, 'once'),
  };
}

function lookUpsBy(client: WebClient): Omit<SlackClient, keyof Messenger> {
  return {
    whoAmI: async () =>
      of(
        await ask(() => client.auth.test()),
        ({ team_id: team = '', user = '', response_metadata: more }) => ({
          team,
          user,
          scopes: more?.scopes ?? [],
        }),
      ),
    userByEmail: async (email) => {
      const found = await ask(() => client.users.lookupByEmail({ email }));
      const { id, deleted = false } = (found.ok ? found.data.user : undefined) ?? {};
      return found.ok && (id === undefined || deleted)
        ? { ok: false, failure: { kind: 'refused', error: NO_SUCH_USER, detail: '' } }
        : of(found, () => id ?? '');
    },
    emailOfUser: async (id) =>
      of(await ask(() => client.users.info({ user: id })), ({ user }) => user?.profile?.email ?? null),
    channel: async (id) =>
      of(await ask(() => client.conversations.info({ channel: id })), ({ channel }) => ({
        name: channel?.name ?? id,
        archived: channel?.is_archived ?? false,
        member: channel?.is_member ?? false,
      })),
  };
}

function of<A, B>(asked: Asked<A>, what: (data: A) => B): Asked<B> {
  return asked.ok ? { ok: true, data: what(asked.data) } : asked;
}

function threadOf(thread: { ts: string; broadcast: boolean } | null) {
  if (thread === null) {
    return {};
  }
  return thread.broadcast
    ? ({ thread_ts: thread.ts, reply_broadcast: true } as const)
    : ({ thread_ts: thread.ts } as const);
}

/** Block types of the package are wider than ours. */
function contentOf({ text, blocks }: Message) {
  return { text, blocks: blocks as never[] };
}

async function asReply(call: () => Promise<{ channel?: string; ts?: string }>): Promise<Reply> {
  const answer = await ask(call);
  return answer.ok ? { ok: true, channel: answer.data.channel ?? null, ts: answer.data.ts ?? null } : answer;
}

async function ask<T>(call: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { ok: true, data: await call() };
  } catch (error) {
    return { ok: false, failure: failureOf(error as ClientError) };
  }
}

/** What the client throws, by its `code`. */
interface ClientError extends Error {
  code?: string;
  data?: { error?: unknown; needed?: unknown; response_metadata?: { messages?: unknown } };
  statusCode?: number;
  body?: unknown;
  retryAfter?: number;
}

/** Longer words are an answer of somebody else, such as a page of a proxy. */
const WORD = /^[a-z0-9_]{1,80}$/;
const SHOWN = 200;

function failureOf(error: ClientError): Failure {
  switch (error.code) {
    case 'slack_webapi_platform_error':
      return platformFailure(error.data ?? {});
    case 'slack_webapi_rate_limited_error':
      return { kind: 'limited', retryAfterMs: (error.retryAfter ?? 0) * 1000 };
    case 'slack_webapi_http_error': {
      const body = typeof error.body === 'string' ? error.body.slice(0, SHOWN) : '';
      return { kind: 'status', status: error.statusCode ?? 0, body, retryAfterMs: null };
    }
    default:
      return lostCall(error);
  }
}

function platformFailure({
  error,
  needed,
  response_metadata: more,
}: NonNullable<ClientError['data']>): Failure {
  if (typeof error !== 'string' || !WORD.test(error)) {
    return { kind: 'unreadable' };
  }
  const messages = Array.isArray(more?.messages) ? more.messages.map(String) : [];
  const said = [...(typeof needed === 'string' ? [`needed: ${needed}`] : []), ...messages];
  return { kind: 'refused', error, detail: said.join('; ').slice(0, SHOWN) };
}

/** The client knows a limit only by this header, and takes an answer without it for a fault of the program. */
const withRetryAfter: typeof fetch = async (...request) => {
  const answer = await fetch(...request);
  if (!isLimit(answer.status) || retryAfterMs(answer.headers.get('retry-after')) !== null) {
    return answer;
  }
  const headers = new Headers(answer.headers);
  headers.set('retry-after', '5');
  return new Response(answer.body, { status: answer.status, headers });
};

/** Its words may hold what was sent; what happened is in the outcome. */
const SILENT: SlackLogger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => 'error' as LogLevel,
  setName: () => {},
};
