import { Client } from '@hubspot/api-client';
import type { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { SECOND } from '../../shared/time.ts';
import { within } from '../../shared/within.ts';
import type { Budget, Outcome } from '../../sync/crm.ts';
import { outcomeOf, type Repeat } from './outcomes.ts';
import { type Failure, parsed, type Reply, refusal } from './reply.ts';

export interface HubspotOptions {
  accessToken: string;
  /** Default https://api.hubapi.com; a loopback address is the sandbox or another stand-in. */
  baseUrl?: string;
  clock: Clock;
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

/** Between two searches, ms. */
const SEARCH_GAP = 220;

/** What a method of the generated client resolves to with its `...WithHttpInfo` twin. */
interface Answered {
  data: unknown;
}

/**
 * One HubSpot portal behind the official client: its retries and its limiter are off, because both are shared
 * by every `Client` of the process, repeat creates after a 5xx, and know neither a timeout nor a lost connection.
 */
export class HubspotApi {
  readonly client: Client;
  readonly keys: UniqueKeys;
  readonly match: { company: readonly string[]; contact: readonly string[] };
  readonly several: { company: 'oldest' | 'refuse' };
  readonly clock: Clock;
  /** Learnt by connect(): the zone in which the daily limit starts anew, and whose days its dates are. */
  timeZone = 'UTC';
  private readonly timeoutMs: number;
  private nextSearch = 0;
  private daily: Budget = { dailyRemaining: null, dailyMax: null };

  constructor(options: HubspotOptions) {
    this.keys = { ...SHIPPED_KEYS, ...options.keys };
    this.match = options.match ?? { company: ['unique', 'domain'], contact: ['unique', 'email'] };
    this.several = options.several ?? { company: 'oldest' };
    this.clock = options.clock;
    this.timeoutMs = options.timeoutMs ?? 15 * SECOND;
    this.client = new Client({
      accessToken: options.accessToken,
      ...(options.baseUrl === undefined ? {} : { basePath: options.baseUrl }),
      // Attempts in total, not repeats: 1 never repeats.
      numberOfApiCallRetries: 1,
      middleware: [{ pre: (context) => context, post: (context) => this.readBudget(context) }],
    });
  }

  /** Runs one call of the client and reads its answer; a failure is a value. */
  async call<S extends z.ZodType>(schema: S, send: () => Promise<Answered>): Promise<Reply<z.output<S>>> {
    try {
      const { data } = await withTimeout(send(), this.timeoutMs);
      return readAs(schema, data);
    } catch (error) {
      return this.failed(schema, error);
    }
  }

  /** GET of a path that the generated methods lack. */
  async get<S extends z.ZodType>(schema: S, path: string): Promise<Reply<z.output<S>>> {
    try {
      return await withTimeout(this.fetchJson(schema, path), this.timeoutMs);
    } catch (error) {
      return this.failed(schema, error);
    }
  }

  /** Waits until a search may be sent: a portal takes five a second from everybody together, and refuses the sixth. */
  async searchTurn(): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now, this.nextSearch);
    this.nextSearch = turn + SEARCH_GAP;
    if (turn > now) {
      await new Promise((resolve) => setTimeout(resolve, turn - now));
    }
  }

  /** A failure as an outcome, at this portal and now. */
  outcome(failure: Failure, repeat: Repeat): Outcome {
    return outcomeOf(failure, repeat, { now: this.clock.now(), timeZone: this.timeZone });
  }

  budget(): Budget {
    return this.daily;
  }

  private async fetchJson<S extends z.ZodType>(schema: S, path: string): Promise<Reply<z.output<S>>> {
    const response = await this.client.apiRequest({ method: 'GET', path });
    const headers = Object.fromEntries(response.headers.entries());
    this.readBudget({ headers });
    const body = parsed(await response.text());
    return response.ok
      ? readAs(schema, body)
      : { ok: false, failure: refusal(response.status, body, headers) };
  }

  private failed<S extends z.ZodType>(schema: S, error: unknown): Reply<z.output<S>> {
    if (!isApiException(error)) {
      return { ok: false, failure: lost(error) };
    }
    // The client throws for every status its specification does not name, success included.
    return error.code >= 200 && error.code < 300
      ? readAs(schema, parsed(error.body))
      : { ok: false, failure: refusal(error.code, error.body, error.headers) };
  }

  /** The client's middleware: also looks at every answer that becomes an exception. */
  private readBudget(context: unknown): unknown {
    const headers = (context as { headers?: Record<string, string> }).headers ?? {};
    const number = (name: string) => (/^\d+$/.test(headers[name] ?? '') ? Number(headers[name]) : null);
    this.daily = {
      dailyRemaining: number('x-hubspot-ratelimit-daily-remaining') ?? this.daily.dailyRemaining,
      dailyMax: number('x-hubspot-ratelimit-daily') ?? this.daily.dailyMax,
    };
    return context;
  }
}

function readAs<S extends z.ZodType>(schema: S, data: unknown): Reply<z.output<S>> {
  const read = schema.safeParse(data);
  return read.success
    ? { ok: true, data: read.data }
    : { ok: false, failure: { kind: 'lost', code: 'unreadable_answer', sent: true } };
}

/** Each API module of the client has an exception class of its own and exports none of them: look, don't ask. */
function isApiException(
  error: unknown,
): error is { code: number; body: unknown; headers: Record<string, string> } {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === 'number' &&
    'body' in error &&
    'headers' in error
  );
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
  // Without Content-Type, or JSON that is none: the client throws a plain Error, whatever the status was.
  const code = typeof cause === 'string' ? cause : 'unreadable_answer';
  return { kind: 'lost', code: code.toLowerCase(), sent: !NOT_SENT.includes(code) };
}
