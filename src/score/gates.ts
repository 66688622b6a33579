import { measure } from '../accounts/measure.ts';
import type { SignalInfo } from '../accounts/signal.ts';
import { contains, earliest, leavesAt, type Window } from '../accounts/window.ts';
import { isoInstant } from '../shared/time.ts';
import type { Gate } from './compile-gate.ts';
import type { GateLine } from './evaluation.ts';
import type { Judged, Scene } from './finding.ts';

/** @param groups points of each group, after caps */
export function evaluateGate(
  { id, why, test }: Gate,
  scene: Scene,
  groups: Readonly<Record<string, number>>,
): Judged<GateLine> {
  const { passed, detail, nextChange } =
    test.kind === 'minimum_points'
      ? hasMinimums(test.groups, groups)
      : isRecent(test.signals, test.within, scene);
  return { line: { id, passed, why: detail === '' ? why : `${why}: ${detail}` }, nextChange };
}

interface Verdict {
  passed: boolean;
  detail: string;
  nextChange: number | null;
}

/** Points change when their rules do, so this adds no instant of its own. */
function hasMinimums(
  minimums: Readonly<Record<string, number>>,
  groups: Readonly<Record<string, number>>,
): Verdict {
  const short = Object.entries(minimums)
    .map(([group, least]) => ({ group, least, points: groups[group] ?? 0 }))
    .filter(({ points, least }) => points < least);
  const detail = short
    .map(({ group, least, points }) => `${group} has ${points} of at least ${least}`)
    .join('; ');
  return { passed: short.length === 0, detail, nextChange: null };
}

/** Passes while the newest of the signals is inside the window; it flips exactly when that one leaves. */
function isRecent(signals: readonly SignalInfo[], window: Window, { state, now }: Scene): Verdict {
  // Over all time nothing leaves: what remains as the next change is something that begins.
  const all = signals.map((signal) => ({ id: signal.id, ...measure(signal, state, 'lifetime', now) }));
  const begins = all.reduce<number | null>((at, { nextChange }) => earliest(at, nextChange), null);
  const newest = all.reduce<{ id: string; last: number } | null>(
    (best, { id, last }) => (last !== null && last > (best?.last ?? -Infinity) ? { id, last } : best),
    null,
  );
  if (newest === null) {
    const detail = `none so far of ${signals.map(({ id }) => id).join(', ')}`;
    return { passed: false, detail, nextChange: begins };
  }
  const passed = contains(window, newest.last, now);
  const detail = `last ${newest.id} at ${isoInstant(newest.last)}`;
  return { passed, detail, nextChange: passed ? earliest(begins, leavesAt(window, newest.last)) : begins };
}
