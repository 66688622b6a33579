import { Decimal } from 'decimal.js';
import type { AccountState } from '../accounts/state.ts';
import { earliest } from '../accounts/window.ts';
import { isoInstant } from '../shared/time.ts';
import type { Evaluation, GateLine } from './evaluation.ts';
import { evaluateGate, type Judged } from './gates.ts';
import type { Model } from './model.ts';
import { evaluateRule } from './rules.ts';

/**
 * Scores one account: a pure function of model, state and instant (I4). Points are added in decimal arithmetic,
 * so the listed points give the number exactly (I10), and `validUntil` is the first instant at which anything
 * shown could differ with no new event (I5).
 *
 * @param now ms since 1970, UTC
 */
export function evaluate(model: Model, state: AccountState, now: number): Evaluation {
  const lines = model.rules.map((rule) => evaluateRule(rule, state, now));
  const groups = Object.fromEntries(
    model.groups.map((group) => [
      group,
      sum(lines.filter(({ line }) => line.group === group).map(({ line }) => line.points)),
    ]),
  );
  const raw = sum(lines.map(({ line }) => line.points));
  const gates = model.gates.map((gate) => evaluateGate(gate, state, groups, now));
  const validUntil = [...lines, ...gates].reduce<number | null>(
    (until, { nextChange }) => earliest(until, nextChange),
    null,
  );
  return {
    model: model.model,
    version: model.version,
    value: raw,
    raw,
    tier: tierOf(model, raw, gates),
    groups,
    gates: gates.map(({ line }) => line),
    explanation: lines.map(({ line }) => line),
    modifiers: [],
    validUntil: validUntil === null ? null : isoInstant(validUntil),
  };
}

/** The highest tier that the value reaches and whose gates all pass. A failed gate never changes the number. */
function tierOf(model: Model, value: number, gates: readonly Judged<GateLine>[]): string {
  const failed = new Set(gates.filter(({ line }) => !line.passed).map(({ line }) => line.id));
  const [lowest] = model.tiers;
  const reached = model.tiers.findLast(
    (tier) => value >= tier.from && !tier.requires.some((gate) => failed.has(gate)),
  );
  return (reached ?? lowest)?.id ?? '';
}

function sum(points: readonly number[]): number {
  return points.reduce((total, one) => total.plus(one), new Decimal(0)).toNumber();
}
