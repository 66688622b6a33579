import { describe, expect, it } from 'vitest';
import { modelText, problemsOf, versionWith } from '../../support/model.ts';
import { shippedText } from '../../support/shipped.ts';

const SEATS =
  '{ id: seats, signal: seats_invited, count: distinct value, window: 90 days, points: 5 points each, cap: 20 points, why: seats }';
const FLOW = '{ id: flow, signal: workflow_configured, window: lifetime, points: 20 points once, why: flow }';
const SIZE = '{ id: size, trait: employees, between: [101, 500], points: 15 points once, why: size }';
const MIX =
  '{ id: mix, people: { distinct: department, active_within: 30 days, at_least: 2 }, points: 10 points once, why: mix }';
const DEPTH = '{ id: depth, any_of: [key_feature_used], within: 168 hours, why: depth }';
const SOME = '{ id: some, minimum_points: { use: 1 }, why: some }';

const MODEL = modelText({
  rules: [SEATS, FLOW, SIZE, MIX],
  gates: [DEPTH, SOME],
  tiers: ['{ id: none, from: 0 }', '{ id: hot, from: 30, requires: [depth], acts: true, rearm: 30 days }'],
});

describe('a wrong model is refused with file, line, found and allowed (I11)', () => {
  it('accepts the model that the mistakes below are made in', () => {
    expect(problemsOf(MODEL)).toEqual([]);
  });

  it('a factor out of bounds names the bounds', () => {
    const silence =
      'modifiers: [{ id: silence, kind: multiplier, last: activity, steps: [{ within: 7 days, times: -1 }], otherwise: 99 }]';
    expect(problemsOf(`${MODEL}\n${silence}`)).toEqual([
      expect.stringContaining('modifiers.0.steps.0.times: found -1; allowed: a number from 0 to 10'),
      expect.stringContaining('modifiers.0.otherwise: found 99; allowed: a number from 0 to 10'),
    ]);
  });

  const mistakes: [string, string, string, string][] = [
    [
      'a signal nobody counts',
      'signal: seats_invited',
      'signal: seats_invted',
      '6 rules.0.signal: found "seats_invted"; allowed: a signal of signals.yaml (did you mean "seats_invited"?)',
    ],
    [
      'an unknown group',
      'group: use, id: flow',
      'group: usage, id: flow',
      '7 rules.1.group: found "usage"; allowed: use (did you mean "use"?)',
    ],
    [
      'a group that nothing fills',
      'groups: [use]',
      'groups: [use, fit]',
      '4 groups.1: found "fit"; allowed: groups that a rule gives points to',
    ],
    [
      'points without a unit',
      'points: 5 points each',
      'points: 5',
      '6 rules.0.points: found 5; allowed: points with their unit: "15 points once" or "5 points each"; or best_of or sum_of with steps',
    ],
    [
      'a slip within a step, told where it stands',
      'points: 5 points each, cap: 20 points',
      'points: { best_of: [{ at_lest: 3, points: 5 points }] }',
      '6 rules.0.points.best_of.0.at_lest: found unknown key "at_lest"; allowed: at_least, at_most, between, points (did you mean "at_least"?)',
    ],
    [
      'points of a step without a unit',
      'points: 5 points each, cap: 20 points',
      'points: { sum_of: [{ at_least: 3, points: 5 }] }',
      '6 rules.0.points.sum_of.0.points: found 5; allowed: points with their unit: "20 points"',
    ],
    [
      'a cap that could mean points or people (X-2)',
      'cap: 20 points',
      'cap: 20',
      '6 rules.0.cap: found 20; allowed: points or times with their unit: "20 points", "4 times" or "4 times = 20 points"',
    ],
    [
      'no points',
      '20 points once',
      '0 points once',
      '7 rules.1.points: found "0 points"; allowed: more or less than 0',
    ],
    [
      'a cap below one award',
      'cap: 20 points',
      'cap: 4 points',
      '6 rules.0.cap: found "4 points"; allowed: at least one award (5 points)',
    ],
    [
      'a cap on points once',
      'once, why: flow',
      'once, cap: 20 points, why: flow',
      '7 rules.1.cap: found "20 points"; allowed: nothing: points once need no cap',
    ],
    [
      'points each without saying of what',
      'count: distinct value, ',
      '',
      '6 rules.0.count: found nothing; allowed: how it is counted, since points are given for each',
    ],
    [
      'no window',
      'window: lifetime, ',
      '',
      '7 rules.1.window: found nothing; allowed: a window with its unit: "90 days", "168 hours", "first 14 days" or "lifetime"',
    ],
    [
      'an empty window',
      '90 days',
      '0 days',
      '6 rules.0.window: found "0 days"; allowed: a window with its unit: "90 days", "168 hours", "first 14 days" or "lifetime"',
    ],
    [
      'a window beyond the journal',
      '90 days',
      '401 days',
      '6 rules.0.window: found "401 days"; allowed: at most 400 days, as far as the journal reaches',
    ],
    [
      'a window of hours beyond the journal',
      '168 hours',
      '9601 hours',
      '11 gates.0.within: found "9601 hours"; allowed: at most 400 days, as far as the journal reaches',
    ],
    [
      'a rule about nothing',
      'trait: employees, between: [101, 500], ',
      '',
      '8 rules.2: found group, id, points, why; allowed: exactly one of signal, last, trait, people, when',
    ],
    [
      'a rule about two things',
      'trait: employees',
      'trait: employees, signal: seats_invited',
      '8 rules.2: found group, id, trait, signal, between, points, why; allowed: exactly one of signal, last, trait, people, when',
    ],
    [
      'a window on a trait',
      'trait: employees',
      'trait: employees, window: 9 days',
      '8 rules.2.window: found unknown key "window"; allowed: id, group, why, only, trait, at_least, at_most, between, equals, in, known, points',
    ],
    [
      'a trait with two tests',
      'between: [101, 500]',
      'between: [101, 500], in: [x]',
      '8 rules.2: found ["between","in"]; allowed: exactly one of at_least, at_most, between, equals, in, known',
    ],
    [
      'a trait under a name that is kept as another',
      'trait: employees',
      'trait: employeeCount',
      '8 rules.2.trait: found "employeeCount"; allowed: employees, the name under which it is kept',
    ],
    [
      'a range the wrong way round',
      '[101, 500]',
      '[500, 101]',
      '8 rules.2.between: found [500,101]; allowed: the smaller number first',
    ],
    [
      'points for each of a single value',
      '15 points once',
      '15 points each, cap: 15 points',
      '8 rules.2.cap: found unknown key "cap"; allowed: id, group, why, only, trait, at_least, at_most, between, equals, in, known, points',
    ],
    [
      'points for each kind of people',
      '10 points once',
      '10 points each, cap: 10 points',
      '9 rules.3.people.at_least: found "a test"; allowed: no test beside points each or steps',
    ],
    [
      'a person trait under another name',
      'distinct: department',
      'distinct: Department',
      '9 rules.3.people.distinct: found "Department"; allowed: department, the name under which it is kept',
    ],
    [
      'no sentence for the rep',
      ', why: flow',
      '',
      '7 rules.1.why: found nothing; allowed: a sentence for the rep',
    ],
    [
      'a placeholder that nothing fills',
      'why: size',
      'why: "{count} employees"',
      '8 rules.2.why: found "{count}"; allowed: {value}',
    ],
    [
      'a placeholder that is not closed',
      'why: flow',
      'why: "{count flows"',
      '7 rules.1.why: found "{count flows"; allowed: {count}, {people}, {first}, {last}, or {count|teammate|teammates} for a number with its word',
    ],
    [
      'an unknown key',
      'window: lifetime',
      'windw: lifetime',
      '7 rules.1.windw: found unknown key "windw"; allowed: id, group, why, only, signal, count, window, at_least, at_most, between, points, cap, fade (did you mean "window"?)',
    ],
    [
      'a gate on a signal nobody counts',
      '[key_feature_used]',
      '[key_features, key_feature]',
      '11 gates.0.any_of.1: found "key_feature"; allowed: a signal of signals.yaml (did you mean "key_features"?)',
    ],
    [
      'a gate about nothing',
      'any_of: [key_feature_used], ',
      '',
      '11 gates.0: found id, within, why; allowed: exactly one of when, any_of, minimum_points',
    ],
    [
      'a gate without a window',
      'within: 168 hours, ',
      '',
      '11 gates.0.within: found nothing; allowed: days or hours before now, such as "90 days" or "168 hours", or "lifetime"',
    ],
    [
      'a window on a minimum',
      'minimum_points: { use: 1 }',
      'minimum_points: { use: 1 }, within: 9 days',
      '12 gates.1.within: found unknown key "within"; allowed: id, why, kind, when_unknown, otherwise, flag, minimum_points',
    ],
    [
      'a minimum of an unknown group',
      '{ use: 1 }',
      '{ fit: 1 }',
      '12 gates.1.minimum_points.fit: found "fit"; allowed: use',
    ],
    [
      'a minimum out of reach',
      '{ use: 1 }',
      '{ use: 66 }',
      '12 gates.1.minimum_points.use: found 66; allowed: at most 65, all that the rules of the group can give',
    ],
    [
      'a threshold out of reach',
      'from: 30',
      'from: 65.5',
      '15 tiers.1.from: found 65.5; allowed: at most 65, all that the rules can give',
    ],
    [
      'tiers that begin at the same number',
      'from: 30',
      'from: 0',
      '15 tiers.1.from: found 0; allowed: more than 0, where "none" begins',
    ],
    [
      'a lowest tier that not everybody reaches',
      'from: 0',
      'from: 1',
      '14 tiers.0.from: found 1; allowed: at most 0: every account must have a tier',
    ],
    [
      'a lowest tier behind a gate',
      'from: 0',
      'from: 0, requires: [depth]',
      '14 tiers.0.requires: found ["depth"]; allowed: nothing: every account must have a tier',
    ],
    [
      'an acting tier that never rearms',
      ', rearm: 30 days',
      '',
      '15 tiers.1.rearm: found nothing; allowed: days such as "30 days", since the tier acts',
    ],
    [
      'a rearm of a tier that does not act',
      'acts: true, ',
      '',
      '15 tiers.1.rearm: found 30; allowed: nothing, unless the tier acts',
    ],
    [
      'a rise of a tier that does not act',
      'acts: true, rearm: 30 days',
      'rise: 5',
      '15 tiers.1.rise: found 5; allowed: nothing, unless the tier acts',
    ],
    [
      'an unknown gate',
      'requires: [depth]',
      'requires: [dept]',
      '15 tiers.1.requires.0: found "dept"; allowed: depth, some (did you mean "depth"?)',
    ],
    [
      'a repeated rule id',
      'id: flow',
      'id: seats',
      '7 rules.1.id: found "seats"; allowed: an id that no other of the rules has',
    ],
    [
      'a word of weights that only JavaScript knows',
      '20 points once',
      'constructor once',
      '7 rules.1.points: found "constructor"; allowed: a number of points, or a word of weights: nothing: there is none',
    ],
    [
      'a repeated group, whose points would count twice',
      'groups: [use]',
      'groups: [use, use]',
      '4 groups.1: found "use"; allowed: a group that is not named before',
    ],
    [
      'a repeated tier id',
      'id: hot',
      'id: none',
      '15 tiers.1.id: found "none"; allowed: an id that no other of the tiers has',
    ],
    [
      'another model than the file is named after',
      'model: tiny',
      'model: teeny',
      '1 model: found "teeny"; allowed: tiny, the name of the file',
    ],
    [
      'weights that are not there (X-1)',
      'weighting: raw',
      'weighting: multiplier',
      '4 groups: found "0 %"; allowed: weights of all groups that make 100 %',
    ],
  ];
  it.each(mistakes)('%s', (_what, right, wrong, expected) => {
    expect(MODEL).toContain(right);
    expect(problemsOf(MODEL.replace(right, wrong))).toContain(`tiny.yaml:${expected}`);
  });

  it.each([
    ['each', 'limit_reached', '1 point each, cap: 9 points', '"points each within hours"', '"each"'],
    ['sum', 'api_calls', '1 point once', '"5 hours"', null],
  ])('hours are too fine to add up "%s"', (as, signal, points, found, count) => {
    const rule = `{ id: r, signal: ${signal}, count: ${as}, window: 5 hours, points: ${points}, why: w }`;
    expect(problemsOf(modelText({ rules: [rule] }))).toEqual([
      `tiny.yaml:6 rules.0.window: found ${found}; allowed: days: hours are too fine ${count === null ? 'for this signal' : `to add up ${count}`}`,
    ]);
  });

  it('reports all mistakes at once, in the order of the file', () => {
    const text = MODEL.replace('signal: seats_invited', 'signal: x')
      .replace('[key_feature_used]', '[y]')
      .replace('from: 30', 'from: 99');
    expect(problemsOf(text).map((line) => line.split(' ')[0])).toEqual([
      'tiny.yaml:6',
      'tiny.yaml:11',
      'tiny.yaml:15',
    ]);
  });

  it.each([
    ['not YAML', 'model: ['],
    ['a repeated key', 'model: tiny\nmodel: tiny'],
    [
      'an anchor bomb',
      `a: &a [1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: [${'*a, '.repeat(10)}]`).join('\n')}`,
    ],
    ['five megabytes', `# ${'x'.repeat(5_000_000)}`],
    ['nothing', ''],
  ])('refuses %s with a clear message', (_what, text) => {
    expect(problemsOf(text)[0]).toMatch(/^tiny\.yaml:\d .*found .+; allowed: .+/);
  });
});

describe('the version of a model', () => {
  const signals = shippedText('signals.yaml');
  const version = (text: string) => versionWith(text, signals);

  it('ignores comments, spacing and the order of keys', () => {
    expect(version(MODEL)).toMatch(/^[0-9a-f]{16}$/);
    expect(version(`# words\n${MODEL}\n`)).toBe(version(MODEL));
    expect(version(MODEL.replace('from: 30, requires: [depth]', 'requires: [depth],   from: 30'))).toBe(
      version(MODEL),
    );
  });

  it.each([
    ['a number', '20 points once', '21 points once'],
    ['a sentence', 'why: flow', 'why: flows'],
    ['a window', '30 days, at_least', '31 days, at_least'],
    ['a gate', 'requires: [depth]', 'requires: [some]'],
  ])('follows %s', (_what, from, to) => {
    expect(version(MODEL.replace(from, to))).not.toBe(version(MODEL));
  });

  it('follows how its signals are counted, and nothing else of signals.yaml', () => {
    const flow =
      'workflow_configured: { events: [Workflow Configured], count: once, trigger: true, label: "set up a workflow" }';
    expect(signals).toContain(flow);
    const counted = versionWith(MODEL, signals.replace(flow, flow.replace('once', 'each')));
    const untriggered = versionWith(MODEL, signals.replace(flow, flow.replace(', trigger: true', '')));
    expect(counted).toMatch(/^[0-9a-f]{16}$/);
    const unnamed = versionWith(MODEL, signals.replace(flow, flow.replace('set up', 'made')));
    expect([counted, untriggered, unnamed].map((one) => one === version(MODEL))).toEqual([false, true, true]);
  });
});
