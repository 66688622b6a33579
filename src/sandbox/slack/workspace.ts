import { hash } from 'node:crypto';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Write } from '../http.ts';

/** Logs a change. */
export type Wrote = (write: Omit<Write, 'at'>) => void;

export interface SlackChannel {
  name: string;
  archived?: boolean;
  /** The app is in it. */
  member?: boolean;
}

export interface SlackUser {
  id: string;
  email: string;
  name: string;
  deleted?: boolean;
}

export interface SlackToken {
  state: 'ok' | 'token_revoked' | 'account_inactive';
  scopes: string[];
}

export interface Settings {
  team: string;
  tokens: Record<string, SlackToken>;
  channels: Record<string, SlackChannel>;
  users: SlackUser[];
  /** Every e-mail has a user. */
  everybody: boolean;
  /** `enforced`: one message a second and channel. */
  limits: 'enforced' | 'off';
  /** A 429 says when to come back. */
  retryAfter: boolean;
  /** The webhook's address: what follows /services/; null: it was revoked. */
  webhook: string | null;
  signingSecret: string;
}

export const SETTINGS: Settings = {
  team: 'T0SANDBOX01',
  tokens: {
    'xoxb-sandbox': {
      state: 'ok',
      scopes: ['chat:write', 'users:read', 'users:read.email', 'channels:read'],
    },
  },
  channels: {
    C0PQLALERTS: { name: 'pql-alerts', member: true },
    C0PQLSALES1: { name: 'pql-sales', member: true },
  },
  users: [],
  everybody: true,
  limits: 'enforced',
  retryAfter: true,
  webhook: 'T0SANDBOX01/B0SANDBOX01/sandbox',
  signingSecret: 'sandbox-signing-secret',
};

/** One message as a channel holds it. */
export interface KeptMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  broadcast: boolean;
  text: string;
  blocks: unknown[];
  /** How often it was changed. */
  updates: number;
  /** It came by the incoming webhook. */
  webhook: boolean;
}

/** What a workspace holds. */
export class Workspace {
  readonly settings: Settings;
  messages: KeptMessage[] = [];
  private readonly clock: Clock;
  private readonly lastPost = new Map<string, number>();
  private count = 0;

  constructor(settings: Partial<Settings> = {}, clock: Clock = systemClock) {
    this.settings = structuredClone({ ...SETTINGS, ...settings });
    this.clock = clock;
  }

  /** Ids rise, whatever the clock does. */
  post(message: Omit<KeptMessage, 'ts' | 'updates'>): KeptMessage {
    this.count += 1;
    const seconds = Math.floor(this.clock.now() / 1000);
    const newest = this.messages.findLast(({ channel }) => channel === message.channel)?.ts ?? '0.0';
    const second = Math.max(seconds, Number(newest.split('.')[0]));
    const kept = { ...message, ts: `${second}.${String(this.count).padStart(6, '0')}`, updates: 0 };
    this.messages.push(kept);
    return kept;
  }

  find(channel: string, ts: string): KeptMessage | undefined {
    return this.messages.find((one) => one.channel === channel && one.ts === ts);
  }

  /** Seconds until the channel takes another message; 0: now, and it is counted. By real time: nobody waits on another clock. */
  busyFor(channel: string): number {
    const now = performance.now();
    const last = this.lastPost.get(channel);
    if (this.settings.limits === 'enforced' && last !== undefined && now - last < 1000) {
      return 1;
    }
    this.lastPost.set(channel, now);
    return 0;
  }

  userByEmail(email: string): SlackUser | undefined {
    const known = this.settings.users.find((user) => user.email.toLowerCase() === email.toLowerCase());
    return known ?? (this.settings.everybody ? madeUser(email) : undefined);
  }

  userById(id: string): SlackUser | undefined {
    return this.settings.users.find((user) => user.id === id);
  }
}

/** The same e-mail is the same user, and is then known by its id too. */
function madeUser(email: string): SlackUser {
  const id = `U${hash('sha256', email.toLowerCase()).slice(0, 10).toUpperCase()}`;
  return { id, email, name: email.split('@')[0] ?? email };
}
