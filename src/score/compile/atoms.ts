import type { Condition, Model, Subject, Test } from '../model.ts';

/** One thing that a model looks at, with what it asks of it; null: it counts, and asks nothing. */
export interface Atom {
  subject: Subject;
  test: Test | null;
}

type Parts = Pick<Model, 'rules' | 'milestones' | 'gates' | 'overrides' | 'modifiers' | 'segments'>;

/** All that a model looks at, in the order of the file's sections. */
export function atomsOf(parts: Parts): Atom[] {
  return [
    ...parts.rules.flatMap(ofRule),
    ...parts.gates.flatMap(({ test }) => (test.kind === 'condition' ? ofCondition(test.condition) : [])),
    ...[...parts.milestones, ...parts.overrides, ...parts.segments].flatMap(({ condition }) =>
      condition === null ? [] : ofCondition(condition),
    ),
    ...parts.modifiers.map(({ of }) => ({ subject: of, test: null })),
  ];
}

function ofRule({ looks, points }: Parts['rules'][number]): Atom[] {
  if (looks.at === 'condition') {
    return ofCondition(looks.condition);
  }
  switch (points.kind) {
    case 'once':
      return [{ subject: looks.subject, test: points.test }];
    case 'each':
      return [{ subject: looks.subject, test: null }];
    case 'steps':
      return points.steps.map(({ test }) => ({ subject: looks.subject, test }));
  }
}

export function ofCondition(condition: Condition): Atom[] {
  switch (condition.kind) {
    case 'atom':
      return [{ subject: condition.subject, test: condition.test }];
    case 'not':
      return ofCondition(condition.of);
    default:
      return condition.of.flatMap(ofCondition);
  }
}
