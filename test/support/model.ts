import { readSignals } from '../../src/accounts/signal-plan.ts';
import { readModel } from '../../src/score/compile/read.ts';
import type { Evaluation } from '../../src/score/evaluation.ts';
import type { Model } from '../../src/score/model.ts';
import { formatProblem } from '../../src/shared/config-file.ts';
import { knownWith } from './known.ts';
import { shippedSignals } from './shipped.ts';

interface Parts {
  /** Flow mappings as in a file, one per rule; the group `use` is added. */
  rules?: readonly string[];
  gates?: readonly string[];
  tiers?: readonly string[];
}

const FLOW = '{ id: flow, signal: workflow_configured, window: 90 days, points: 20 points once, why: flow }';

/** A model file with one group, one rule and one tier, but for what is given. */
export function modelText({ rules = [FLOW], gates = [], tiers = ['{ id: none, from: 0 }'] }: Parts): string {
  return [
    'model: tiny',
    'title: Tiny',
    'weighting: raw',
    'groups: [use]',
    'rules:',
    ...rules.map((rule) => `  - ${rule.replace('{', '{ group: use,')}`),
    gates.length > 0 ? 'gates:' : 'gates: []',
    ...gates.map((gate) => `  - ${gate}`),
    'tiers:',
    ...tiers.map((tier) => `  - ${tier}`),
  ].join('\n');
}

/** What is wrong with a model file, one line each; nothing when it is right. */
export function problemsOf(text: string, file = 'tiny.yaml'): string[] {
  const read = readModel(file, text, knownWith(shippedSignals().signals));
  return read.ok ? [] : read.error.map(formatProblem);
}

export function modelOf(parts: Parts): Model {
  return modelFrom(modelText(parts));
}

/** The model of a whole file named tiny.yaml. */
export function modelFrom(text: string): Model {
  const read = readModel('tiny.yaml', text, knownWith(shippedSignals().signals));
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

/** The version that a model file gets when signals.yaml says this. */
export function versionWith(text: string, signalsText: string): string {
  const signals = readSignals('signals.yaml', signalsText);
  const read = signals.ok ? readModel('tiny.yaml', text, knownWith(signals.value.signals)) : signals;
  return read.ok ? read.value.version : JSON.stringify(read.error);
}

/** Everything that a score shows, as text, but for the instant until which it holds. */
export function shown({ validUntil: _, ...rest }: Evaluation): string {
  return JSON.stringify(rest);
}
