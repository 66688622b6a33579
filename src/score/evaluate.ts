import { Decimal } from 'decimal.js';
import type { AccountState } from '../accounts/state.ts';
import { accountTraits } from '../accounts/views.ts';
import { earliest } from '../accounts/window.ts';
import { isoInstant } from '../shared/time.ts';
import type { Evaluation, GateLine } from './evaluation.ts';
import type { Scene } from './finding.ts';
import { evaluateGate } from './gates.ts';
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
  const scene: Scene = { state, traits: accountTraits(state), now };
  const rules = model.rules.map((rule) => evaluateRule(rule, scene));
  const explanation = rules.map(({ line }) => line);
  const groups = Object.fromEntries(
    model.groups.map((group) => [group, sum(explanation.filter((line) => line.group === group))]),
  );
  const gates = model.gates.map((gate) => evaluateGate(gate, scene, groups));
  const changes = [...rules, ...gates].map(({ nextChange }) => nextChange);
  const validUntil = changes.reduce(earliest, null);
  const gateLines = gates.map(({ line }) => line);
  const raw = sum(explanation);
  return {
    model: model.model,
    version: model.version,
    value: raw,
    raw,
    tier: tierOf(model, raw, gateLines),
    groups,
    gates: gateLines,
    explanation,
    modifiers: [],
    validUntil: validUntil === null ? null : isoInstant(validUntil),
  };
}

/** The highest tier that the value reaches and whose gates all pass. A failed gate never changes the number. */
function tierOf(model: Model, value: number, gates: readonly GateLine[]): string {
  const failed = new Set(gates.filter(({ passed }) => !passed).map(({ id }) => id));
  const [lowest] = model.tiers;
  const reached = model.tiers.findLast(
    ({ from, requires }) => value >= from && !requires.some((gate) => failed.has(gate)),
  );
  return (reached ?? lowest)?.id ?? '';
}

function sum(lines: readonly { points: number }[]): number {
  return lines.reduce((total, { points }) => total.plus(points), new Decimal(0)).toNumber();
}
