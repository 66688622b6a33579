import { WebClient } from '@slack/web-api';
import { IncomingWebhook } from '@slack/webhook';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts';

/** The stand-in of Slack, as its official clients see it. */

let slack: SlackSandbox;
beforeEach(async () => {
  slack = await startSlackSandbox({ settings: { limits: 'off' } });
});
afterEach(() => slack.close());

const CHANNEL = 'C0PQLALERTS';
const client = (token = slack.token) =>
  new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
const section = (text: string) => ({ type: 'section', text: { type: 'plain_text', text } });

/** Slack's word for what it refused. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (thrown) => thrown,
  );
  return error?.data?.error ?? error?.code ?? 'none';
}

describe('the official client of the API', () => {
  it('posts, answers in the thread and changes a message', async () => {
    const first = await client().chat.postMessage({
      channel: CHANNEL,
      text: 'one',
      blocks: [section('one')],
    });
    expect(first).toMatchObject({ ok: true, channel: CHANNEL });
    expect(first.ts).toMatch(/^\d{10}\.\d{6}$/);
    const reply = await client().chat.postMessage({
      channel: CHANNEL,
      text: 'two',
      thread_ts: first.ts as string,
    });
    expect(Number(reply.ts) >= Number(first.ts) && reply.ts !== first.ts).toBe(true);
    await client().chat.update({ channel: CHANNEL, ts: first.ts as string, text: 'changed' });
    // Text without blocks takes them away.
    expect(slack.messages()).toMatchObject([
      { text: 'changed', blocks: [], updates: 1, threadTs: null },
      { text: 'two', threadTs: first.ts },
    ]);
    expect(slack.text()).toBe(`#pql-alerts  ${first.ts}\n  changed\n  > two\n`);
  });

  it('is told who it is, with its scopes, and finds users by e-mail', async () => {
    const me = await client().auth.test();
    expect(me).toMatchObject({ ok: true, team_id: 'T0SANDBOX01' });
    expect(me.response_metadata?.scopes).toContain('chat:write');
    const found = await client().users.lookupByEmail({ email: 'Jo@Example.com' });
    const again = await client().users.lookupByEmail({ email: 'jo@example.com' });
    expect(found.user?.id).toBe(again.user?.id);
    slack.settings.everybody = false;
    expect(await refusal(client().users.lookupByEmail({ email: 'jo@example.com' }))).toBe('users_not_found');
  });

  it.each([
    ['channel_not_found', { channel: 'C0NOWHERE1', text: 'x' }],
    ['no_text', { channel: CHANNEL }],
    ['invalid_blocks', { channel: CHANNEL, text: 'x', blocks: [section('y'.repeat(3001))] }],
    ['invalid_blocks', { channel: CHANNEL, text: 'x', blocks: Array(51).fill(section('y')) }],
    [
      'msg_blocks_too_long',
      { channel: CHANNEL, text: 'x', blocks: Array(5).fill(section('y'.repeat(2900))) },
    ],
    ['cannot_reply_to_message', { channel: CHANNEL, text: 'x', thread_ts: '1.000001' }],
  ])('is refused with %s', async (word, message) => {
    expect(await refusal(client().chat.postMessage(message as never))).toBe(word);
    expect(slack.messages()).toEqual([]);
  });

  it('is refused with a token that is unknown, revoked, or short of a scope', async () => {
    expect(await refusal(client('xoxb-other').auth.test())).toBe('invalid_auth');
    slack.settings.tokens['xoxb-sandbox'] = { state: 'ok', scopes: [] };
    expect(await refusal(client().chat.postMessage({ channel: CHANNEL, text: 'x' }))).toBe('missing_scope');
    slack.settings.tokens['xoxb-sandbox'] = { state: 'token_revoked', scopes: [] };
    expect(await refusal(client().auth.test())).toBe('token_revoked');
  });

  it('may post once a second into a channel', async () => {
    slack.settings.limits = 'enforced';
    await client().chat.postMessage({ channel: CHANNEL, text: 'x' });
    expect(await refusal(client().chat.postMessage({ channel: CHANNEL, text: 'y' }))).toBe(
      'slack_webapi_rate_limited_error',
    );
    await client().chat.postMessage({ channel: 'C0PQLSALES1', text: 'z' });
    expect(slack.messages()).toHaveLength(2);
  });

  it('finds a message stored whose answer was lost', async () => {
    slack.faults.add({ path: '/api/chat.postMessage', reset: 'after' });
    expect(await refusal(client().chat.postMessage({ channel: CHANNEL, text: 'x' }))).toBe(
      'slack_webapi_request_error',
    );
    expect(slack.messages()).toHaveLength(1);
  });
});

describe('the official client of webhooks', () => {
  it('drops a message, and is told in plain text why not', async () => {
    expect(await new IncomingWebhook(slack.webhookUrl).send({ text: 'x' })).toEqual({ text: 'ok' });
    expect(slack.messages()).toMatchObject([{ text: 'x', webhook: true }]);
    const refused = new IncomingWebhook(`${slack.url}/services/T1/B1/other`).send({ text: 'x' });
    expect(await refusal(refused)).toMatch(/slack_webhook/);
    const answer = await fetch(slack.webhookUrl, { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      400,
      'text/html; charset=utf-8',
      'no_text',
    ]);
    slack.settings.webhook = null;
    expect(await (await fetch(slack.webhookUrl, { method: 'POST', body: '{"text":"x"}' })).text()).toBe(
      'invalid_token',
    );
  });
});
