import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../../src/events/event.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { DAY, isoInstant } from '../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { modelOf, modelText, problemsOf } from '../../support/model.ts';
import { stateOf } from '../../support/state.ts';

const model = modelOf({
  rules: ['{ id: new, when: { signed_up_within: 30 days }, points: 5 points once, why: new }'],
});
const over = (days: number, more: Partial<ProductEvent> = {}) => ({
  accountId: 'acct-7',
  at: NOON + days * DAY,
  ...more,
});
const signedUp = (days: number, userId = 'u-1') => event(over(days, { name: 'Signed Up', userId }));

function scored(events: ProductEvent[], days = 0) {
  const { value, validUntil, explanation } = evaluate(model, stateOf('acct-7', events), NOON + days * DAY);
  return { value, validUntil, why: explanation[0]?.why };
}

describe('S2-47 signed_up_within: how new the account is', () => {
  it('holds on 30 UTC days, the day of signing up being the first, and says when it ends (I5)', () => {
    const events = [signedUp(-29)];
    expect(scored(events)).toEqual({ value: 5, validUntil: '2026-03-03T00:00:00.000Z', why: 'new' });
    expect(scored(events, 1)).toMatchObject({ value: 0, validUntil: null, why: 'signed up on 2026-02-01' });
  });

  it('X-10: the first of its people signs the account up, whoever comes later', () => {
    expect(scored([signedUp(-40), signedUp(-1, 'u-2')]).value).toBe(0);
  });

  it('takes created_at of the account, then of its people, where no sign-up was seen', () => {
    const seen = isoInstant(NOON - 3 * DAY);
    expect(scored([group('acct-7', { created_at: seen }, over(-1))]).value).toBe(5);
    expect(scored([identify({ created_at: seen }, over(-1))]).value).toBe(5);
    expect(scored([signedUp(-40), group('acct-7', { created_at: seen }, over(-1))]).value).toBe(0);
  });

  it('is unknown, not false, when nobody knows', () => {
    const line = evaluate(model, stateOf('acct-7', [event(over(-1))]), NOON).explanation[0];
    expect(line).toMatchObject({ points: 0, why: 'signup is not known', evidence: { missing: ['signup'] } });
  });

  it('a day that is still to come is not known yet, and counts when it has come', () => {
    const events = [group('acct-7', { created_at: isoInstant(NOON + 2 * DAY) }, over(-1))];
    expect(scored(events)).toMatchObject({ value: 0, validUntil: isoInstant(NOON + 2 * DAY) });
    expect(scored(events, 2).value).toBe(5);
  });

  it('the first days since a sign-up that is still to come are unknown too', () => {
    const early = modelOf({
      rules: [
        '{ id: early, signal: key_feature_used, count: each, window: first 7 days, at_most: 5, points: 5 points once, why: early }',
      ],
    });
    const to = { created_at: isoInstant(NOON + 2 * DAY) };
    for (const known of [group('acct-7', to, over(-1)), identify(to, over(-1))]) {
      const state = stateOf('acct-7', [known, event(over(-1))]);
      expect(evaluate(early, state, NOON)).toMatchObject({ value: 0, validUntil: to.created_at });
      expect(evaluate(early, state, NOON + 2 * DAY).value).toBe(5);
    }
  });

  it('created_at of the people counts until that of the account has come', () => {
    const events = [
      group('acct-7', { created_at: isoInstant(NOON + DAY) }, over(-1)),
      identify({ created_at: isoInstant(NOON - 3 * DAY) }, over(-1)),
    ];
    expect(scored(events)).toMatchObject({ value: 5, validUntil: isoInstant(NOON + DAY) });
    expect(scored(events, 27).value).toBe(5); // of the account's own day; that of the people is 31 days old
  });

  it('refuses the first days since signup as a window', () => {
    const rules = ['{ id: new, when: { signed_up_within: first 7 days }, points: 5 points once, why: new }'];
    expect(problemsOf(modelText({ rules }))).toEqual([
      expect.stringContaining('signed_up_within: found "first 7 days"; allowed: days or hours before now'),
    ]);
  });
});
