import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checked, formatProblem, readConfig } from '../../../src/shared/config-file.ts';
import { err, ok } from '../../../src/shared/result.ts';

const id = z.string().regex(/^[a-z]+$/, { error: 'a lower-case id' });
const WITH_UNIT = { error: 'points with their unit: "5 points"' };
const points = z.string(WITH_UNIT).regex(/^\d+ points$/, WITH_UNIT);
const schema = z.strictObject({
  model: id,
  active: z.boolean().default(true),
  groups: z.array(id).min(1, { error: 'at least one group' }),
  rules: z
    .array(
      z.strictObject({
        id,
        group: id,
        points,
        cap: points.optional(),
        when: z.record(id, z.strictObject({ at_least: z.number() })).optional(),
        pair: z.tuple([z.number(), z.number()]).optional(),
        either: z.union([z.number(), z.strictObject({ days: z.number() })]).optional(),
      }),
    )
    .min(1),
});

/** A file with a rule of its own: groups exist, a cap is above the points, and "when" is never empty. */
function problems(...lines: string[]): string[] {
  const read = checked(readConfig('m.yaml', lines.join('\n'), schema), (file) => {
    const { groups, rules } = file.value;
    const found = rules.flatMap(({ group, cap, when }, i) => [
      ...file.unknownName(['rules', i, 'group'], group, groups, 'a group', [['groups']]),
      ...(cap === undefined ? [file.problem(['rules', i], undefined, 'a cap for each rule')] : []),
      ...(when !== undefined && Object.keys(when).length === 0
        ? [file.problem(['rules', i, 'when'], when, 'a filter')]
        : []),
    ]);
    return found.length > 0 ? err(found) : ok(file.value);
  });
  return read.ok ? [] : read.error.map(formatProblem);
}

const HEAD = ['model: m', 'groups: [use, fit]', 'rules:'];
const GOOD = '  - { id: a, group: use, points: 5 points, cap: 10 points }';

describe("I11: the schema's and the rules' problems come together, by line", () => {
  it('nothing is wrong with a right file', () => {
    expect(problems(...HEAD, GOOD)).toEqual([]);
  });

  it('a mistake of one entry hides no mistake of the others, whose lines and positions stay those of the file', () => {
    expect(
      problems(
        ...HEAD,
        '  - { id: a, group: use, points: 5, cap: 10 points }',
        '  - { id: b, group: uze, points: 5 points, cap: 10 points }',
        '  - { id: C, group: use, points: 5 points, cap: 10 points }',
        '  - { id: d, group: use, points: 5 points }',
      ),
    ).toEqual([
      'm.yaml:4 rules.0.points: found 5; allowed: points with their unit: "5 points"',
      'm.yaml:5 rules.1.group: found "uze"; allowed: a group: use, fit (did you mean "use"?)',
      'm.yaml:6 rules.2.id: found "C"; allowed: a lower-case id',
      'm.yaml:7 rules.3: found nothing; allowed: a cap for each rule',
    ]);
  });

  it('a name that was lost with its own mistake is not called unknown', () => {
    expect(
      problems(
        'model: m',
        'groups: [use, Fit]',
        'rules:',
        GOOD.replace('use', 'Fit'),
        GOOD.replace('use', 'no'),
      ),
    ).toEqual([
      'm.yaml:2 groups.1: found "Fit"; allowed: a lower-case id',
      'm.yaml:4 rules.0.group: found "Fit"; allowed: a lower-case id',
      'm.yaml:5 rules.1.group: found "no"; allowed: a group: use',
    ]);
  });

  it('an optional key that was lost is not called missing, and a wrong name beside it is still told', () => {
    expect(problems(...HEAD, '  - { id: a, group: uze, points: 5 points, cap: 10 }')).toEqual([
      'm.yaml:4 rules.0.cap: found 10; allowed: points with their unit: "5 points"',
      'm.yaml:4 rules.0.group: found "uze"; allowed: a group: use, fit (did you mean "use"?)',
    ]);
  });

  it('an entry of an open section that was lost casts no doubt on its neighbours', () => {
    const open = z.strictObject({ when: z.record(z.string(), z.number()) });
    const read = checked(readConfig('m.yaml', 'when: { a: 1, b: x }', open), (file) =>
      err([file.problem(['when', 'a'], 1, 'more than 1')]),
    );
    expect(read.ok ? [] : read.error.map(({ path }) => path)).toEqual(['when.b', 'when.a']);
  });

  it('a misspelt key is read as the one that was meant, and its value is checked', () => {
    expect(problems(...HEAD, '  - { id: a, gruop: uze, points: 5 points, cpa: 10 points }')).toEqual([
      'm.yaml:4 rules.0.gruop: found unknown key "gruop"; allowed: id, group, points, cap, when, pair, either (did you mean "group"?)',
      'm.yaml:4 rules.0.cpa: found unknown key "cpa"; allowed: id, group, points, cap, when, pair, either (did you mean "cap"?)',
      'm.yaml:4 rules.0.gruop: found "uze"; allowed: a group: use, fit (did you mean "use"?)',
    ]);
  });

  it('a wrong or missing top-level key hides nothing of the rest', () => {
    const uze = GOOD.replace('use', 'uze');
    const told = 'm.yaml:3 rules.0.group: found "uze"; allowed: a group: use (did you mean "use"?)';
    expect(problems('model: 5', 'groups: [use]', `rules: [${uze.slice(4)}]`)).toEqual([
      'm.yaml:1 model: found 5; allowed: a text, in quotes: "5"',
      told,
    ]);
    expect(problems('active: no', 'groups: [use]', `rules: [${uze.slice(4)}]`)).toEqual([
      'm.yaml:1 model: found nothing; allowed: a text',
      'm.yaml:1 active: found "no"; allowed: true or false (did you mean false?)',
      told,
    ]);
  });

  it('an entry of a section, a place of a pair and a choice are taken out with what holds them', () => {
    expect(
      problems(
        ...HEAD,
        '  - { id: a, group: use, points: 5 points, cap: 9 points, when: { x: { at_least: y } } }',
        '  - { id: b, group: use, points: 5 points, cap: 9 points, pair: [1, b] }',
        '  - { id: c, group: uze, points: 5 points, cap: 9 points, either: { days: x } }',
        '  - { id: d, group: use, points: 5 points, cap: 9 points, either: x }',
        '  - { id: e, group: use, points: 5 points, cap: 9 points, when: {} }',
      ),
    ).toEqual([
      'm.yaml:4 rules.0.when.x.at_least: found "y"; allowed: a number',
      'm.yaml:5 rules.1.pair.1: found "b"; allowed: a number',
      'm.yaml:6 rules.2.either.days: found "x"; allowed: a number',
      'm.yaml:6 rules.2.group: found "uze"; allowed: a group: use, fit (did you mean "use"?)',
      'm.yaml:7 rules.3.either: found "x"; allowed: a number, or a section with keys',
      'm.yaml:8 rules.4.when: found {}; allowed: a filter',
    ]);
  });

  it.each([
    ['', 'm.yaml:1 found nothing; allowed: a section with keys'],
    ['- a', 'm.yaml:1 found ["a"]; allowed: a section with keys'],
    ['# only words', 'm.yaml:1 found nothing; allowed: a section with keys'],
    ['just text', 'm.yaml:1 found "just text"; allowed: a section with keys'],
  ])('a file that is no section at all: %j', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  it('a file with thousands of mistakes is answered in seconds, each with its line', () => {
    const rule = (i: number) => `  - { id: X, group: use, points: ${i}, cap: 5 points }`;
    const found = problems(...HEAD, ...Array.from({ length: 5000 }, (_, i) => rule(i)));
    expect(found.length).toBe(10_000);
    expect(found.at(-1)).toMatch(/^m.yaml:5003 rules.4999/);
  }, 20_000);
});

const anything = z.record(z.string(), z.unknown());

function yamlProblems(text: string): string[] {
  const read = readConfig('x.yaml', text, anything);
  return read.problems.map(formatProblem);
}

const TOO_DEEP =
  'x.yaml:1 found lists or sections nested more than 64 levels deep; allowed: at most 64 levels, and no anchor inside itself';

describe('I11: a YAML that could mean two things, or do harm, is refused with a plain message', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, i) => {
      const before = `*${'abcdefgh'[i]}`;
      return `${name}: &${name} [${Array(10).fill(before).join(', ')}]`;
    }),
  ].join('\n');

  it.each<[string, string, string]>([
    [
      'an anchor bomb',
      bomb,
      'x.yaml:2 found anchors that expand without end; allowed: at most 100 uses of anchors',
    ],
    ['an anchor inside itself', 'a: &a [*a, *a]', TOO_DEEP],
    [
      'an unknown anchor',
      'a: 1\nb: *x',
      'x.yaml:2 found *x; allowed: the name of an anchor that stands before it',
    ],
    [
      'a key that stands twice',
      'a: 1\nb: 2\na: 3',
      'x.yaml:3 found a key that stands here twice; allowed: each key once',
    ],
    ['a tab', 'a:\n\tb: 1', 'x.yaml:2 found a tab; allowed: spaces for indentation'],
    [
      'two documents',
      'a: 1\n---\nb: 2',
      'x.yaml:2 found a second document after "---"; allowed: one document in a file',
    ],
    ['a tag', 'a: !secret x', 'x.yaml:1 found a tag such as !name; allowed: plain values without tags'],
    [
      'a built-in tag',
      'a: !!binary aGk=',
      'x.yaml:1 a: found a value with a tag; allowed: plain values without tags',
    ],
    [
      'YAML 1.1',
      '%YAML 1.1\n---\na: no',
      'x.yaml:1 found %YAML 1.1; allowed: YAML 1.2, in which no and on are texts',
    ],
    [
      'a NUL',
      'a: 1\nb: "x\\0"',
      'x.yaml:2 b: found a NUL, or half of a letter; allowed: text that a database can keep',
    ],
    [
      'half of a letter as a key',
      'a: 1\n"\\ud800": 2',
      'x.yaml:2 \ud800: found a NUL, or half of a letter; allowed: text that a database can keep',
    ],
    [
      '__proto__',
      'a: 1\nb:\n  __proto__: { x: 1 }',
      'x.yaml:3 b.__proto__: found the key "__proto__"; allowed: another name: programs give this one a meaning',
    ],
    [
      'a list as a key',
      'a: 1\n{{ b }}: 2',
      'x.yaml:2 found a list, a section or an anchor as a key; allowed: a text, in quotes where needed',
    ],
    [
      'a number that would lose digits',
      'a: 12345678901234567890',
      'x.yaml:1 a: found 12345678901234567000; allowed: whole numbers up to 9007199254740991; longer ids as text in quotes',
    ],
    ['10,000 levels of lists', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, TOO_DEEP],
    ['10,000 levels on one line', `${'- '.repeat(10_000)}a`, TOO_DEEP],
    ['65 levels', `a: ${'['.repeat(65)}${']'.repeat(65)}`, TOO_DEEP],
    ['5 MB', `a: ${'x'.repeat(5_000_000)}`, 'x.yaml:1 found 5000003 bytes; allowed: at most 1000000 bytes'],
  ])('%s', (_, text, problem) => {
    expect(yamlProblems(text)).toEqual([problem]);
  });

  it('text that is not YAML names its line', () => {
    expect(yamlProblems('a: 1\nb: [1, 2')[0]).toMatch(/^x.yaml:2 found .+; allowed: valid YAML$/);
  });
});

describe('what YAML 1.2 reads', () => {
  it.each<[string, unknown]>([
    ['no', 'no'],
    ['NO', 'NO'],
    ['on', 'on'],
    ['2026-03-02', '2026-03-02'],
    ['012', 12],
    ['0o14', 12],
    ['1_000', '1_000'],
    ['1:30', '1:30'],
    ['true', true],
    ['~', null],
    ['1.10', 1.1],
    ['"1.10"', '1.10'],
    [`${'['.repeat(60)}${']'.repeat(60)}`, JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`)],
  ])('%s', (text, value) => {
    expect(readConfig('x.yaml', `a: ${text}`, anything).file?.value).toEqual({ a: value });
  });

  it('a number that is no number is refused where a number belongs', () => {
    const read = readConfig('x.yaml', 'a: .nan\nb: .inf', z.strictObject({ a: z.number(), b: z.number() }));
    expect(read.problems.map(formatProblem)).toEqual([
      'x.yaml:1 a: found NaN; allowed: a number',
      'x.yaml:2 b: found Infinity; allowed: a number',
    ]);
  });

  it('names that every object inherits are keys like others', () => {
    const read = readConfig('x.yaml', 'constructor: 1\ntoString: 2', z.strictObject({ a: z.number() }));
    expect(read.problems.map(({ path }) => path)).toEqual(['a', 'constructor', 'toString']);
  });
});
