import { type Measure, measure } from '../../src/accounts/measure.ts';
import type { SignalInfo } from '../../src/accounts/signal.ts';
import type { SignalPlan } from '../../src/accounts/signal-plan.ts';
import { readSignals } from '../../src/accounts/signal-plan.ts';
import type { AccountState } from '../../src/accounts/state.ts';
import type { Window } from '../../src/accounts/window.ts';
import { formatProblem } from '../../src/shared/config-file.ts';
import { shippedSignals } from './shipped.ts';

const shipped = shippedSignals();

/** A catalogue from the lines below `signals:`. */
export function catalogue(...lines: string[]): SignalPlan {
  const read = readSignals('s.yaml', ['signals:', ...lines.map((line) => `  ${line}`)].join('\n'));
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

/** What is wrong with the lines below `signals:`, one text each. */
export function wrongs(...lines: string[]): string[] {
  const read = readSignals('s.yaml', ['signals:', ...lines.map((line) => `  ${line}`)].join('\n'));
  return read.ok ? [] : read.error.map(formatProblem);
}

export function signalIn(plan: SignalPlan, id: string): SignalInfo {
  const signal = plan.signals.get(id);
  if (signal === undefined) {
    throw new Error(`no signal ${id}`);
  }
  return signal;
}

/** A signal of the shipped catalogue, measured. */
export function measured(state: AccountState, id: string, window: Window, now: number): Measure {
  return measure(signalIn(shipped, id), state, window, now);
}
