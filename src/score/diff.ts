import { Decimal } from 'decimal.js';
import type { Evaluation, GateLine, ModifierLine, RuleLine } from './evaluation.ts';

/** One rule, modifier or remainder on both sides. null: that side's model does not have it. */
export interface NumberChange {
  kind: 'rule' | 'modifier' | 'other';
  id: string;
  /** Points of a rule, or what a modifier did to the running total. Decimal. */
  from: number | null;
  to: number | null;
  /** What it changes in the score: the deltas of all changes add up to the difference of the scores, exactly. */
  delta: number;
  /** The sentence before and after. */
  whyFrom: string | null;
  whyTo: string | null;
}

export interface GateChange {
  id: string;
  /** null: that side's model does not have the gate. */
  from: boolean | null;
  to: boolean | null;
  whyFrom: string | null;
  whyTo: string | null;
}

/** Everything that differs between two scores of one account, from `a` to `b`. */
export interface Differences {
  model: { from: string; to: string } | null;
  version: { from: string; to: string } | null;
  value: { from: number; to: number; delta: number };
  tier: { from: string; to: string } | null;
  /** Numbers that moved, in the order of the later model. Sentences that changed alone are no change. */
  numbers: NumberChange[];
  gates: GateChange[];
}

/**
 * What differs from `a` to `b`, whether they are two instants of one model, two of its versions, or two models.
 * The listed deltas add up to the difference of the values in decimal arithmetic (I10): what neither a rule nor a
 * modifier explains, such as rounding, is a change of its own kind.
 */
export function differences(a: Evaluation, b: Evaluation): Differences {
  const rules = changesOf('rule', a.explanation.map(ofRule), b.explanation.map(ofRule));
  const modifiers = changesOf('modifier', effects(a.modifiers), effects(b.modifiers));
  const delta = minus(b.value, a.value);
  const numbers = [...rules, ...modifiers];
  const rest = minus(
    delta,
    numbers.reduce((sum, change) => sum.plus(change.delta), new Decimal(0)),
  );
  const other: NumberChange = {
    ...{ kind: 'other', id: 'other', whyFrom: null, whyTo: null },
    ...{ from: unexplained(a), to: unexplained(b), delta: rest },
  };
  return {
    model: changed(a.model, b.model),
    version: changed(a.version, b.version),
    value: { from: a.value, to: b.value, delta },
    tier: changed(a.tier, b.tier),
    numbers: rest === 0 ? numbers : [...numbers, other],
    gates: gateChanges(a.gates, b.gates),
  };
}

/** Nothing at all differs that a reader would see. */
export function isSame(found: Differences): boolean {
  const { model, version, value, tier, numbers, gates } = found;
  const named = [model, version, tier].every((one) => one === null);
  return named && value.delta === 0 && numbers.length === 0 && gates.length === 0;
}

/** The changes of numbers, those that weigh most first; equal ones in the model's order. */
export function byWeight(changes: readonly NumberChange[]): NumberChange[] {
  return changes
    .map((change, order) => ({ change, order }))
    .sort((x, y) => Math.abs(y.change.delta) - Math.abs(x.change.delta) || x.order - y.order)
    .map(({ change }) => change);
}

interface Amount {
  id: string;
  amount: Decimal;
  why: string;
}

function ofRule({ rule, points, why }: RuleLine): Amount {
  return { id: rule, amount: new Decimal(points), why };
}

/** What each modifier did. One that is listed several times did all of it. */
function effects(modifiers: readonly ModifierLine[]): Amount[] {
  const found = new Map<string, Amount>();
  for (const { id, why, from, to } of modifiers) {
    const before = found.get(id);
    const amount = new Decimal(to).minus(from).plus(before?.amount ?? 0);
    found.set(id, { id, amount, why: before === undefined ? why : `${before.why}; ${why}` });
  }
  return [...found.values()];
}

function changesOf(kind: 'rule' | 'modifier', a: readonly Amount[], b: readonly Amount[]): NumberChange[] {
  const before = new Map(a.map((one) => [one.id, one]));
  const after = new Map(b.map((one) => [one.id, one]));
  const ids = [...after.keys(), ...[...before.keys()].filter((id) => !after.has(id))];
  return ids.flatMap((id) => {
    const [x, y] = [before.get(id), after.get(id)];
    const delta = minus(y?.amount ?? 0, x?.amount ?? 0);
    return delta === 0
      ? []
      : [
          {
            ...{ kind, id, delta },
            ...{ from: x?.amount.toNumber() ?? null, to: y?.amount.toNumber() ?? null },
            ...{ whyFrom: x?.why ?? null, whyTo: y?.why ?? null },
          },
        ];
  });
}

/** What of the number neither rules nor modifiers explain. 0 for every sound score (I10). */
function unexplained({ value, explanation, modifiers }: Evaluation): number {
  const listed = [...explanation.map(ofRule), ...effects(modifiers)];
  return minus(
    value,
    listed.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0)),
  );
}

function gateChanges(a: readonly GateLine[], b: readonly GateLine[]): GateChange[] {
  const before = new Map(a.map((gate) => [gate.id, gate]));
  const after = new Map(b.map((gate) => [gate.id, gate]));
  const ids = [...after.keys(), ...[...before.keys()].filter((id) => !after.has(id))];
  return ids.flatMap((id) => {
    const [x, y] = [before.get(id), after.get(id)];
    const change = {
      ...{ id, from: x?.passed ?? null, to: y?.passed ?? null },
      ...{ whyFrom: x?.why ?? null, whyTo: y?.why ?? null },
    };
    return change.from === change.to ? [] : [change];
  });
}

function changed(from: string, to: string): { from: string; to: string } | null {
  return from === to ? null : { from, to };
}

function minus(a: Decimal.Value, b: Decimal.Value): number {
  return new Decimal(a).minus(b).toNumber();
}
