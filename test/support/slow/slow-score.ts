import { Decimal } from 'decimal.js';
import type { ProductEvent } from '../../../src/events/event.ts';
import { type Above, holds } from './condition.ts';
import type { PlainGate, PlainModel, PlainOverride, PlainSegment, PlainSignals } from './plain.ts';
import { pointsOf } from './rule.ts';
import { bounded, clamped, groupsOf, modified, weighted } from './total.ts';
import { leading, listOf, sixDecimals } from './units.ts';
import { isIn, newestOf, type World, worldAt } from './world.ts';

const ZERO = new Decimal(0);

/** A score as the published schema describes it. Numbers are those that are shown. */
export interface SlowScore {
  value: number;
  raw: number;
  tier: string;
  groups: Record<string, number>;
  /** By rule, then by milestone. */
  points: Record<string, number>;
  gates: Record<string, boolean>;
  overrides: Record<string, boolean>;
  flags: string[];
  segment: string | null;
  /** The number before and after each of the model's modifiers. */
  modifiers: Record<string, { from: number; to: number }>;
}

/** The files that a model may refer to. */
export interface Files {
  signals: PlainSignals;
  models: Record<string, PlainModel>;
}

/** The score of the account that all these events are of, at an instant; computed anew from the events. */
export function slowScore(
  model: PlainModel,
  files: Files,
  events: readonly ProductEvent[],
  now: number,
): SlowScore {
  const world = worldAt(now, events, files.signals);
  const segment = segmentOf(world, model);
  const other = segment?.model === undefined ? undefined : files.models[segment.model];
  return scoreWith(world, other ?? model, segment);
}

function segmentOf(world: World, { segments = [] }: PlainModel): PlainSegment | null {
  const found = segments.find(
    ({ when }) => when === undefined || holds(world, when, { rules: {}, gates: {} }) === true,
  );
  return found ?? null;
}

function scoreWith(world: World, model: PlainModel, segment: PlainSegment | null): SlowScore {
  const above: Above = { rules: {}, gates: {} };
  const lines = [...ruleLines(world, model, segment, above), ...milestoneLines(world, model, above)];
  const groups: Record<string, Decimal> = {};
  for (const [id, group] of groupsOf(model)) {
    groups[id] = bounded(group, sum(lines.filter((line) => line.group === id).map(({ points }) => points)));
  }
  const gates = model.gates ?? [];
  for (const gate of gates) {
    above.gates[gate.id] = gatePasses(world, gate, above, groups);
  }
  const failing = gates.filter(({ id }) => above.gates[id] === false);
  const start = sum(groupsOf(model).map(([id, group]) => weighted(model, group, groups[id] ?? ZERO)));
  const { value, modifiers } = numberOf(world, model, start, failing);
  return {
    value: toNumber(value),
    raw: toNumber(sum(lines.map(({ points }) => points))),
    ...tierOf(world, model, segment, value, above),
    groups: toNumbers(groups),
    points: toNumbers(Object.fromEntries(lines.map(({ id, points }) => [id, points]))),
    gates: above.gates,
    flags: [...new Set(failing.flatMap(({ flag }) => listOf(flag)))],
    segment: segment?.id ?? null,
    modifiers,
  };
}

interface Line {
  id: string;
  group: string;
  points: Decimal;
}

/** Points of every rule, one after another, since rules may look at those above. */
function ruleLines(world: World, model: PlainModel, segment: PlainSegment | null, above: Above): Line[] {
  return (model.rules ?? []).map((rule) => {
    const applies = rule.only === undefined || (segment !== null && rule.only.includes(segment.id));
    const points = applies ? pointsOf(world, model, rule, above) : ZERO;
    above.rules[rule.id] = !points.isZero();
    return { id: rule.id, group: rule.group, points };
  });
}

/** The highest that is true is reached, and with it all below. */
function milestoneLines(world: World, { milestones = [] }: PlainModel, above: Above): Line[] {
  const highest = milestones.findLastIndex(({ when }) => holds(world, when, above) === true);
  return milestones.map(({ id, points = '1 point' }, i) => ({
    id,
    group: 'milestones',
    points: i <= highest ? leading(points) : ZERO,
  }));
}

function gatePasses(world: World, gate: PlainGate, above: Above, groups: Record<string, Decimal>): boolean {
  if (gate.any_of !== undefined) {
    const newest = newestOf(world, gate.any_of);
    return newest !== null && isIn(world, gate.within ?? 'lifetime', newest) === true;
  }
  if (gate.minimum_points !== undefined) {
    return Object.entries(gate.minimum_points).every(([id, least]) => groups[id]?.gte(least));
  }
  const truth = gate.when === undefined ? false : holds(world, gate.when, above);
  return truth ?? gate.when_unknown === 'pass';
}

/** Modifiers in the order of the file, bounds, a gate's zero, decimals last. */
function numberOf(world: World, model: PlainModel, start: Decimal, failing: PlainGate[]) {
  const modifiers: SlowScore['modifiers'] = {};
  let running = start;
  for (const modifier of model.modifiers ?? []) {
    const to = modified(world, modifier, running);
    modifiers[modifier.id] = { from: toNumber(running), to: toNumber(to) };
    running = to;
  }
  const isZero = failing.some(({ otherwise }) => otherwise === 'zero');
  const inBounds = clamped(model.clamp ?? [0, null], running);
  const value = isZero ? new Decimal(0) : sixDecimals(inBounds, model.round ?? 6);
  return { value, modifiers };
}

/** The highest tier whose points and gates are met, or to which an override lifts. */
function tierOf(world: World, model: PlainModel, segment: PlainSegment | null, value: Decimal, above: Above) {
  const tiers = model.tiers;
  const kinds = new Map((model.gates ?? []).map(({ id, kind = 'usage' }) => [id, kind]));
  const opens = (tier: string, waived: string[]) =>
    (tiers.find(({ id }) => id === tier)?.requires ?? []).every(
      (gate) => above.gates[gate] === true || waived.includes(kinds.get(gate) ?? ''),
    );
  const overrides: Record<string, boolean> = {};
  for (const override of model.overrides ?? []) {
    const isTrue = holds(world, override.when, above) === true;
    overrides[override.id] = isTrue && opens(override.tier, waivedBy(override));
  }
  const lifted = (model.overrides ?? []).filter(({ id }) => overrides[id]).map(({ tier }) => tier);
  const from = (tier: { id: string; from: number }) => segment?.tiers?.[tier.id] ?? tier.from;
  const held = tiers.findLast(
    (tier, i) => i === 0 || lifted.includes(tier.id) || (value.gte(from(tier)) && opens(tier.id, [])),
  );
  return { tier: held?.id ?? '', overrides };
}

function waivedBy({ kind, bypass_fit: fit = kind === 'hand_raiser' }: PlainOverride): string[] {
  return [...(kind === 'combination' ? [] : ['usage']), ...(fit ? ['fit'] : [])];
}

function sum(values: (Decimal | undefined)[]): Decimal {
  return values.reduce<Decimal>((all, one) => all.plus(one ?? 0), new Decimal(0));
}

function toNumbers(values: Record<string, Decimal>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toNumber(value)]));
}

/** As it is shown: nothing has no sign. */
function toNumber(value: Decimal): number {
  return value.isZero() ? 0 : value.toNumber();
}
