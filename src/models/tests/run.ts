import type { FoldRules } from '../../accounts/person.ts';
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import type { ProductEvent } from '../../events/event.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import { lastingEvaluation } from '../../score/lasting.ts';
import type { Model } from '../../score/model.ts';
import { HOUR, isoInstant } from '../../shared/time.ts';
import { eventsOf, stateAt } from './case-state.ts';
import { type Mismatch, mismatches } from './compare.ts';
import type { ModelTests } from './read.ts';
import type { Expected, TestCase } from './schema.ts';

/** One instant of a case at which something is not as expected. */
export interface Failure {
  /** ISO 8601. */
  at: string;
  mismatches: (Mismatch & { line: number })[];
  /** The score that was found; null: the case could not be played. */
  evaluation: Evaluation | null;
}

export interface CaseResult {
  file: string;
  line: number;
  model: string;
  name: string;
  passed: boolean;
  failures: Failure[];
  /** Names of events that no signal counts: most often a slip of the pen. */
  uncounted: string[];
}

/** Plays the cases of one model through translation, fold and score, and compares. */
export function runTests(rules: FoldRules, model: Model, tests: ModelTests): CaseResult[] {
  return tests.cases.map((one, i) => {
    const line = (path: readonly PropertyKey[]) => tests.lineOf(['cases', i, ...path]);
    const { failures, uncounted } = playCase(rules, model, one, line);
    return {
      ...{ file: tests.file, line: line(['name']), model: tests.model, name: one.name },
      ...{ passed: failures.length === 0, failures, uncounted },
    };
  });
}

type LineOf = (path: readonly PropertyKey[]) => number;

function playCase(rules: FoldRules, model: Model, one: TestCase, lineOf: LineOf) {
  try {
    const events = eventsOf(one);
    const looks: [number, Expected, (string | number)[]][] = [
      [one.at, one.expect, ['expect']],
      ...one.later.map((expected, i): [number, Expected, (string | number)[]] => [
        one.at + expected.in * HOUR,
        expected,
        ['later', i],
      ]),
    ];
    const failures = looks.flatMap(([at, expected, path]) => {
      const evaluation = lastingEvaluation(model, stateAt(rules, events, at, one.facts), at);
      const found = mismatches(expected, evaluation).map((mismatch) => ({
        ...mismatch,
        path: [...path.map(String), ...mismatch.path],
        line: lineOf([...path, ...mismatch.path.map(asKey)]),
      }));
      return found.length === 0 ? [] : [{ at: isoInstant(at), mismatches: found, evaluation }];
    });
    return { failures, uncounted: uncountedOf(rules.plan, events) };
  } catch (error) {
    const found = (error as Error).message;
    const mismatch = { path: [], expected: 'events that receiving takes', found, line: lineOf([]) };
    return {
      failures: [{ at: isoInstant(one.at), mismatches: [mismatch], evaluation: null }],
      uncounted: [],
    };
  }
}

/** Lists are addressed by number. */
function asKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}

/** Events that count for no more than an event of no name does: as activity, at most. */
function uncountedOf(plan: SignalPlan, events: readonly ProductEvent[]): string[] {
  const names = events
    .filter((event) => event.kind === 'track')
    .filter((event) => plan.matches(event).length <= plan.matches({ ...event, name: '' }).length)
    .map(({ name }) => name ?? '');
  return [...new Set(names)];
}
