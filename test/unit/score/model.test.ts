import { describe, expect, it } from 'vitest';
import { readModel } from '../../../src/score/model.ts';
import { rangeOf } from '../../../src/score/ranges.ts';
import { sentence } from '../../../src/score/sentence.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { shippedText } from '../../support/shipped.ts';

const SIGNALS = ['seats_invited', 'workflow_configured', 'key_feature_used'];

const MODEL = [
  'model: tiny',
  'title: Tiny',
  'weighting: raw',
  'groups: [use]',
  'rules:',
  '  - { id: seats, group: use, signal: seats_invited, window: 90 days, points: 5 points each, cap: 20 points, why: seats }',
  '  - { id: flow, group: use, signal: workflow_configured, window: lifetime, points: 20 points once, why: flow }',
  'gates:',
  '  - { id: depth, any_of: [key_feature_used], within: 168 hours, why: depth }',
  'tiers:',
  '  - { id: none, from: 0 }',
  '  - { id: hot, from: 30, requires: [depth] }',
].join('\n');

function problems(text: string): string[] {
  const read = readModel('m.yaml', text, SIGNALS);
  return read.ok ? [] : read.error.map(formatProblem);
}

describe('a wrong model is refused with file, line, found and allowed (I11)', () => {
  it('accepts the model that the mistakes below are made in', () => {
    expect(problems(MODEL)).toEqual([]);
  });

  const mistakes: [string, string, string, string[]][] = [
    [
      'a signal nobody counts',
      'seats_invited',
      'seats_invted',
      [
        'm.yaml:6 rules.0.signal: found "seats_invted"; allowed: a signal of signals.yaml (did you mean "seats_invited"?)',
      ],
    ],
    [
      'an unknown group',
      'group: use, signal: w',
      'group: usage, signal: w',
      ['m.yaml:7 rules.1.group: found "usage"; allowed: use (did you mean "use"?)'],
    ],
    [
      'points without a unit',
      '5 points each',
      '5',
      [
        'm.yaml:6 rules.0.points: found 5; allowed: points with their unit: "15 points once" or "5 points each"',
      ],
    ],
    [
      'a cap below one award',
      'cap: 20 points',
      'cap: 4 points',
      [
        'm.yaml:6 rules.0.cap: found "4 points"; allowed: at least one award (5 points)',
        'm.yaml:12 tiers.1.from: found 30; allowed: at most 24, all that the rules can give',
      ],
    ],
    [
      'an uncapped rule (X-5)',
      ', cap: 20 points',
      '',
      [
        'm.yaml:6 rules.0.points: found "5 points each"; allowed: a cap beside it, or one busy account outweighs all (X-5)',
        'm.yaml:12 tiers.1.from: found 30; allowed: at most 25, all that the rules can give',
      ],
    ],
    [
      'a window beyond the journal',
      '90 days',
      '900 days',
      [
        'm.yaml:6 rules.0.window: found {"days":900}; allowed: at most 400 days, as far as the journal reaches',
      ],
    ],
    [
      'a threshold out of reach',
      'from: 30',
      'from: 41',
      ['m.yaml:12 tiers.1.from: found 41; allowed: at most 40, all that the rules can give'],
    ],
    [
      'tiers out of order',
      'from: 30',
      'from: 0',
      ['m.yaml:12 tiers.1.from: found 0; allowed: more than 0, where "none" begins'],
    ],
    [
      'an unknown gate',
      'requires: [depth]',
      'requires: [dept]',
      ['m.yaml:12 tiers.1.requires: found "dept"; allowed: depth (did you mean "depth"?)'],
    ],
    [
      'a repeated id',
      'id: flow',
      'id: seats',
      ['m.yaml:7 rules.1.id: found "seats"; allowed: an id that no other of the rules has'],
    ],
    [
      'a rule without a why',
      ', why: flow',
      '',
      ['m.yaml:7 rules.1.why: found nothing; allowed: Invalid input: expected string, received undefined'],
    ],
  ];
  it.each(mistakes)('%s', (_what, right, wrong, expected) => {
    expect(problems(MODEL.replace(right, wrong))).toEqual(expected);
  });

  it('reports several mistakes at once, in the order of the file', () => {
    const text = MODEL.replace('seats_invited', 'x')
      .replace('[key_feature_used]', '[y]')
      .replace('from: 30', 'from: 99');
    expect(problems(text).map((line) => line.split(' ')[0])).toEqual(['m.yaml:6', 'm.yaml:9', 'm.yaml:12']);
  });

  it.each([
    ['not YAML', 'model: [', 'm.yaml:1'],
    [
      'an anchor bomb',
      `a: &a [1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: [${'*a, '.repeat(10)}]`).join('\n')}`,
      'm.yaml:1',
    ],
    ['five megabytes', `# ${'x'.repeat(5_000_000)}`, 'm.yaml:1'],
  ])('refuses %s with a clear message', (_what, text, where) => {
    expect(problems(text)[0]).toMatch(new RegExp(`^${where} found .+; allowed: .+`));
  });
});

describe('the version of a model', () => {
  const version = (text: string) => {
    const read = readModel('m.yaml', text, SIGNALS);
    return read.ok ? read.value.version : 'refused';
  };
  it('ignores comments and spacing, and follows every number', () => {
    expect(version(`# words\n${MODEL}\n`)).toBe(version(MODEL));
    expect(version(MODEL.replace('20 points once', '21 points once'))).not.toBe(version(MODEL));
  });

  it('is there for the shipped rubric', () => {
    const read = readModel('r', shippedText('models/mql-rubric.yaml'), [
      ...SIGNALS,
      'api_integration_created',
      'limit_breach_attempt',
    ]);
    expect(read.ok && read.value.version).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('small parts', () => {
  it.each([
    ['101-500', 101, 500],
    ['1,001 – 5,000 employees', 1001, 5000],
    ['240', 240, 240],
    ['500+', 500, Number.POSITIVE_INFINITY],
    ['over 1000', 1000, Number.POSITIVE_INFINITY],
  ])('the range %j', (text, from, to) => {
    expect(rangeOf(text)).toEqual({ from, to });
  });
  it.each(['', 'many', '10-', 'a-b'])('%j is no range', (text) => {
    expect(rangeOf(text)).toBeNull();
  });
  it.each([
    ['{count|teammate|teammates} invited', { count: 1 }, '1 teammate invited'],
    ['{count|teammate|teammates} invited', { count: 3 }, '3 teammates invited'],
    ['in {place}, {unknown}', { place: 'A & B {x}' }, 'in A & B {x}, {unknown}'],
  ])('the sentence %j', (template, words, text) => {
    expect(sentence(template, words)).toBe(text);
  });
});
