import { describe, expect, it } from 'vitest';
import { readModel } from '../../../src/score/compile/read.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { DAY, HOUR, isoInstant } from '../../../src/shared/time.ts';
import { event, identify, NOON } from '../../support/event.ts';
import { knownWith } from '../../support/known.ts';
import { modelFrom, modelText } from '../../support/model.ts';
import { shippedSignals } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const USED =
  '{ id: used, signal: key_feature_used, count: once, window: lifetime, points: 40 points once, why: used }';

function text(...more: string[]): string {
  return `${modelText({ rules: [USED] }).replace('gates: []\n', '')}\n${more.join('\n')}`;
}

function wrong(...more: string[]): string[] {
  const read = readModel('tiny.yaml', text(...more), knownWith(shippedSignals().signals));
  return read.ok ? [] : read.error.map(formatProblem);
}

function scoreOf(events: Parameters<typeof stateOf>[1], now: number, ...more: string[]) {
  return evaluate(modelFrom(text(...more)), stateOf('acct-7', events), now);
}

const used = event({ accountId: 'acct-7' });

describe('what a slow evaluator found', () => {
  it('a gate above is true or false, as shown: an unknown condition that fails is no third thing', () => {
    const gates = [
      'gates:',
      '  - { id: known_plan, why: plan, when: { trait: plan, equals: pro } }',
      '  - { id: not_pro, why: not pro, when: { not: { gate: known_plan } } }',
    ];
    expect(scoreOf([used], NOON, ...gates).gates.map(({ passed }) => passed)).toEqual([false, true]);
  });

  it('people are those with a user id or an e-mail, also where values of a trait are counted', () => {
    const visitor = identify(
      { department: 'Sales' },
      { userId: null, anonymousId: 'a-1', accountId: 'acct-7' },
    );
    const sales = ['milestones:', '  - { id: m, why: m, when: { people: { distinct: department } } }'];
    expect(scoreOf([visitor], NOON, ...sales).groups.milestones).toBe(0);
    const named = identify(
      { email: 'ann@x.example' },
      { userId: null, anonymousId: 'a-1', accountId: 'acct-7' },
    );
    expect(scoreOf([visitor, named], NOON, ...sales).groups.milestones).toBe(1);
  });

  it('S3-20: a linear fade reaches its floor when its days are over, not before', () => {
    const faded = USED.replace('lifetime', '90 days').replace(
      'why: used',
      'why: used, fade: { over: 10 days, to: 20 % }',
    );
    const model = modelFrom(modelText({ rules: [faded] }));
    const values = [0, 5, 9, 10, 11].map(
      (days) => evaluate(model, stateOf('acct-7', [used]), NOON + days * DAY).value,
    );
    expect(values).toEqual([40, 24, 11.2, 8, 8]);
  });

  it.each([
    ['once, although none may be left', '{ at_most: 5, points: 10 points once }'],
    ['each, although as many are left', '{ points: 10 points each, cap: 4 times }'],
  ])('I5: what fades differs when its newest leaves or comes: %s', (_what, points) => {
    const rule = `{ id: quit, signal: checkout_abandoned, window: 7 days, why: quit, fade: { over: 100 days }, count: once, ${points.slice(2)}`;
    const model = modelFrom(modelText({ rules: [rule] }));
    const started = (hours: number) =>
      event({ name: 'Checkout Started', accountId: 'acct-7', at: NOON + hours * HOUR });
    const state = stateOf('acct-7', [started(-36), started(-6)]);
    const worth = (hours: number) => evaluate(model, state, NOON + hours * HOUR);
    // The first is given up after 24 hours, 12 hours before noon; the second 18 hours after it, on the next day.
    expect([worth(0).value, worth(0).validUntil]).toEqual([10, isoInstant(NOON + 12 * HOUR)]);
    expect([worth(17).value, worth(17).validUntil]).toEqual([9.9, isoInstant(NOON + 18 * HOUR)]);
    expect(worth(18).value).toBe(10);
    const lastDay = NOON + 12 * HOUR + 6 * DAY;
    expect(evaluate(model, state, lastDay)).toMatchObject({
      value: 9.4,
      validUntil: isoInstant(lastDay + DAY),
    });
    expect(evaluate(model, state, lastDay + DAY)).toMatchObject({ value: 0, validUntil: null });
  });

  it('a flag that two failing gates set is carried once', () => {
    const gates = [
      'gates:',
      '  - { id: pro, why: pro, flag: self_serve, when: { trait: plan, equals: pro } }',
      '  - { id: large, why: large, flag: self_serve, when: { trait: employees, at_least: 11 } }',
    ];
    expect(scoreOf([used], NOON, ...gates).flags).toEqual(['self_serve']);
  });

  it('what a floor gives and what rounding adds is within reach of tiers and gates', () => {
    const [head, tail] = text().split('tiers:');
    const floors = `${head}gates: [{ id: g, why: g, minimum_points: { use: 45 } }]\ntiers:${tail}`
      .replace('groups: [use]', 'groups: { use: { floor: 45.5 points } }')
      .concat('  - { id: high, from: 46 }\nround: 0\n');
    expect(evaluate(modelFrom(floors), stateOf('acct-7', []), NOON)).toMatchObject({
      value: 46,
      tier: 'high',
    });
  });

  it('I5: a later step of silence that takes less away is foreseen, also from the floor', () => {
    const steps = [
      'modifiers:',
      '  - { id: quiet, kind: steps, steps: [{ after: 2 days, minus: 50 points }, { after: 9 days, minus: 1 point }] }',
    ];
    const at = (days: number) => scoreOf([used], NOON + days * DAY, ...steps);
    expect([at(0).value, at(2).value, at(9).value]).toEqual([40, 0, 39]);
    expect([at(2).validUntil, at(9).validUntil]).toEqual(['2026-03-11T00:00:00.000Z', null]);
  });

  it('I5: half of nothing is nothing: an account whose number has halved away is not woken every day', () => {
    const halves = ['modifiers:', '  - { id: half, kind: half_life, half_every: 1 day, floor: -5 points }'];
    expect(scoreOf([used], NOON + 60 * DAY, ...halves)).toMatchObject({ value: 0, validUntil: null });
  });

  it('I5: an occurrence still to come, newer than the fading one, is foreseen', () => {
    const fading = USED.replace('used }', 'used, fade: { over: 8 days } }').replace('lifetime', '30 days');
    const model = modelFrom(modelText({ rules: [fading] }));
    const state = stateOf(
      'acct-7',
      [-2 * DAY, 1].map((ago) => event({ accountId: 'acct-7', at: NOON + ago })),
    );
    expect(evaluate(model, state, NOON)).toMatchObject({ value: 30, validUntil: '2026-03-02T12:00:00.001Z' });
    expect(evaluate(model, state, NOON + 1).value).toBe(40);
  });

  it('X-27: milestones are weighted as any group; one without a weight is refused, not counted for nothing', () => {
    const reached = ['milestones:', '  - { id: m, why: m, points: 10 points, when: { rule: used } }'];
    const weighed = (groups: string) =>
      text(...reached)
        .replace('weighting: raw', 'weighting: multiplier')
        .replace('groups: [use]', `groups: ${groups}`);
    const model = modelFrom(weighed('{ use: { weight: 60 % }, milestones: { weight: 40 % } }'));
    expect(evaluate(model, stateOf('acct-7', [used]), NOON).value).toBe(28);
    const read = readModel(
      'tiny.yaml',
      weighed('{ use: { weight: 100 % } }'),
      knownWith(shippedSignals().signals),
    );
    expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([
      'tiny.yaml:4 groups.milestones.weight: found nothing; allowed: a share such as "60 %": without it the group counts for nothing',
    ]);
  });
});

describe('what could be read in two ways is refused (I11)', () => {
  it.each([
    [
      'a zero that clamp would lift',
      ['clamp: [10, 100]', 'gates:', '  - { id: g, why: g, otherwise: zero, when: { rule: used } }'],
      /clamp.*bounds with 0 between them/,
    ],
    [
      'a bound that rounding would cross',
      ['clamp: [0, 99.5]', 'round: 0'],
      /clamp\.1: found 99\.5; allowed: at most 0 decimals/,
    ],
    [
      'a milestone that takes away',
      ['milestones:', '  - { id: m, why: m, points: -1 point, when: { rule: used } }'],
      /points: found "-1 points"; allowed: 0 points or more/,
    ],
    [
      'the last time of a ratio',
      [
        'overrides:',
        '  - { id: o, why: o, kind: buying, tier: none, when: { last: usage_trend, within: 7 days } }',
      ],
      /last: found "?usage_trend"?; allowed: signals that happen at an instant/,
    ],
    [
      'more than one day within hours, of which the newest instants may all be today',
      [
        'overrides:',
        '  - { id: o, why: o, kind: buying, tier: none, when: { signal: key_feature_used, count: distinct days, window: 72 hours, at_least: 2 } }',
      ],
      /window.*days: within hours only whether there was any is known/,
    ],
    [
      'how long ago, in hours, of what only some times of day count: it is known by quarters of an hour',
      [
        'overrides:',
        '  - { id: o, why: o, kind: buying, tier: none, when: { last: work_hours_days, within: 8 hours } }',
      ],
      /within: found "8 hours"; allowed: days/,
    ],
    [
      'how long ago, beyond the days that are kept, of what only some times of day count',
      ['gates:', '  - { id: g, why: g, any_of: [activity, work_hours_days], within: 93 days }'],
      /within: found "93 days"; allowed: at most 92 days/,
    ],
    [
      'a long silence of what only some times of day count',
      ['modifiers:', '  - { id: h, kind: half_life, half_every: 7 days, last: work_hours_days }'],
      /last: found "?work_hours_days"?; allowed: signals of all times of day/,
    ],
    [
      'a step of silence that is no longer than the one before it, in the words of the file',
      [
        'modifiers:',
        '  - { id: x, kind: multiplier, steps: [{ within: 7 days, times: 1 }, { within: 168 hours, times: 0.5 }], otherwise: 0 }',
      ],
      /steps\.1\.within: found "168 hours"; allowed: a longer window/,
    ],
    [
      'a fade of no days',
      ['modifiers:', '  - { id: h, kind: half_life, half_every: 0 days }'],
      /half_every.*at least one day/,
    ],
    [
      'more than six decimals',
      [
        'round: 6',
        'modifiers:',
        '  - { id: x, kind: multiplier, steps: [{ within: 7 days, times: 0.33333333 }], otherwise: 1 }',
      ],
      /times.*at most six decimals/,
    ],
  ])('%s', (_what, more, expected) => {
    expect(wrong(...more).join('\n')).toMatch(expected);
  });
});
