import { describe, expect, it } from 'vitest';
import {
  isChannelGone,
  isFormRefused,
  isNotSent,
  isThreadGone,
  outcomeOf,
  webhookOutcome,
} from '../../../src/alerts/slack/outcomes.ts';
import { type Failure, lostCall } from '../../../src/alerts/slack/reply.ts';
import { MINUTE } from '../../../src/shared/time.ts';

const refused = (error: string): Failure => ({ kind: 'refused', error, detail: '' });
const status = (code: number, body = ''): Failure => ({
  kind: 'status',
  status: code,
  body,
  retryAfterMs: null,
});

describe('what Slack answers to a message', () => {
  it.each([
    ['ratelimited', 'retry'],
    ['rate_limited', 'retry'],
    ['service_unavailable', 'retry'],
    ['request_timeout', 'retry'],
    ['internal_error', 'uncertain'],
    ['fatal_error', 'uncertain'],
    ['invalid_auth', 'halt'],
    ['token_revoked', 'halt'],
    ['account_inactive', 'halt'],
    ['accesslimited', 'halt'],
    ['missing_scope', 'parked'],
    ['restricted_action_read_only_channel', 'parked'],
    ['channel_not_found', 'parked'],
    ['invalid_blocks', 'parked'],
    ['a_word_of_tomorrow', 'parked'],
  ])('%s with HTTP 200: %s', (word, state) => {
    expect(outcomeOf(refused(word), 'once')).toMatchObject({ state });
  });

  it.each([
    ['a reset', { kind: 'lost', sent: true, code: 'econnreset' }, 'uncertain', 'retry'],
    ['a refused connection', { kind: 'lost', sent: false, code: 'econnrefused' }, 'halt', 'halt'],
    ['a page of a proxy', { kind: 'unreadable' }, 'uncertain', 'retry'],
    ['503', status(503), 'uncertain', 'retry'],
    ['408', status(408), 'uncertain', 'retry'],
    ['404', status(404), 'parked', 'parked'],
  ] as [string, Failure, string, string][])(
    '%s: a message is %s, a change of one %s',
    (_what, failure, once, again) => {
      expect(outcomeOf(failure, 'once').state).toBe(once);
      expect(outcomeOf(failure, 'repeatable').state).toBe(again);
    },
  );

  it('waits as long as it is told, and no longer than a quarter of an hour', () => {
    expect(outcomeOf({ kind: 'limited', retryAfterMs: 30_000 }, 'once')).toMatchObject({ afterMs: 30_000 });
    expect(outcomeOf({ kind: 'limited', retryAfterMs: 9e9 }, 'once')).toMatchObject({ afterMs: 15 * MINUTE });
    expect(outcomeOf({ kind: 'limited', retryAfterMs: null }, 'once')).toMatchObject({ afterMs: 5000 });
  });

  it('only what may be there is uncertain', () => {
    expect(isNotSent(outcomeOf(refused('fatal_error'), 'once'))).toBe(false);
    expect(isNotSent(outcomeOf(refused('ratelimited'), 'once'))).toBe(true);
    expect(isNotSent(outcomeOf(status(500), 'once'))).toBe(false);
  });

  it('another way may do where the channel, the thread or the form is at fault', () => {
    expect(isChannelGone(refused('is_archived'))).toBe(true);
    expect(isThreadGone(refused('cannot_reply_to_message'))).toBe(true);
    expect(isFormRefused(refused('msg_blocks_too_long'))).toBe(true);
    expect(isChannelGone(refused('missing_scope'))).toBe(false);
  });
});

describe('what an incoming webhook answers', () => {
  it.each([
    [400, 'invalid_payload', 'parked', 'invalid_payload'],
    [400, 'no_text', 'parked', 'no_text'],
    [400, 'invalid_token', 'halt', 'invalid_token'],
    [403, 'invalid_token', 'halt', 'invalid_token'],
    [403, 'action_prohibited', 'halt', 'action_prohibited'],
    [404, 'channel_not_found', 'halt', 'channel_not_found'],
    [404, 'no_service', 'halt', 'no_service'],
    [410, 'channel_is_archived', 'halt', 'channel_is_archived'],
    [404, '<html>gone</html>', 'halt', 'http_404'],
    [429, '', 'retry', 'rate_limit'],
    [408, '', 'uncertain', 'http_408'],
    [500, 'rollup_error', 'uncertain', 'http_500'],
  ])('%s %s: %s', (code, body, state, word) => {
    expect(webhookOutcome(status(code, body))).toMatchObject({ state, code: word });
  });
});

describe('a call without an answer', () => {
  it.each([
    ['ECONNREFUSED', false],
    ['ENOTFOUND', false],
    ['UND_ERR_CONNECT_TIMEOUT', false],
    ['CERT_HAS_EXPIRED', false],
    ['ECONNRESET', true],
    ['UND_ERR_SOCKET', true],
    ['', true],
  ])('%s: it may have arrived: %s', (code, sent) => {
    const error = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('x'), { code }),
    });
    expect(lostCall(error)).toMatchObject({ kind: 'lost', sent });
  });
});
