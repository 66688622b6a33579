import type { AccountState } from '../accounts/state.ts';
import { earliest, type Tally, tallyOf, type Window } from '../accounts/window.ts';
import { DAY, HOUR, isoInstant, startOfUtcDay, utcDay } from '../shared/time.ts';
import type { GateLine } from './evaluation.ts';
import type { GateConfig } from './model-schema.ts';

/** A line with the instant at which it could differ with no new event. */
export interface Judged<Line> {
  line: Line;
  nextChange: number | null;
}

export function evaluateGate(
  gate: GateConfig,
  state: AccountState,
  groups: Record<string, number>,
  now: number,
): Judged<GateLine> {
  if (gate.minimum_points !== undefined) {
    const short = Object.entries(gate.minimum_points).filter(
      ([group, least]) => (groups[group] ?? 0) < least,
    );
    const why = short.map(
      ([group, least]) => `${group} has ${groups[group] ?? 0} of at least ${least} points`,
    );
    return { line: lineOf(gate, short.length === 0, why.join('; ')), nextChange: null };
  }
  return signalGate(gate, gate.within ?? 'lifetime', state, now);
}

/** Passes while the newest of the named signals is inside the window; it flips exactly when that one leaves. */
function signalGate(gate: GateConfig, window: Window, state: AccountState, now: number): Judged<GateLine> {
  const tallies = (gate.any_of ?? []).map((signal) => ({
    signal,
    tally: tallyOf(state, signal, window, now),
  }));
  const newest = tallies
    .filter(({ tally }) => tally.last !== null)
    .sort((a, b) => (b.tally.last ?? 0) - (a.tally.last ?? 0))[0];
  if (newest === undefined) {
    const begins = tallies.reduce<number | null>((at, { tally }) => earliest(at, futureOf(tally)), null);
    return { line: lineOf(gate, false, `none of ${(gate.any_of ?? []).join(', ')}`), nextChange: begins };
  }
  const last = newest.tally.last ?? now;
  const why = `last ${newest.signal} at ${isoInstant(last)}`;
  return { line: lineOf(gate, true, why), nextChange: leavesAt(last, window) };
}

/** Nothing is inside, so whatever could change is something that begins. */
function futureOf(tally: Tally): number | null {
  return tally.nextChange;
}

function leavesAt(last: number, window: Window): number | null {
  if (window === 'lifetime') {
    return null;
  }
  return 'hours' in window ? last + window.hours * HOUR : startOfUtcDay(utcDay(last)) + window.days * DAY;
}

function lineOf(gate: GateConfig, passed: boolean, detail: string): GateLine {
  return { id: gate.id, passed, why: detail === '' ? gate.why : `${gate.why}: ${detail}` };
}
