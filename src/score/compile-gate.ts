import { Decimal } from 'decimal.js';
import type { SignalInfo } from '../accounts/signal.ts';
import type { Window } from '../accounts/window.ts';
import { mostPoints } from './compile-rule.ts';
import { type Catalogue, checkedSignal, checkedWindow, windowText } from './compile-window.ts';
import { type Complain, oneOf } from './complain.ts';
import type { GateConfig, ModelConfig } from './model-schema.ts';

/** A condition beside the points. It can hold a tier back and never changes the number. */
export interface Gate {
  id: string;
  why: string;
  test:
    | { kind: 'any_of'; signals: SignalInfo[]; within: Window }
    | { kind: 'minimum_points'; groups: Record<string, number> };
}

/** One gate with every name resolved, or null after complaining. */
export function compileGate(
  gate: GateConfig,
  model: ModelConfig,
  signals: Catalogue,
  complain: Complain,
): Gate | null {
  const { id, why, any_of, within, minimum_points } = gate;
  if ((any_of === undefined) === (minimum_points === undefined)) {
    return complain([], id, 'exactly one of any_of, minimum_points beside it');
  }
  if (minimum_points !== undefined) {
    if (within !== undefined) {
      complain(['within'], windowText(within), 'nothing: points have the windows of their rules');
    }
    checkMinimums(minimum_points, model, complain);
    return { id, why, test: { kind: 'minimum_points', groups: minimum_points } };
  }
  const named = (any_of ?? []).map((name, i) => checkedSignal(name, signals, ['any_of', i], complain));
  const window = checkedWindow(within, ['within'], complain);
  const found = named.filter((signal) => signal !== null);
  return window === null ? null : { id, why, test: { kind: 'any_of', signals: found, within: window } };
}

function checkMinimums(minimums: Record<string, number>, model: ModelConfig, complain: Complain): void {
  for (const [group, least] of Object.entries(minimums)) {
    const path = ['minimum_points', group];
    const most = model.rules
      .filter((rule) => rule.group === group)
      .reduce((sum, rule) => sum.plus(mostPoints(rule)), new Decimal(0));
    if (!model.groups.includes(group)) {
      complain(path, group, oneOf(group, model.groups));
    } else if (most.lessThan(least)) {
      complain(path, least, `at most ${most}, all that the rules of the group can give`);
    }
  }
}
