import { createSign } from 'node:crypto';
import { Connection, OAuth2 } from 'jsforce';
import type { Budget } from '../../sync/crm.ts';
import { failureOf } from './failure.ts';

export type SalesforceAuth =
  | { kind: 'client_credentials'; clientId: string; clientSecret: string }
  | { kind: 'jwt'; clientId: string; username: string; privateKey: string };

export interface SalesforceOptions {
  /** My Domain URL; plain HTTP on loopback talks to a stand-in. */
  loginUrl: string;
  apiVersion: string;
  auth: SalesforceAuth;
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
  /** A Metadata API call, with the same session rule. */
  metadata<T>(call: (connection: Connection) => Promise<T>): Promise<T>;
  /** Id of the user that the credentials run as. */
  userId(): Promise<string>;
  budget(): Budget;
}

const TIMEOUT = 15_000;
const JWT_LIFETIME_S = 180;

/**
 * A session over jsforce's request layer: explicit timeout, no retries of its own (they would repeat creates),
 * and no refresh function (against an endpoint that keeps answering 401 jsforce's would spin for ever). A
 * session that ran out is renewed once, by one caller for all; a second 401 is final for that call.
 */
export function salesforceClient(options: SalesforceOptions): SalesforceClient {
  const timeout = options.timeoutMs ?? TIMEOUT;
  let session: Promise<Session> | null = null;
  let lastBudget: Budget = { dailyRemaining: null, dailyMax: null };
  const current = () => {
    session ??= withTimeout(logIn(options), timeout).catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  };
  const withSession = async <T>(call: (session: Session) => Promise<T>): Promise<T> => {
    const used = session;
    const first = await current();
    try {
      return await call(first);
    } catch (error) {
      if (!isExpired(error)) {
        throw error;
      }
      if (session === used || used === null) {
        session = null;
      }
      return call(await current());
    }
  };
  return {
    request: <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      withSession(({ connection }) => send<T>(connection, timeout, method, path, body, headers)),
    metadata: (call) => withSession(({ connection }) => withTimeout(call(connection), 4 * timeout)),
    userId: async () => (await current()).userId,
    budget: () => lastBudget,
  };

  async function send<T>(
    connection: Connection,
    timeoutMs: number,
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
    const answer = await withTimeout(
      connection.request<T>(request, { timeout: timeoutMs, retry: { maxRetries: 0 } }),
      timeoutMs + 1000,
    );
    lastBudget = budgetOf(connection) ?? lastBudget;
    return answer;
  }
}

function budgetOf(connection: Connection): Budget | null {
  const usage = connection.limitInfo.apiUsage;
  return usage === undefined ? null : { dailyRemaining: usage.limit - usage.used, dailyMax: usage.limit };
}

interface Session {
  connection: Connection;
  userId: string;
}

function isExpired(error: unknown): boolean {
  const { code } = failureOf(error);
  return code === 'INVALID_SESSION_ID' || code === 'ERROR_HTTP_401';
}

/** The token comes first and the connection is made of it alone: with credentials in it, jsforce would try to refresh. */
async function logIn({ loginUrl, apiVersion, auth }: SalesforceOptions): Promise<Session> {
  const token = await requestToken(loginUrl, auth);
  const connection = new Connection({
    version: apiVersion,
    instanceUrl: token.instance_url,
    accessToken: token.access_token,
  });
  return { connection, userId: token.id?.split('/').at(-1) ?? '' };
}

interface Token {
  access_token: string;
  instance_url: string;
  id?: string;
}

async function requestToken(loginUrl: string, auth: SalesforceAuth): Promise<Token> {
  if (auth.kind === 'client_credentials') {
    const { clientId, clientSecret } = auth;
    const oauth = new OAuth2({ loginUrl, clientId, clientSecret });
    return (await oauth.requestToken({ grant_type: 'client_credentials' })) as Token;
  }
  const assertion = signAssertion(loginUrl, auth, Math.floor(Date.now() / 1000));
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  return (await new OAuth2({ loginUrl }).requestToken({ grant_type, assertion })) as Token;
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
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(auth.privateKey, 'base64url')}`;
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

/** jsforce's own timeouts leave the token call and the Metadata API out. */
async function withTimeout<T>(work: PromiseLike<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('timed out'), { name: 'TimeoutError' })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
