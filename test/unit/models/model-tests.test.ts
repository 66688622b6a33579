import { describe, expect, it } from 'vitest';
import { readTestFiles } from '../../../src/models/tests/files.ts';
import { readTests } from '../../../src/models/tests/read.ts';
import { runTests } from '../../../src/models/tests/run.ts';
import { failureText } from '../../../src/models/tests/words.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { shippedMappings } from '../../support/policy.ts';
import { shippedText } from '../../support/shipped.ts';

const { files, signals, champion } = shippedMappings();
const shipped = readTestFiles(
  'mappings',
  files.map(({ model }) => model.model),
);

/** Plays one file of tests of the rubric; each failing case as text. */
function failures(text: string): string[] {
  const read = readTests('rubric.test.yaml', text, champion.model);
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return runTests(signals, champion, read.value)
    .filter(({ passed }) => !passed)
    .map(failureText);
}

function problems(...cases: string[]): string[] {
  const text = ['model: mql-rubric', 'cases:', ...cases.map((one) => `  - ${one}`)].join('\n');
  const read = readTests('rubric.test.yaml', text, 'mql-rubric');
  return read.ok ? [] : read.error.map(formatProblem);
}

const caseOf = (rest: string) => `model: ${champion.model}\ncases:\n  - { name: one, ${rest} }\n`;

describe('the tests that are shipped beside the models', () => {
  it('can be read, and belong to a model', () => {
    expect(shipped.problems.map(formatProblem)).toEqual([]);
    expect(shipped.tests.size).toBeGreaterThan(0);
  });

  const all = files.flatMap(({ model }) => {
    const tests = shipped.tests.get(model.model);
    return tests === undefined ? [] : runTests(signals, model, tests);
  });
  it.each(all.map((result) => [`${result.model}: ${result.name}`, result] as const))(
    '%s',
    (_name, result) => {
      expect(result.passed ? '' : failureText(result)).toBe('');
    },
  );

  it('fail when any expected number is another', () => {
    const text = shippedText('models/mql-rubric.test.yaml');
    const numbers = [...text.matchAll(/\b(score|raw|seats_invited|workflow|tech_stack): (\d+)/g)];
    expect(numbers.length).toBeGreaterThan(15);
    for (const { 0: whole, 1: name, 2: number, index } of numbers) {
      const wrong = `${text.slice(0, index)}${name}: ${Number(number) + 1}${text.slice(index + whole.length)}`;
      expect([whole, failures(wrong).length]).toEqual([whole, 1]);
    }
  });
});

describe('a case that fails', () => {
  it('says what was expected and found, on which line, and the lines of the score that matter', () => {
    const [text] = failures(
      caseOf(
        'events: [{ event: Workflow Configured }], expect: { score: 25, points: { api_integration: 15 } }',
      ),
    );
    expect(text?.split('\n').slice(0, 9)).toEqual([
      'FAILED mql-rubric: one  (rubric.test.yaml:3)',
      '  at 2026-03-02T12:00:00.000Z',
      '    expect.score                   expected 25  (line 3)',
      '                                      found 20',
      '    expect.points.api_integration  expected 15  (line 3)',
      '                                      found 0',
      '    the score:',
      '      20 points, none',
      '      api_integration: 0 (none in the last 90 days)',
    ]);
  });

  it.each([
    ['raw: 1', 'expect.raw'],
    ['tier: mql', 'expect.tier'],
    ['gates: { points_in_each_group: passed }', 'expect.gates.points_in_each_group'],
    ['groups: { behavioral: 1 }', 'expect.groups.behavioral'],
    ['reasons: [two teammates]', 'expect.reasons.0'],
    ['flags: [self_serve_only]', 'expect.flags'],
    ['segment: smb', 'expect.segment'],
    ['points: { workflo: 0 }', 'did you mean \\"workflow\\"'],
  ])('expect { %s } of an account without events', (expected, shown) => {
    expect(failures(caseOf(`expect: { ${expected} }`)).join()).toContain(shown);
  });

  it('names events that no signal counts', () => {
    const [text] = failures(caseOf('events: [{ event: Workflw Configured }], expect: { score: 20 }'));
    expect(text).toContain('no signal counts: "Workflw Configured"');
  });

  it('later: the same events, scored again, show what silence does', () => {
    const [text] = failures(
      caseOf(
        'events: [{ event: Workflow Configured, day: -88 }], expect: { score: 20 }, later: [{ in: 1 day, score: 20 }, { in: 2 days, score: 20 }]',
      ),
    );
    expect(text).toContain('at 2026-03-04T12:00:00.000Z\n    later.1.score  expected 20');
    expect(text).not.toContain('later.0');
  });
});

describe('events go the way of production', () => {
  it.each([
    ['names in the sender’s own spelling', 'account: { Employees: "240" }, expect: { score: 15 }'],
    [
      'one trait after the other',
      'account: { industry: Paper }, facts: { industry: Software }, expect: { score: 0 }',
    ],
    [
      'hours to the half',
      'events: [{ event: Workflow Configured, hours: -167.5 }], expect: { gates: { feature_depth_last_7_days: passed } }',
    ],
    [
      'a date, at the time of day of `at`',
      'at: "2026-03-02T09:30:00Z", events: [{ event: Key Feature Used, day: 2026-02-23 }], expect: { gates: { feature_depth_last_7_days: failed } }',
    ],
    [
      'an event after `at` exists only later',
      'events: [{ event: Workflow Configured, day: 1 }], expect: { score: 0 }, later: [{ in: 24 hours, score: 20 }]',
    ],
    [
      'a range of days is one event on each',
      'events: [{ event: Invite Sent, days: [-3, 0], properties: { invitee_email: a@x.example } }], expect: { score: 5, reasons: [1 teammate invited] }',
    ],
  ])('%s', (title, rest) => {
    const expected = title.startsWith('one trait')
      ? caseOf(rest.replace('score: 0', 'score: 10'))
      : caseOf(rest);
    expect(failures(expected)).toEqual([]);
  });
});

describe('bad input: a file of tests names every mistake with its line', () => {
  it.each([
    [
      '{ name: a, expect: {} }',
      'rubric.test.yaml:3 cases.0.expect: found "nothing"; allowed: something to expect',
    ],
    ['{ name: a, expct: {}, expect: { score: 1 } }', 'cases.0.expct: found unknown key "expct"'],
    ['{ name: a, expect: { scor: 1 } }', '(did you mean "score"?)'],
    [
      '{ name: a, people: { ada: {} }, events: [{ event: X, by: adda }], expect: { score: 1 } }',
      '(did you mean "ada"?)',
    ],
    [
      '{ name: a, events: [{ event: X, day: 0, hours: 1 }], expect: { score: 1 } }',
      'one of day, days, hours',
    ],
    ['{ name: a, events: [{ event: X, days: [0, -3] }], expect: { score: 1 } }', 'the earlier day first'],
    [
      '{ name: a, events: [{ event: X, day: 2026-02-30 }], expect: { score: 1 } }',
      'a date that the calendar has',
    ],
    ['{ name: a, at: yesterday, expect: { score: 1 } }', 'an instant such as 2026-03-02T09:30:00Z'],
    ['{ name: a, expect: { score: 1 }, later: [{ in: soon, score: 1 }] }', '"8 days" or "36 hours"'],
    ['{ name: a, expect: { gates: { depth: maybe } } }', 'passed, failed'],
  ])('%s', (one, shown) => {
    expect(problems(one).join('\n')).toContain(shown);
  });

  it('two cases of one name, and the tests of another model', () => {
    const one = '{ name: a, expect: { score: 1 } }';
    expect(problems(one, one).join()).toContain('rubric.test.yaml:4 cases.1.name');
    const read = readTests('x.test.yaml', shippedText('models/mql-rubric.test.yaml'), 'x');
    expect(read.ok ? [] : read.error.map(({ path }) => path)).toEqual(['model']);
  });
});
