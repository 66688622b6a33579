import { createSign } from 'node:crypto';
import { Connection, OAuth2 } from 'jsforce';
import { type Calls, UNLIMITED } from '../../sync/calls.ts';
import type { Budget } from '../../sync/crm.ts';
import { clockAhead } from '../clock-ahead.ts';
import { failureOf } from './failure.ts';
import { instanceProblem } from './instance.ts';
import { dayToldBy } from './limits.ts';
import { isExpired as hasExpired } from './outcomes.ts';
import { elsewhere, WholeAnswerTransport } from './transport.ts';

export type SalesforceAuth =
  | { kind: 'client_credentials'; clientId: string; clientSecret: string }
  | { kind: 'jwt'; clientId: string; username: string; privateKey: string };

export interface SalesforceOptions {
  /** My Domain URL; plain HTTP on loopback talks to a stand-in. */
  loginUrl: string;
  apiVersion: string;
  auth: SalesforceAuth;
  /** Asked before each call but the login. Default: none is held back. */
  calls?: Calls;
  /** One call, ms. */
  timeoutMs?: number;
}

export interface SalesforceClient {
  /** One REST call below `/services/data/vXX.X`. Never repeated but once, after a session ran out. Throws what jsforce throws. */
  request<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<T>;
  /** Calls of jsforce's bulk jobs, with the same session rule; each has four times the time of a REST call. */
  bulk<T>(call: (bulk: Connection['bulk2']) => Promise<T>): Promise<T>;
  /** A Metadata API call, with the same session rule. */
  metadata<T>(call: (connection: Connection) => Promise<T>): Promise<T>;
  /** Who the credentials are: the org (null: the token did not say) and the user that they run as. */
  identity(): Promise<{ orgId: string | null; userId: string }>;
  budget(): Budget;
  /** By how much (ms) the org's clock is ahead of ours, as its last answer said; null: none has. */
  clockAhead(): number | null;
}

const TIMEOUT = 15_000;
/** Creating fields takes the org longer than any other call; files of a bulk job are large. */
const SLOW_FACTOR = 4;
const JWT_LIFETIME_S = 180;

/**
 * A session over jsforce's request layer, on a transport of ours (one time limit, no retries, no redirects), and
 * without a refresh function (against an endpoint that keeps answering 401 jsforce's would spin for ever). A
 * session that ran out is renewed once, by one caller for all; a second 401 is final for that call.
 */
export function salesforceClient(options: SalesforceOptions): SalesforceClient {
  const timeout = options.timeoutMs ?? TIMEOUT;
  let ahead: number | null = null;
  const { calls = UNLIMITED } = options;
  /** Of the login, and then of the org. */
  const origins = new Set([new URL(options.loginUrl).origin]);
  const seen = (headers: Headers, sentAt: number) => {
    ahead = clockAhead(headers.get('date') ?? undefined, sentAt, Date.now()) ?? ahead;
    const day = dayToldBy(headers.get('sforce-limit-info'), sentAt);
    lastBudget = day === null ? lastBudget : { dailyRemaining: day.max - day.used, dailyMax: day.max };
  };
  const loginTransport = new WholeAnswerTransport(timeout, seen, UNLIMITED, origins);
  const transport = new WholeAnswerTransport(timeout, seen, calls, origins);
  const slowTransport = new WholeAnswerTransport(SLOW_FACTOR * timeout, seen, calls, origins);
  let session: Promise<Session> | null = null;
  let lastBudget: Budget = { dailyRemaining: null, dailyMax: null };
  const current = () => {
    session ??= logIn(options, loginTransport, slowTransport, origins).catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  };
  const withSession = async <T>(call: (session: Session) => Promise<T>): Promise<T> => {
    const used = current();
    try {
      return await call(await used);
    } catch (error) {
      if (!isExpired(error)) {
        throw error;
      }
      if (session === used) {
        session = null;
      }
      return call(await current());
    }
  };
  return {
    request: <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      withSession(({ connection }) => send<T>(connection, method, path, body, headers)),
    bulk: (call) => withSession(({ connection }) => call(connection.bulk2)),
    metadata: (call) => withSession(({ connection }) => call(connection)),
    identity: () => current(),
    budget: () => lastBudget,
    clockAhead: () => ahead,
  };

  async function send<T>(
    connection: Connection,
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<T> {
    const request = {
      method: method as 'GET',
      url: path,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    return connection.request<T>(request, { transport });
  }
}

interface Session {
  connection: Connection;
  /** As the identity URL of the token names it. */
  orgId: string | null;
  userId: string;
}

function isExpired(error: unknown): boolean {
  return hasExpired(failureOf(error));
}

/** The token comes first and the connection is made of it alone: with credentials in it, jsforce would try to refresh. */
async function logIn(
  { loginUrl, apiVersion, auth }: SalesforceOptions,
  loginTransport: WholeAnswerTransport,
  slowTransport: WholeAnswerTransport,
  origins: Set<string>,
): Promise<Session> {
  const token = await requestToken(loginUrl, auth, loginTransport);
  const problem = instanceProblem(loginUrl, token.instance_url);
  if (problem !== null) {
    throw elsewhere(problem);
  }
  origins.add(new URL(token.instance_url).origin);
  const connection = new Connection({
    version: apiVersion,
    instanceUrl: token.instance_url,
    accessToken: token.access_token,
  });
  // REST calls name their own transport; what is left of jsforce's are the Metadata API's and those of bulk jobs.
  connection._transport = slowTransport;
  const [orgId, userId] = token.id?.split('/').slice(-2) ?? [];
  return { connection, orgId: orgId ?? null, userId: userId ?? '' };
}

interface Token {
  access_token: string;
  instance_url: string;
  id?: string;
}

async function requestToken(
  loginUrl: string,
  auth: SalesforceAuth,
  transport: WholeAnswerTransport,
): Promise<Token> {
  const { clientId, clientSecret } = { clientSecret: undefined, ...auth };
  const secrets = clientSecret === undefined ? {} : { clientId, clientSecret };
  const oauth = new OAuth2({ loginUrl, ...secrets });
  oauth._transport = transport;
  if (auth.kind === 'client_credentials') {
    return (await oauth.requestToken({ grant_type: 'client_credentials' })) as Token;
  }
  const assertion = signAssertion(loginUrl, auth, Math.floor(Date.now() / 1000));
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  return (await oauth.requestToken({ grant_type, assertion })) as Token;
}

/** RS256, expiry in seconds (milliseconds is a common mistake), audience by kind of org. */
function signAssertion(loginUrl: string, auth: SalesforceAuth & { kind: 'jwt' }, nowSeconds: number): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: auth.clientId,
    sub: auth.username,
    aud: audienceOf(loginUrl),
    exp: nowSeconds + JWT_LIFETIME_S,
  };
  const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`;
  try {
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(auth.privateKey, 'base64url')}`;
  } catch {
    // What OpenSSL says of a key may quote it.
    const message = 'SALESFORCE_PRIVATE_KEY_FILE holds no RSA private key in PEM';
    throw Object.assign(new Error(message), { name: 'invalid_private_key' });
  }
}

function audienceOf(loginUrl: string): string {
  const { hostname, origin } = new URL(loginUrl);
  if (!hostname.endsWith('.salesforce.com')) {
    return origin;
  }
  return /(^test\.|\.sandbox\.)/.test(hostname)
    ? 'https://test.salesforce.com'
    : 'https://login.salesforce.com';
}
