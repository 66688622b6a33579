import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE, SECOND } from '../shared/time.ts';
import type { Outcome } from '../sync/crm.ts';
import { type NextState, nextState } from '../sync/next-state.ts';
import type { Sent } from './burst.ts';
import { type AlertDeps, EVERY } from './deps.ts';
import type { AlertItem, ThreadChange } from './port.ts';
import type { Message } from './slack/message.ts';
import { isChannelGone, isFormRefused, isNotSent, isThreadGone } from './slack/outcomes.ts';
import type { Reply } from './slack/reply.ts';

/** After so long (ms) a message whose answer was lost is sent once more. */
const AGAIN_AFTER = MINUTE;

/** A longer wait (ms) for a channel's turn is left to another round. */
const WAITED_FOR = 5 * SECOND;

export interface Sending {
  /** The alerts that the message tells of. */
  items: readonly AlertItem[];
  channel: string;
  /** The conversation that it joins. */
  thread: { ts: string; broadcast: boolean } | null;
  /** What it says; `alone`: not in the conversation, `repeat`: perhaps once more. */
  message: (how: { alone: boolean; repeat: boolean }) => Message;
  /** It is worth a second message, should the answer to the first be lost. */
  again: boolean;
}

/** What became of a message. `reply` null: none was sent. */
export interface Delivered {
  outcome: Outcome;
  reply: Extract<Reply, { ok: true }> | null;
  /** It stands by itself. */
  alone: boolean;
  /** What is noted with the alert. */
  notes: string[];
}

/**
 * Sends one message in its channel's turn. That it is being sent is written down before: of a message whose answer was lost, or whose
 * process died, nobody knows whether it is there. It is sent once more after a minute, and says so, or not at all.
 */
export async function send(deps: AlertDeps, sending: Sending): Promise<Delivered> {
  const early = before(deps, sending);
  const outcome = early ?? (await turn(deps, sending.channel));
  if (outcome !== null) {
    return { outcome, reply: null, alone: false, notes: [] };
  }
  const ids = sending.items.map(({ id }) => id);
  const repeat = sending.items.some(({ sends }) => sends > 0);
  await deps.store.noteSending(ids);
  const { reply, alone, notes, channel } = await call(deps, sending, repeat);
  const said = [...notes, ...(repeat ? ['may be a repeat: the first answer was lost'] : [])];
  if (reply.ok) {
    return { outcome: { state: 'done', crmId: reply.ts ?? '' }, reply, alone, notes: said };
  }
  const judged = deps.messenger.outcomeOf(reply.failure);
  await afterFailure(deps, channel, ids, judged);
  return { outcome: judged, reply: null, alone, notes: said };
}

/** What is known before anything is sent; null: send it. */
function before({ realNow }: AlertDeps, { items, again }: Sending): Outcome | null {
  const sends = Math.max(...items.map((item) => item.sends));
  const sentAt = Math.max(...items.map((item) => item.sentAt ?? 0));
  if (sends === 0) {
    return null;
  }
  if (!again) {
    const note = 'perhaps sent: its answer was lost, and a word like this is not sent again';
    return { state: 'done', crmId: '', note };
  }
  if (sends > 1) {
    const reason = 'sent twice, and Slack answered neither time';
    const remedy = 'look in the channel: `pql errors dismiss` if it is there, else `pql errors retry`';
    return { state: 'parked', code: 'uncertain_alert', reason, remedy };
  }
  const left = sentAt + AGAIN_AFTER - realNow();
  return left > 0 ? { state: 'retry', afterMs: left, code: 'no_answer', reason: LOST } : null;
}

const LOST = 'Slack gave no answer: it is sent once more';

/** Waits for the channel; null: it is free now. */
async function turn(deps: AlertDeps, channel: string): Promise<Outcome | null> {
  const { store, connection, realNow, every = EVERY } = deps;
  const pausedUntil = await store.pausedUntil(connection);
  if (deps.life.stopping || (pausedUntil ?? 0) > realNow()) {
    return { state: 'retry', afterMs: SECOND, code: 'awaiting_turn', reason: 'the connection is paused' };
  }
  const at = await store.takeTurn(connection, channel, every);
  const wait = at - realNow();
  if (wait > WAITED_FOR) {
    return {
      state: 'retry',
      afterMs: wait,
      code: 'awaiting_turn',
      reason: 'Slack takes one message a second',
    };
  }
  await sleep(Math.max(0, wait));
  return null;
}

/** Where Slack refuses for certain, another way may do: outside of the thread, in the default channel, without blocks. */
async function call(deps: AlertDeps, { channel, thread, message }: Sending, repeat: boolean) {
  const { messenger, alerts } = deps;
  const fallback = alerts()?.fallback.channel ?? channel;
  const notes: string[] = [];
  const at = { channel, thread };
  let alone = thread === null;
  let said = message({ alone, repeat });
  let reply = await messenger.post(at.channel, said, at.thread);
  if (!reply.ok && isThreadGone(reply.failure) && at.thread !== null) {
    notes.push('the thread is gone: sent by itself');
    at.thread = null;
    alone = true;
    said = message({ alone, repeat });
    reply = await messenger.post(at.channel, said, null);
  }
  if (!reply.ok && isChannelGone(reply.failure) && messenger.threads && fallback !== at.channel) {
    notes.push(`sent to the default channel: ${wordOf(reply)} of ${at.channel}`);
    Object.assign(at, { channel: fallback, thread: null });
    alone = true;
    said = message({ alone, repeat });
    reply = await messenger.post(fallback, said, null);
  }
  if (!reply.ok && isFormRefused(reply.failure)) {
    notes.push(`sent as plain text: ${wordOf(reply)}`);
    reply = await messenger.post(at.channel, { text: said.text, blocks: [] }, at.thread);
  }
  return { reply, alone, notes, channel: at.channel };
}

function wordOf(reply: Reply): string {
  return !reply.ok && reply.failure.kind === 'refused' ? reply.failure.error : '';
}

async function afterFailure(
  { store, connection, realNow }: AlertDeps,
  channel: string,
  ids: readonly string[],
  outcome: Outcome,
): Promise<void> {
  if (isNotSent(outcome)) {
    await store.noteNotSent(ids);
  }
  if (outcome.state === 'retry') {
    await store.holdChannel(connection, channel, realNow() + outcome.afterMs);
  }
  if (outcome.state === 'halt') {
    await store.pause(connection, realNow() + outcome.afterMs, outcome.code, outcome.reason);
  }
}

/** What is settled beside the outcome. */
export interface Beside {
  threads?: readonly ThreadChange[];
  got?: { channel: string; sent: Sent; since: number } | null;
  note?: string;
}

/** Codes under which an alert waits for us or for its turn: no attempt at Slack. */
const NO_ATTEMPT = [
  'awaiting_owner',
  'awaiting_sync',
  'awaiting_alert',
  'awaiting_turn',
  'rolling_up',
  'no_answer',
];

/** Writes down what became of alerts. */
export async function settleAlerts(
  { store, connection }: AlertDeps,
  items: readonly AlertItem[],
  outcome: Outcome,
  { threads = [], got = null, note = '' }: Beside = {},
): Promise<void> {
  const settled = items.map(({ id, rev, attempts }) => ({
    id,
    rev,
    next: stateAfter(outcome, attempts, note),
  }));
  await store.settle(connection, settled, threads, got);
}

/** The time of the first look stays with what is `uncertain`, so that waiting ends. */
function stateAfter(outcome: Outcome, attempts: number, note: string): NextState {
  switch (outcome.state) {
    case 'done': {
      const done = nextState(attempts, { ...outcome, note: note || (outcome.note ?? '') }, 0);
      return { ...done, crmId: outcome.crmId || null };
    }
    case 'uncertain':
      return { ...nextState(attempts, outcome, 0), waitMs: AGAIN_AFTER, reason: LOST };
    case 'retry':
      return NO_ATTEMPT.includes(outcome.code)
        ? { ...nextState(0, outcome, 0), attempts, uncertain: true, waitMs: outcome.afterMs }
        : nextState(attempts, outcome, 0);
    default:
      return nextState(attempts, outcome, 0);
  }
}
