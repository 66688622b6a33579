import { readModel } from '../../src/score/compile/read.ts';
import type { Model } from '../../src/score/model.ts';
import { formatProblem } from '../../src/shared/config-file.ts';
import { knownWith } from './known.ts';
import { shippedSignals, shippedText } from './shipped.ts';

/** The text of the shipped rubric under another name, with some of its text replaced. */
export function rubricText(name: string, ...changes: readonly [from: string, to: string][]): string {
  return [['model: mql-rubric', `model: ${name}`] as const, ...changes].reduce((text, [from, to]) => {
    if (!text.includes(from)) {
      throw new Error(`the rubric does not say ${from}`);
    }
    return text.replace(from, to);
  }, shippedText('models/mql-rubric.yaml'));
}

export function modelFromText(name: string, text: string): Model {
  const read = readModel(`${name}.yaml`, text, knownWith(shippedSignals().signals));
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

/** An MQL from 20 points and without gates: one configured workflow is enough. */
export function quickText(...changes: readonly [from: string, to: string][]): string {
  return rubricText(
    'quick',
    ['from: 30', 'from: 10'],
    ['from: 60', 'from: 15'],
    ['from: 85', 'from: 20'],
    ['requires: [feature_depth_last_7_days, points_in_each_group]', 'requires: []'],
    ...changes,
  );
}
