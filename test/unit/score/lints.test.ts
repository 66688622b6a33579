import { describe, expect, it } from 'vitest';
import { formatLint, lintsOf, staleCalibration } from '../../../src/score/lints/index.ts';
import { DAY } from '../../../src/shared/time.ts';
import { NOON } from '../../support/event.ts';
import { modelFrom } from '../../support/model.ts';

/** A model that nothing can be said against. */
const GOOD = `model: tiny
title: Tiny
calibrated: "2026-02-01"
weighting: raw
groups: [use, fit]
segments: [{ id: big, when: { trait: employees, at_least: 1000 } }, { id: small }]
rules:
  - { id: aha, group: use, signal: aha, window: 90 days, points: 30 points once, why: aha }
  - { id: feature, group: use, signal: key_feature_used, count: each, window: 30 days, points: 5 points each, cap: 8 times, why: used }
  - { id: size, group: fit, trait: employees, at_least: 100, points: 30 points once, why: big }
gates:
  - { id: icp, why: fits, kind: fit, when: { trait: employees, at_least: 100 } }
  - { id: rival, why: no competitor, kind: suppression, when: { not: { trait: domain_kind, equals: competitor } }, when_unknown: pass }
overrides:
  - { id: asked, why: asked for sales, kind: hand_raiser, when: { signal: contact_sales, window: 30 days }, tier: hot }
modifiers:
  - { id: silence, kind: weekly, minus: 5 points, after: 14 days }
tiers:
  - { id: none, from: 0 }
  - { id: warm, from: 30 }
  - { id: hot, from: 60, requires: [icp, rival], acts: true, rearm: 30 days }
`;

const lints = (text: string) => lintsOf(modelFrom(text)).map(({ id, level }) => `${level} ${id}`);

describe('advice about a valid model, each with its reason (S2-136)', () => {
  it('has nothing to say about a good one', () => {
    expect(lints(GOOD)).toEqual([]);
  });

  const cases: [string, [from: string, to: string][], string][] = [
    [
      'S1-71, S1-112: a login counted as value',
      [['signal: aha,', 'signal: signed_in,']],
      'warning login_as_value',
    ],
    [
      'S1-71: the last login counted as value',
      [['signal: aha, window: 90 days,', 'last: [signed_in], within: 90 days,']],
      'warning login_as_value',
    ],
    [
      'X-14: a large share for coming back',
      [['signal: key_feature_used, count: each', 'signal: activity, count: distinct days']],
      'warning frequency_share',
    ],
    [
      'S1-73, S1-116: nothing is ever forgotten',
      [
        ['modifiers:\n  - { id: silence, kind: weekly, minus: 5 points, after: 14 days }\n', ''],
        ['window: 90 days, points: 30', 'window: lifetime, points: 30'],
      ],
      'warning no_decay',
    ],
    [
      'S1-73: a condition that is never forgotten',
      [
        ['modifiers:\n  - { id: silence, kind: weekly, minus: 5 points, after: 14 days }\n', ''],
        [
          'signal: aha, window: 90 days,',
          'when: { any: [{ last: [aha], within: lifetime }, { signal: aha, window: 9 days }] },',
        ],
      ],
      'warning no_decay',
    ],
    ['S1-117, S2-107: no fit gate', [['requires: [icp, rival]', 'requires: [rival]']], 'warning no_fit_gate'],
    ['X-5: an uncapped rule', [[', cap: 8 times', '']], 'warning uncapped_rule'],
    [
      'X-21: two penalties for silence',
      [
        ['overrides:', '  - { id: fresh, why: f, any_of: [aha], within: 7 days }\noverrides:'],
        ['[icp, rival]', '[icp, rival, fresh]'],
      ],
      'warning recency_twice',
    ],
    [
      'a step that is never the best',
      [
        [
          'points: 5 points each, cap: 8 times,',
          'points: { best_of: [{ at_least: 1, points: 9 points }, { at_least: 3, points: 9 points }] },',
        ],
      ],
      'warning dead_step',
    ],
    [
      'a test that everybody passes',
      [['signal: aha, window: 90 days,', 'signal: aha, window: 90 days, at_least: 0,']],
      'warning passes_for_all',
    ],
    [
      'X-21: a gate that takes all points for silence, beside a modifier',
      [
        [
          'overrides:',
          '  - { id: fresh, why: f, any_of: [aha], within: 7 days, otherwise: zero }\noverrides:',
        ],
      ],
      'warning recency_twice',
    ],
    [
      'X-23: an override that skips suppression',
      [['[icp, rival]', '[icp]']],
      'warning override_skips_suppression',
    ],
    [
      'S1-29, S1-114: the aha moment below 20 %',
      [['30 points once, why: aha', '10 points once, why: aha']],
      'warning aha_share',
    ],
    [
      'S1-29, S1-114: the aha moment above 40 %',
      [['30 points once, why: aha', '60 points once, why: aha']],
      'warning aha_share',
    ],
    ['S1-113, X-20: never calibrated', [['calibrated: "2026-02-01"\n', '']], 'hint never_calibrated'],
    [
      'S1-19, S1-115, S4-80: more than three signals in one group',
      [
        [
          '  - { id: size,',
          `${['a', 'b']
            .map(
              (id) =>
                `  - { id: ${id}, group: use, signal: plans_compared, window: 9 days, points: 1 point once, why: w }\n`,
            )
            .join('')}  - { id: size,`,
        ],
      ],
      'hint many_signals',
    ],
    [
      'S1-7, S2-106: signing up is enough',
      [
        [
          'signal: aha, window: 90 days, points: 30 points once',
          'signal: signed_up, window: 90 days, points: 60 points once',
        ],
      ],
      'warning signup_alone',
    ],
    [
      'S1-7, S2-106: signing up lately is enough',
      [['signal: aha, window: 90 days, points: 30', 'when: { signed_up_within: 9 days }, points: 60']],
      'warning signup_alone',
    ],
    [
      'S1-7, S2-106: signing up lifts',
      [['when: { signal: contact_sales, window: 30 days }', 'when: { signal: signed_up, window: 30 days }']],
      'warning signup_alone',
    ],
    [
      'S4-141: three gates of usage at once',
      [
        [
          'overrides:',
          '  - { id: a, why: a, when: { signal: aha, window: 9 days } }\n  - { id: b, why: b, when: { gate: a } }\n  - { id: c, why: c, when: { gate: a } }\noverrides:',
        ],
        ['[icp, rival]', '[icp, rival, a, b, c]'],
      ],
      'hint too_tight',
    ],
    ['S2-108: all or nothing', [['  - { id: warm, from: 30 }\n', '']], 'hint treated_alike'],
    [
      'S2-113: one definition for small and large',
      [['segments: [{ id: big, when: { trait: employees, at_least: 1000 } }, { id: small }]\n', '']],
      'hint one_definition',
    ],
    [
      'a model that gives another number every day',
      [['kind: weekly, minus: 5 points, after: 14 days', 'kind: half_life, half_every: 30 days']],
      'hint moves_every_day',
    ],
  ];
  it.each(cases)('%s', (_title, edits, expected) => {
    const text = edits.reduce((whole, [from, to]) => {
      expect(whole).toContain(from);
      return whole.replace(from, to);
    }, GOOD);
    expect(lints(text)).toContain(expected);
  });

  it('says nothing about what only looks alike', () => {
    const both =
      'when: { all: [{ signal: signed_up, window: 90 days }, { signal: aha, window: 90 days }] }, points: 60';
    expect(lints(GOOD.replace('signal: aha, window: 90 days, points: 30', both))).not.toContain(
      'warning signup_alone',
    );
    const capped = GOOD.replace('groups: [use, fit]', 'groups: { use: { cap: 70 points }, fit: {} }');
    expect(lints(capped.replace(', cap: 8 times', ''))).not.toContain('warning uncapped_rule');
  });

  it('X-22: a calibration is old after half a year', () => {
    const model = modelFrom(GOOD);
    const day = Date.parse('2026-02-01');
    expect(staleCalibration(model, day + 184 * DAY)).toEqual([]);
    expect(staleCalibration(model, day + 185 * DAY).map(({ id }) => id)).toEqual(['stale_calibration']);
    expect(staleCalibration(model, day - DAY).map(({ id }) => id)).toEqual(['never_calibrated']);
    expect(staleCalibration(modelFrom(GOOD.replace('calibrated: "2026-02-01"\n', '')), NOON)).toEqual([]);
  });

  it('names file and line', () => {
    const model = modelFrom(GOOD.replace(', cap: 8 times', ''));
    expect(lintsOf(model).map((lint) => formatLint(model, lint))[0]).toBe(
      'tiny.yaml:9 warning uncapped_rule: "feature" has no cap: one busy account outweighs all others',
    );
  });
});
