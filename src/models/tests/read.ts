import {
  type ConfigFile,
  type ConfigProblem,
  checked,
  didYouMean,
  readConfig,
} from '../../shared/config-file.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import { type Expected, type TestCase, type TestEvent, type TestFile, testFileSchema } from './schema.ts';

/** The tests of one model, with the lines on which they stand. */
export interface ModelTests {
  file: string;
  model: string;
  cases: TestCase[];
  lineOf: (path: readonly PropertyKey[]) => number;
}

/** A file of tests as text -> tests, or every problem with its line. `model`: the name that the file's own name gives. */
export function readTests(file: string, text: string, model: string): Result<ModelTests, ConfigProblem[]> {
  return checked(readConfig(file, text, testFileSchema), (read) => {
    const problems = contradictions(read, model);
    return problems.length > 0
      ? err(problems)
      : ok({ file, model, cases: read.value.cases, lineOf: read.lineOf });
  });
}

function contradictions({ value, problem }: ConfigFile<TestFile>, model: string): ConfigProblem[] {
  const names = value.cases.map(({ name }) => name);
  return [
    ...(value.model === model ? [] : [problem(['model'], value.model, `${model}, as the file is named`)]),
    ...value.cases.flatMap((one, i) => [
      ...(names.indexOf(one.name) < i
        ? [problem(['cases', i, 'name'], one.name, 'a name that no other case has')]
        : []),
      ...caseProblems(one).map(({ path, found, allowed }) => problem(['cases', i, ...path], found, allowed)),
    ]),
  ];
}

interface Wrong {
  path: PropertyKey[];
  found: unknown;
  allowed: string;
}

function caseProblems(one: TestCase): Wrong[] {
  const people = Object.keys(one.people);
  return [
    ...expectationProblems(one.expect, ['expect']),
    ...one.later.flatMap((expected, i) => expectationProblems(expected, ['later', i])),
    ...one.events.flatMap((event, i) =>
      eventProblems(event, people).map((wrong) => ({ ...wrong, path: ['events', i, ...wrong.path] })),
    ),
  ];
}

function expectationProblems({ ...expected }: Expected & { in?: number }, path: PropertyKey[]): Wrong[] {
  delete expected.in;
  const allowed = 'something to expect: score, raw, tier, gates, points, groups, reasons, flags or segment';
  return Object.values(expected).some((value) => value !== undefined)
    ? []
    : [{ path, found: 'nothing', allowed }];
}

const DAYS_MAX = 1000;

function eventProblems({ day, days, hours, by = [] }: TestEvent, people: readonly string[]): Wrong[] {
  const times = Object.entries({ day, days, hours }).filter(([, value]) => value !== undefined);
  const [, second] = times;
  const [from, to] = days ?? [0, 0];
  const unknown = [by].flat().filter((who) => people.length > 0 && !people.includes(who));
  return [
    ...(second === undefined
      ? []
      : [{ path: [second[0]], found: second[1], allowed: 'one of day, days, hours' }]),
    ...(from > to ? [{ path: ['days'], found: days, allowed: 'the earlier day first' }] : []),
    ...(to - from >= DAYS_MAX ? [{ path: ['days'], found: days, allowed: `at most ${DAYS_MAX} days` }] : []),
    ...unknown.map((who) => ({
      path: ['by'],
      found: who,
      allowed: `one of people: ${people.join(', ')}${didYouMean(who, people)}`,
    })),
  ];
}
