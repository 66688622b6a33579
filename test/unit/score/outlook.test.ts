import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../../src/events/event.ts';
import { closer } from '../../../src/score/closer.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { outlookOf } from '../../../src/score/outlook.ts';
import { upcoming } from '../../../src/score/upcoming.ts';
import { DAY, HOUR } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { modelOf } from '../../support/model.ts';
import { shippedModel, shippedRubric } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const rubric = shippedRubric();

const FIT = group('acct-7', { employees: 240, industry: 'Software' }, { userId: 'ada' });
const did = (name: string, ago: number, properties = {}) =>
  event({ userId: 'ada', name, at: NOON - ago, properties });

/** 80 points: fit 25, limit 25, API 15, three of four teammates 15; depth of use some hours ago. */
const CLOSE: ProductEvent[] = [
  FIT,
  did('Limit Breach Attempted', 2 * DAY),
  did('API Integration Created', 3 * DAY),
  ...[1, 2, 3].map((n) => did('Invite Sent', 4 * DAY, { invitee_email: `p${n}@initech.example` })),
];

describe('the smallest single change that reaches the next tier (S3-49)', () => {
  it('names one more teammate, one of the other rules, and until when each would be enough', () => {
    const state = stateOf('acct-7', CLOSE);
    expect(evaluate(rubric, state, NOON)).toMatchObject({ value: 80, tier: 'stage_2' });
    const found = closer(rubric, state, NOON);
    expect(found[0]).toEqual({
      what: '1 more: seats invited',
      times: 1,
      tier: 'mql',
      by: '2026-03-06T12:00:00.000Z',
    });
    expect(found.map(({ times, tier }) => [times, tier])).toEqual([
      [1, 'mql'],
      [1, 'mql'],
      [1, 'mql'],
    ]);
  });

  it('S0-11: with the points and without depth of use, any depth event is enough', () => {
    const state = stateOf('acct-7', [
      ...CLOSE.map((one) => ({ ...one, at: one.at - 10 * DAY })),
      did('Workflow Configured', 10 * DAY),
    ]);
    expect(evaluate(rubric, state, NOON)).toMatchObject({ value: 100, tier: 'stage_2' });
    expect(closer(rubric, state, NOON)[0]).toMatchObject({
      what: '1 more: any of key feature used, workflow configured, api integration created',
      times: 1,
    });
  });

  it('S2-54, S2-115: says how often, and nothing when no single change is enough or no tier is left', () => {
    const rules = [
      '{ id: use, signal: key_feature_used, count: each, window: 9 days, points: 5 points each, cap: 10 times, why: use }',
    ];
    const tiers = ['{ id: none, from: 0 }', '{ id: pql, from: 35 }'];
    const model = modelOf({ rules, tiers });
    expect(closer(model, stateOf('a', []), NOON)).toMatchObject([
      { what: '7 more: key feature used', times: 7 },
    ]);
    const two = modelOf({
      rules: [...rules, rules[0]?.replaceAll('use', 'two') ?? ''].slice(0, 1),
      tiers: ['{ id: none, from: 0 }'],
    });
    expect(closer(two, stateOf('a', []), NOON)).toEqual([]);
  });

  it('a fact that is not known can be what is missing', () => {
    const model = modelOf({
      rules: ['{ id: size, trait: employees, at_least: 100, points: 10 points once, why: big }'],
      tiers: ['{ id: none, from: 0 }', '{ id: fit, from: 10 }'],
    });
    expect(closer(model, stateOf('a', []), NOON)).toEqual([
      { what: 'employees known to be 100', times: 1, tier: 'fit', by: null },
    ]);
    const small = stateOf('a', [group('a', { employees: 50 })]);
    expect(closer(model, small, NOON), 'a known size is no gap in what is known').toEqual([]);
  });

  it('S4-155: points that a gate keeps from counting may be one step away; an account without any is not asked', () => {
    const model = shippedModel('activation-gated');
    const limit = stateOf('acct-7', [FIT, did('Limit Reached', DAY)]);
    const score = evaluate(model, limit, NOON);
    expect(score).toMatchObject({ value: 0, raw: 50, tier: 'cold' });
    expect(outlookOf(model, limit, NOON, score).closer).toContainEqual(
      expect.objectContaining({ what: '1 more: aha', times: 1, tier: 'warm' }),
    );
    const empty = stateOf('acct-7', []);
    expect(outlookOf(model, empty, NOON, evaluate(model, empty, NOON))).toEqual({ next: [], closer: [] });
  });

  it('leaves the state as it was', () => {
    const state = stateOf('acct-7', CLOSE);
    const before = JSON.stringify(state);
    closer(rubric, state, NOON);
    expect(JSON.stringify(state)).toBe(before);
  });
});

describe('what will change with no new event', () => {
  it('lists the next three changes of number, tier or gate, each with what does it', () => {
    const state = stateOf('acct-7', [
      ...CLOSE,
      did('Key Feature Used', HOUR),
      did('Workflow Configured', 80 * DAY),
    ]);
    const now = evaluate(rubric, state, NOON);
    expect(now).toMatchObject({ value: 100, tier: 'mql' });
    const next = upcoming(rubric, state, NOON);
    expect(next.map(({ at, value, tier }) => [at, value.to, tier.to])).toEqual([
      ['2026-03-09T11:00:00.000Z', 100, 'stage_2'],
      ['2026-03-12T00:00:00.000Z', 80, 'stage_2'],
      ['2026-05-27T00:00:00.000Z', 65, 'stage_2'],
    ]);
    expect(next[1]?.because[0]).toBe('workflow gives 0, not 20: none in the last 90 days');
    expect(next[0]?.because[0]).toContain('feature_depth_last_7_days fails');
  });

  it('is what scoring says at those instants, and nothing is passed over', () => {
    const state = stateOf('acct-7', CLOSE);
    for (const { at, value, tier } of upcoming(rubric, state, NOON)) {
      const before = evaluate(rubric, state, Date.parse(at) - 1);
      expect([before.value, before.tier]).toEqual([value.from, tier.from]);
      const after = evaluate(rubric, state, Date.parse(at));
      expect([after.value, after.tier]).toEqual([value.to, tier.to]);
    }
  });

  it('an account that nothing will change has no future', () => {
    expect(upcoming(rubric, stateOf('a', [FIT]), NOON)).toEqual([]);
  });
});
