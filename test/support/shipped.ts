import { readFileSync } from 'node:fs';
import { readSignals, type SignalPlan } from '../../src/accounts/signal-plan.ts';
import { readModel } from '../../src/score/compile/read.ts';
import type { Model } from '../../src/score/model.ts';
import { knownWith } from './known.ts';

const MAPPINGS = new URL('../../mappings/', import.meta.url);

export function shippedText(name: string): string {
  return readFileSync(new URL(name, MAPPINGS), 'utf8');
}

/** The shipped signal catalogue. */
export function shippedSignals(): SignalPlan {
  const plan = readSignals('mappings/signals.yaml', shippedText('signals.yaml'));
  if (!plan.ok) {
    throw new Error(JSON.stringify(plan.error));
  }
  return plan.value;
}

/** The shipped rubric of the seed S0. */
export function shippedRubric(): Model {
  const text = shippedText('models/mql-rubric.yaml');
  const model = readModel('mappings/models/mql-rubric.yaml', text, knownWith(shippedSignals().signals));
  if (!model.ok) {
    throw new Error(JSON.stringify(model.error));
  }
  return model.value;
}
