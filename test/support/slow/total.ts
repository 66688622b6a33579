import { Decimal } from 'decimal.js';
import type { PlainGroup, PlainModel, PlainModifier, PlainRule } from './plain.ts';
import { worthOf } from './rule.ts';
import { dayOf, leading, listOf, sixDecimals } from './units.ts';
import { isIn, newestOf, type World } from './world.ts';

const ZERO = new Decimal(0);

export function groupsOf(model: PlainModel): [string, PlainGroup][] {
  return Array.isArray(model.groups)
    ? model.groups.map((id): [string, PlainGroup] => [id, {}])
    : Object.entries(model.groups);
}

/** A group's points within its floor and cap. */
export function bounded({ cap, floor }: PlainGroup, points: Decimal): Decimal {
  const below = cap === undefined ? points : Decimal.min(leading(cap), points);
  return floor === undefined ? below : Decimal.max(leading(floor), below);
}

/** What a group adds to the number. */
export function weighted(model: PlainModel, id: string, group: PlainGroup, points: Decimal): Decimal {
  const weight = leading(group.weight ?? '100 %');
  if (model.weighting === 'raw') {
    return points;
  }
  if (model.weighting === 'multiplier') {
    return sixDecimals(points.times(weight).div(100));
  }
  const full = group.full === undefined ? mostOf(model, id, group) : leading(group.full);
  return sixDecimals(Decimal.min(1, points.div(full)).times(weight));
}

/** The most that the rules of a group can give. */
function mostOf(model: PlainModel, id: string, group: PlainGroup): Decimal {
  const rules = (model.rules ?? []).filter((rule) => rule.group === id);
  const sum = rules.map((rule) => mostOfRule(model, rule)).reduce((all, one) => all.plus(one), ZERO);
  return group.cap === undefined ? sum : Decimal.min(sum, leading(group.cap));
}

function mostOfRule(model: PlainModel, rule: PlainRule): Decimal {
  const cap = /([\d.]+) points?$/.exec(rule.cap ?? '')?.[1];
  const most = uncappedMost(model, rule);
  return cap === undefined ? most : Decimal.min(most, cap);
}

function uncappedMost(model: PlainModel, { points, cap }: PlainRule): Decimal {
  if (typeof points === 'string') {
    const worth = Decimal.max(0, worthOf(model, points));
    const times = /^(\d+) time/.exec(cap ?? '')?.[1];
    return points.endsWith('once') ? worth : times === undefined ? new Decimal(Infinity) : worth.times(times);
  }
  if ('best_of' in points) {
    return Decimal.max(0, ...points.best_of.map((step) => leading(step.points)));
  }
  return points.sum_of.reduce((sum, step) => sum.plus(Decimal.max(0, leading(step.points))), ZERO);
}

/** What a modifier makes of the number. */
export function modified(world: World, modifier: PlainModifier, from: Decimal): Decimal {
  const newest = newestOf(world, listOf(modifier.last ?? 'activity'));
  if (modifier.kind === 'multiplier') {
    const step = modifier.steps?.find(({ within = '' }) => newest !== null && isIn(world, within, newest));
    return sixDecimals(from.times(step?.times ?? modifier.otherwise ?? 1));
  }
  if (newest === null) {
    return from;
  }
  const lower = shrunk(modifier, from, dayOf(world.now) - dayOf(newest));
  const floor = leading(modifier.floor ?? '0 points');
  return from.lte(floor) ? from : Decimal.max(floor, lower);
}

/** The number after so many days of silence, whatever the floor. */
function shrunk(modifier: PlainModifier, from: Decimal, silence: number): Decimal {
  const beyond = silence - leading(modifier.after ?? '0 days').toNumber();
  if (modifier.kind === 'weekly') {
    const weeks = Math.max(0, Math.floor(beyond / 7));
    return from.minus(leading(modifier.minus ?? '').times(weeks));
  }
  if (modifier.kind === 'steps') {
    const reached = (modifier.steps ?? []).filter(({ after = '' }) => leading(after).lte(silence));
    return from.minus(leading(reached.at(-1)?.minus ?? '0 points'));
  }
  const halvings = new Decimal(Math.max(0, beyond)).div(leading(modifier.half_every ?? ''));
  return sixDecimals(from.times(new Decimal(0.5).pow(halvings)));
}

/** Within the bounds. */
export function clamped([low, high]: [number, number | null], value: Decimal): Decimal {
  const above = Decimal.max(low, value);
  return high === null ? above : Decimal.min(high, above);
}
