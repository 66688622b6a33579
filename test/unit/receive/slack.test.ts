import { describe, expect, it } from 'vitest';
import { pressesIn } from '../../../src/receive/slack/presses.ts';
import { isSignedBySlack } from '../../../src/receive/slack/signature.ts';

/** Computed apart and accepted by Slack's own framework. */
const SECRET = 'pql-test-signing-secret-0001';
const BODY =
  'payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%2C%22actions%22%3A%5B%7B%22action_id%22%3A%22pql_accept%22%2C%22value%22%3A%22alert_42%22%7D%5D%7D';
const STAMP = '1763800000';
const SIGNATURE = 'v0=f67304db693176dd1c004fb2215fb02bb598d2935880543155ebd85e639ee49b';
const AT = 1_763_800_000_000;

describe('the signature of Slack', () => {
  it.each<
    [string, boolean, { body?: string; stamp?: string; signature?: string; secret?: string; at?: number }]
  >([
    ['is right', true, {}],
    ['is right 300 s later', true, { at: AT + 300_000 }],
    ['is too old 301 s later', false, { at: AT + 301_000 }],
    ['is not of the future', false, { at: AT - 301_000 }],
    ['covers the body', false, { body: `${BODY}%20` }],
    ['covers the time', false, { stamp: '1763800001' }],
    ['needs the secret', false, { secret: 'pql-test-signing-secret-0002' }],
    ['may be of one of two secrets', true, { secret: `a-newer-secret,${SECRET}` }],
    ['has the form of one', false, { signature: SIGNATURE.replace('v0', 'v1') }],
    ['is no shorter one', false, { signature: 'v0=f67304' }],
    ['has a time of digits', false, { stamp: '1763800000.0' }],
  ])(
    '%s',
    (_what, expected, { body = BODY, stamp = STAMP, signature = SIGNATURE, secret = SECRET, at = AT }) => {
      expect(isSignedBySlack(Buffer.from(body), { stamp, signature }, secret, at)).toBe(expected);
    },
  );
});

describe('a press', () => {
  const form = (payload: unknown) => Buffer.from(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const action = { action_id: 'pql_claim', action_ts: '1763800200.123456', value: `al_${'0af1'.repeat(8)}` };
  const payload = { type: 'block_actions', team: { id: 'T1' }, user: { id: 'U1' }, actions: [action] };

  it('carries nothing but an id', () => {
    expect(pressesIn(form(payload))).toMatchObject([
      { team: 'T1', user: 'U1', what: 'claim', act: '0af10af1-0af1-0af1-0af1-0af10af10af1' },
    ]);
  });

  it('is the same press however often it is told, and another one for another person or moment', () => {
    const id = (over: object) => pressesIn(form({ ...payload, ...over }))?.[0]?.id;
    expect(id({})).toBe(id({ trigger_id: 'x' }));
    expect(id({ user: { id: 'U2' } })).not.toBe(id({}));
    expect(id({ actions: [{ ...action, action_ts: '1763800200.123457' }] })).not.toBe(id({}));
  });

  it.each([
    ['a button of others', { ...payload, actions: [{ ...action, action_id: 'constructor' }] }],
    ['a value of others', { ...payload, actions: [{ ...action, value: "al_'; DROP TABLE actions" }] }],
    ['a link', { ...payload, actions: [{ action_id: 'open', action_ts: '1.1' }] }],
    ['a view', { type: 'view_submission', team: { id: 'T1' }, user: { id: 'U1' } }],
    ['a team that is none', { ...payload, team: null }],
  ])('%s is nothing to us', (_what, given) => {
    expect(pressesIn(form(given))).toEqual([]);
  });

  it.each([[''], ['payload='], ['payload=%7B'], ['other=1'], ['payload=7'], ['\u0000\u00ff']])(
    '%j is no form of Slack',
    (body) => {
      expect(pressesIn(Buffer.from(body))).toBeNull();
    },
  );
});
