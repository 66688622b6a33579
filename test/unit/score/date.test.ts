import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/score/evaluate.ts';
import { DAY, isoInstant } from '../../../src/shared/time.ts';
import { group, NOON } from '../../support/event.ts';
import { modelOf, modelText, problemsOf } from '../../support/model.ts';
import { shippedModel } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const model = modelOf({
  rules: [
    '{ id: left, when: { date: churned_at, within: 90 days }, points: 5 points once, why: left }',
    '{ id: renews, when: { not: { date: renews_on, within: 24 hours } }, points: 7 points once, why: renews }',
  ],
});
const told = (traits: Record<string, string | number>) => [
  group('acct-7', traits, { userId: 'u-1', at: NOON - DAY }),
];

function scored(traits: Record<string, string | number>, days = 0) {
  const { value, validUntil, explanation } = evaluate(
    model,
    stateOf('acct-7', told(traits)),
    NOON + days * DAY,
  );
  return { value, validUntil, why: explanation.map(({ why }) => why) };
}

describe('S4-165 a date that is a fact: how long ago it was', () => {
  it('counts UTC days, today included, whoever told it, and says when it ends (I5)', () => {
    const churned = isoInstant(NOON - 89 * DAY);
    expect(scored({ churned_at: churned })).toMatchObject({
      value: 5,
      validUntil: '2026-03-03T00:00:00.000Z',
    });
    expect(scored({ churned_at: churned }, 1)).toMatchObject({ value: 0, validUntil: null });
    expect(scored({ churned_at: '2025-12-03' }).value).toBe(5);
    expect(scored({ churned_at: (NOON - DAY) / 1000 }).value).toBe(5);
  });

  it('what nobody knows, and what is no date, is unknown: neither it nor its opposite holds', () => {
    expect(scored({})).toEqual({
      value: 0,
      validUntil: null,
      why: ['churned_at is not known as a date', 'renews_on is not known as a date'],
    });
    expect(scored({ churned_at: 'last spring', renews_on: 'soon' }).value).toBe(0);
  });

  it('a date still to come has not happened yet, and happens at its instant', () => {
    const soon = { renews_on: isoInstant(NOON + 2 * DAY) };
    expect(scored(soon)).toMatchObject({ value: 7, validUntil: isoInstant(NOON + 2 * DAY) });
    expect(scored(soon, 2)).toMatchObject({ value: 0, validUntil: isoInstant(NOON + 3 * DAY) });
    expect(scored(soon, 3)).toMatchObject({ value: 7, validUntil: null });
  });

  it('is refused under another spelling than the one it is kept under', () => {
    const rules = [
      '{ id: left, when: { date: createdAt, within: 90 days }, points: 5 points once, why: left }',
    ];
    expect(problemsOf(modelText({ rules }))).toEqual([expect.stringContaining('created_at')]);
  });
});

describe('S4-92 who left lately is not written to', () => {
  const contactable = (traits: Record<string, string>) =>
    evaluate(shippedModel('activation-gated'), stateOf('acct-7', told(traits)), NOON).gates.find(
      ({ id }) => id === 'contactable',
    )?.passed;

  it('whether an event, the CRM or a CSV told the date; unless they came back; unknown is no churn', () => {
    const lately = isoInstant(NOON - 30 * DAY);
    expect(contactable({ churned_at: lately })).toBe(false);
    expect(contactable({ churned_at: lately, customer: 'true' })).toBe(true);
    expect(contactable({ churned_at: isoInstant(NOON - 90 * DAY) })).toBe(true);
    expect(contactable({})).toBe(true);
  });
});
