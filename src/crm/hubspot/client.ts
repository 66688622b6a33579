import { Client } from '@hubspot/api-client';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { SECOND } from '../../shared/time.ts';
import { within } from '../../shared/within.ts';
import { type Calls, UNLIMITED } from '../../sync/calls.ts';
import type { Budget, Outcome } from '../../sync/crm.ts';
import { clockAhead } from '../clock-ahead.ts';
import { type ApiPaths, apiPaths, DEFAULT_VERSION, type Endpoint, type HubspotVersion } from './api-paths.ts';
import { toldBy } from './limits.ts';
import { outcomeOf, type Repeat, ratePause } from './outcomes.ts';
import { type Failure, parsed, type Reply, refusal } from './reply.ts';

export interface HubspotOptions {
  accessToken: string;
  /** Default https://api.hubapi.com; a loopback address is the sandbox or another stand-in. */
  baseUrl?: string;
  /** Which paths are called. Default v3, with associations of v4. */
  version?: HubspotVersion;
  clock: Clock;
  /** Asked before each call. Default: none is held back. */
  calls?: Calls;
  /** Longest wait for one answer. Default 15 seconds. */
  timeoutMs?: number;
  /** Unique properties by which our records are found again. Default: the shipped names. */
  keys?: Partial<UniqueKeys>;
  /** How a record without a link is found, in this order. Default: everything we know. */
  match?: { company: readonly string[]; contact: readonly string[] };
  /** What is done when several companies have the domain. Default: the oldest is taken. */
  several?: { company: 'oldest' | 'refuse' };
  /** Lifecycle stages that the configuration will set: the schema check proves that the portal has them. */
  stages?: string[];
  /** The same for lead statuses. */
  leadStatuses?: string[];
  /** Id or name of a marketing campaign that lists are attached to. */
  marketingCampaign?: string | null;
}

export interface UniqueKeys {
  company: string;
  contact: string;
  task: string;
}

export const SHIPPED_KEYS: UniqueKeys = {
  company: 'pql_account_id',
  contact: 'pql_person_id',
  task: 'pql_key',
};

/**
 * One HubSpot portal behind the official client: its retries and its limiter are off, because both are shared
 * by every `Client` of the process, repeat creates after a 5xx, and know neither a timeout nor a lost connection.
 * Every call goes through its `apiRequest`: its generated methods know no dated path, throw for a 2xx that their
 * specification does not name, and lose the status of an answer without a Content-Type.
 */
export class HubspotApi {
  readonly paths: ApiPaths;
  readonly version: HubspotVersion;
  readonly keys: UniqueKeys;
  readonly match: { company: readonly string[]; contact: readonly string[] };
  readonly several: { company: 'oldest' | 'refuse' };
  readonly clock: Clock;
  /** Learnt by connect(): the zone in which the daily limit starts anew, and whose days its dates are. */
  timeZone = 'UTC';
  /** By how much (ms) HubSpot's clock is ahead of ours, as its last answer said; null: none has. */
  clockAhead: number | null = null;
  private readonly accessToken: string;
  private readonly client: Client;
  private readonly calls: Calls;
  private readonly timeoutMs: number;
  private daily: Budget = { dailyRemaining: null, dailyMax: null };

  constructor(options: HubspotOptions) {
    this.keys = { ...SHIPPED_KEYS, ...options.keys };
    this.match = options.match ?? { company: ['unique', 'domain'], contact: ['unique', 'email'] };
    this.several = options.several ?? { company: 'oldest' };
    this.clock = options.clock;
    this.calls = options.calls ?? UNLIMITED;
    this.timeoutMs = options.timeoutMs ?? 15 * SECOND;
    this.version = options.version ?? DEFAULT_VERSION;
    this.paths = apiPaths(this.version);
    this.accessToken = options.accessToken;
    this.client = new Client({
      accessToken: options.accessToken,
      ...(options.baseUrl === undefined ? {} : { basePath: options.baseUrl }),
      // Attempts in total, not repeats: 1 never repeats.
      numberOfApiCallRetries: 1,
    });
  }

  /**
   * One call, once, when its turn has come; a failure is a value. Any 2xx whose body reads as `schema` is a success: which 2xx it is differs
   * between versions of the API, and says nothing that the body does not.
   */
  async call<S extends z.ZodType>(
    schema: S,
    endpoint: Endpoint,
    body?: unknown,
  ): Promise<Reply<z.output<S>>> {
    const turn = await this.calls.turn(isSearch(endpoint) ? 'search' : 'call');
    if (!turn.go) {
      return { ok: false, failure: { kind: 'held', afterMs: turn.afterMs, reason: turn.reason } };
    }
    const heard: Heard = { headers: null };
    const reply = await this.sent(schema, endpoint, body, heard);
    const moment = { now: this.clock.now(), timeZone: this.timeZone };
    const pauseMs = reply.ok ? null : ratePause(reply.failure, moment);
    await turn.done({
      told: heard.headers === null ? null : toldBy(heard.headers, moment),
      lost: heard.headers === null,
      ...(pauseMs === null ? {} : { pauseMs }),
    });
    return reply;
  }

  /** A call for the sake of its headers: they tell what is left of the day. */
  async askBudget(): Promise<void> {
    await this.call(z.unknown(), this.paths.account());
  }

  /** A failure as an outcome, at this portal and now. */
  outcome(failure: Failure, repeat: Repeat): Outcome {
    return outcomeOf(failure, repeat, { now: this.clock.now(), timeZone: this.timeZone });
  }

  budget(): Budget {
    return this.daily;
  }

  private async sent<S extends z.ZodType>(
    schema: S,
    endpoint: Endpoint,
    body: unknown,
    heard: Heard,
  ): Promise<Reply<z.output<S>>> {
    try {
      return await withTimeout(this.send(schema, endpoint, body, heard), this.timeoutMs);
    } catch (error) {
      return { ok: false, failure: lost(error) };
    }
  }

  private async send<S extends z.ZodType>(
    schema: S,
    { method, path }: Endpoint,
    body: unknown,
    heard: Heard,
  ): Promise<Reply<z.output<S>>> {
    const sentAt = Date.now();
    const response = await this.client.apiRequest({
      method,
      path,
      ...(body === undefined ? {} : { body: body as object }),
    });
    const headers = Object.fromEntries(response.headers.entries());
    heard.headers = headers;
    this.readHeaders(headers, sentAt);
    const text = await response.text();
    // What a refusal says is logged and stored; it must not say the token back.
    const answer = parsed(response.ok ? text : text.replaceAll(this.accessToken, '[hidden]'));
    return response.ok
      ? readAs(schema, answer)
      : { ok: false, failure: refusal(response.status, answer, headers) };
  }

  private readHeaders(headers: Record<string, string>, sentAt: number): void {
    const number = (name: string) => (/^\d+$/.test(headers[name] ?? '') ? Number(headers[name]) : null);
    this.daily = {
      dailyRemaining: number('x-hubspot-ratelimit-daily-remaining') ?? this.daily.dailyRemaining,
      dailyMax: number('x-hubspot-ratelimit-daily') ?? this.daily.dailyMax,
    };
    this.clockAhead = clockAhead(headers.date, sentAt, Date.now()) ?? this.clockAhead;
  }
}

/** What came back of a call, whatever became of it. */
interface Heard {
  headers: Record<string, string> | null;
}

function isSearch({ path }: Endpoint): boolean {
  return path.endsWith('/search');
}

function readAs<S extends z.ZodType>(schema: S, data: unknown): Reply<z.output<S>> {
  const read = schema.safeParse(data);
  return read.success
    ? { ok: true, data: read.data }
    : { ok: false, failure: { kind: 'lost', code: 'unreadable_answer', sent: true } };
}

class TimedOut extends Error {}

function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return within(timeoutMs, work, () => {
    throw new TimedOut();
  });
}

/** Codes of errors that happen before the first byte of a request leaves. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

function lost(error: unknown): Failure {
  if (error instanceof TimedOut) {
    return { kind: 'lost', code: 'timeout', sent: true };
  }
  const cause = (error as { cause?: { code?: unknown } }).cause?.code;
  const code = typeof cause === 'string' ? cause : 'unreadable_answer';
  return { kind: 'lost', code: code.toLowerCase(), sent: !NOT_SENT.includes(code) };
}
