import type { Evaluation } from '../../score/evaluation.ts';
import { didYouMean } from '../../shared/config-file.ts';
import type { Json } from '../../shared/json.ts';
import type { Expected } from './schema.ts';

/** One expectation that does not hold. */
export interface Mismatch {
  /** Where it stands below the expectation, e.g. `points.workflow`. */
  path: string[];
  expected: Json;
  found: Json;
}

/** Everything of a score that is not as expected; nothing when all is. */
export function mismatches(expected: Expected, evaluation: Evaluation): Mismatch[] {
  const { value, raw, tier, groups, explanation, gates } = evaluation;
  const points = explanation.map(({ rule, points: given }) => [rule, given] as const);
  const verdicts = gates.map(({ id, passed }) => [id, passed ? 'passed' : 'failed'] as const);
  return [
    ...plain('score', expected.score, value),
    ...plain('raw', expected.raw, raw),
    ...plain('tier', expected.tier, tier),
    ...named('gates', 'gate', expected.gates, new Map(verdicts)),
    ...named('points', 'rule', expected.points, new Map(points)),
    ...named('groups', 'group', expected.groups, new Map(Object.entries(groups))),
    ...reasons(expected.reasons ?? [], evaluation),
    ...flags(expected.flags, evaluation),
    ...plain('segment', expected.segment, segmentOf(evaluation)),
  ];
}

function plain(name: string, expected: Json | undefined, found: Json): Mismatch[] {
  return expected === undefined || expected === found ? [] : [{ path: [name], expected, found }];
}

/** A name that the model does not have is said as such: it would else look like 0 points. */
function named<T extends string | number>(
  name: string,
  kind: string,
  expected: Readonly<Record<string, T>> | undefined,
  found: ReadonlyMap<string, T>,
): Mismatch[] {
  const known = [...found.keys()];
  return Object.entries(expected ?? {}).flatMap(([id, value]) => {
    const is = found.get(id) ?? `the model has no ${kind} ${id}${didYouMean(id, known)}`;
    return is === value ? [] : [{ path: [name, id], expected: value, found: is }];
  });
}

function reasons(expected: readonly string[], { explanation, gates, modifiers }: Evaluation): Mismatch[] {
  const sentences = [...explanation, ...gates, ...modifiers].map(({ why }) => why);
  return expected.flatMap((text, i) =>
    sentences.some((sentence) => sentence.includes(text))
      ? []
      : [{ path: ['reasons', String(i)], expected: text, found: 'no sentence that contains it' }],
  );
}

function flags(expected: readonly string[] | undefined, evaluation: Evaluation): Mismatch[] {
  const found = idsOf((evaluation as { flags?: unknown }).flags).sort();
  const same = expected === undefined || [...expected].sort().join('\n') === found.join('\n');
  return same ? [] : [{ path: ['flags'], expected: [...expected], found }];
}

function segmentOf(evaluation: Evaluation): string | null {
  return idsOf([(evaluation as { segment?: unknown }).segment])[0] ?? null;
}

/** Names, whether listed as such or as objects with an id. */
function idsOf(values: unknown): string[] {
  return (Array.isArray(values) ? values : []).flatMap((value: unknown) => {
    const id = typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : value;
    return typeof id === 'string' ? [id] : [];
  });
}
