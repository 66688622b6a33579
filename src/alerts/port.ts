import type { AlertPayload } from '../decide/handoff/alerts.ts';
import type { Outcome } from '../sync/crm.ts';
import type { Settled } from '../sync/outbox.ts';
import type { Sent } from './burst.ts';
import type { Message } from './slack/message.ts';
import type { Failure, Reply } from './slack/reply.ts';
import type { ThreadState } from './slack/words.ts';

/** The conversation about one account: its first message, and how it stands. */
export interface Thread {
  /** From Slack's answer. */
  channel: string;
  /** The first message: a text, never a number. */
  ts: string;
  /** The message with the buttons; null: several accounts share one. */
  cardTs: string | null;
  /** The crossing's act. */
  act: string;
  state: ThreadState;
  by: string | null;
  /** ISO 8601. */
  remindAt: string | null;
}

/** One alert on its way, with what is known of its account. */
export interface AlertItem {
  id: string;
  account: string;
  rev: number;
  attempts: number;
  uncertain: boolean;
  payload: AlertPayload;
  /** Business time, ms. */
  createdAt: number;
  /** Real time (ms) of the first look; null: this is it. */
  firstTriedAt: number | null;
  /** Calls whose message may be there, and the real time (ms) of the last. */
  sends: number;
  sentAt: number | null;
  /** Who has the crossing's task, as the CRM knows them; null: nobody yet. */
  owner: string | null;
  /** A task of the crossing is still to be made. */
  ownerPending: boolean;
  /** How the alert of the crossing itself stands; null: there is none. */
  crossed: 'waiting' | 'done' | 'parked' | 'skipped' | null;
  thread: Thread | null;
  /** Records of the account in the CRMs. */
  records: { connection: string; crmId: string }[];
  /** A purchase or a suppression is to be told of the same crossing. */
  overtaken: boolean;
  /** Somebody got in touch since the account's first message. */
  touched: boolean;
}

/** What is to be written of an account's conversation. */
export interface ThreadChange {
  account: string;
  /** Set: a first message was sent. */
  opened?: { channel: string; ts: string; cardTs: string | null; act: string };
  state?: ThreadState;
  by?: string | null;
}

/** A first message that does not show how its account stands. */
export interface StaleCard {
  account: string;
  thread: Thread & { cardTs: string };
  version: number;
  payload: AlertPayload;
  owner: string | null;
  records: AlertItem['records'];
}

/** Where alerts are kept. Every method is one transaction. */
export interface AlertStore {
  pausedUntil(connection: string): Promise<number | null>;
  pause(connection: string, until: number, code: string, reason: string): Promise<void>;
  /** Leases up to `limit` alerts that are due. */
  claim(connection: string, limit: number): Promise<AlertItem[]>;
  hold<T>(items: readonly { id: string }[], work: () => Promise<T>): Promise<T>;
  /** The next free moment (real time, ms) of a channel, which is taken then; `every`: what lies between two (ms). */
  takeTurn(connection: string, channel: string, every: number): Promise<number>;
  /** Nothing goes to the channel until then (real time, ms). */
  holdChannel(connection: string, channel: string, until: number): Promise<void>;
  /** Messages about new accounts that the channel got lately. */
  sentTo(connection: string, channel: string): Promise<Sent[]>;
  /** Before the call: should this process die now, the next one knows that the message may be there. */
  noteSending(ids: readonly string[]): Promise<void>;
  /** Slack certainly has not taken it. */
  noteNotSent(ids: readonly string[]): Promise<void>;
  /** Outcomes, what they say of conversations, and what the channel got (null: nothing that counts; what is older than `since` goes), together. */
  settle(
    connection: string,
    settled: readonly Settled[],
    threads: readonly ThreadChange[],
    got: { channel: string; sent: Sent; since: number } | null,
  ): Promise<void>;
  /** Leases first messages that are to be changed. */
  staleCards(connection: string, limit: number): Promise<StaleCard[]>;
  cardShown(connection: string, account: string, version: number): Promise<void>;
  /** Makes the reminders whose time has come. */
  remind(connection: string): Promise<number>;
  /** Milliseconds until something is due; null: nothing waits. */
  nextDue(connection: string): Promise<number | null>;
}

/** Where messages go. */
export interface Messenger {
  /** Threads, updates and buttons are possible. */
  threads: boolean;
  /** `thread`: the first message of the conversation that it joins. */
  post(channel: string, message: Message, thread: { ts: string; broadcast: boolean } | null): Promise<Reply>;
  update(channel: string, ts: string, message: Message): Promise<Reply>;
  /** What a failed post means. */
  outcomeOf(failure: Failure): Outcome;
}

/** Who is who in Slack. */
export interface Directory {
  /** Slack user of an e-mail; null: nobody is known under it. */
  userOf(email: string): Promise<string | null>;
  /** E-mail of a Slack user; null: unknown. */
  emailOf(user: string): Promise<string | null>;
}
