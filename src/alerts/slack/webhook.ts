import type { Messenger } from '../port.ts';
import type { Message } from './message.ts';
import { webhookOutcome } from './outcomes.ts';
import { lostCall, type Reply, retryAfterMs } from './reply.ts';

const TIMEOUT = 10_000;
const SHOWN = 200;

/**
 * An incoming webhook: one address, one channel, and no id to come back to. Of our own, because Slack's package loses how long it asks
 * to wait.
 */
export function webhookMessenger(url: string): Messenger {
  return {
    threads: false,
    post: (_channel, message) => post(url, message),
    update: async () => ({ ok: false, failure: { kind: 'unreadable' } }),
    outcomeOf: webhookOutcome,
  };
}

async function post(url: string, { text, blocks }: Message): Promise<Reply> {
  const content = blocks.length === 0 ? { text } : { text, blocks };
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...content, unfurl_links: false, unfurl_media: false }),
      signal: AbortSignal.timeout(TIMEOUT),
      redirect: 'error',
    });
    const body = (await answer.text()).slice(0, SHOWN).trim();
    if (answer.ok) {
      return body === 'ok'
        ? { ok: true, channel: null, ts: null }
        : { ok: false, failure: { kind: 'unreadable' } };
    }
    const after = retryAfterMs(answer.headers.get('retry-after'));
    return { ok: false, failure: { kind: 'status', status: answer.status, body, retryAfterMs: after } };
  } catch (error) {
    return { ok: false, failure: lostCall(error) };
  }
}
