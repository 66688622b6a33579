import { Decimal } from 'decimal.js';
import type { PlainGroup, PlainModel, PlainModifier } from './plain.ts';
import { dayOf, leading, listOf, sixDecimals } from './units.ts';
import { isIn, newestOf, type World } from './world.ts';

/** The groups of the file, and `milestones` for the points of milestones. */
export function groupsOf({ groups, milestones = [] }: PlainModel): [string, PlainGroup][] {
  const named = Array.isArray(groups)
    ? groups.map((id): [string, PlainGroup] => [id, {}])
    : Object.entries(groups);
  const isMissing = milestones.length > 0 && !named.some(([id]) => id === 'milestones');
  return isMissing ? [...named, ['milestones', {}]] : named;
}

/** A group's points within its floor and cap. */
export function bounded({ cap, floor }: PlainGroup, points: Decimal): Decimal {
  const below = cap === undefined ? points : Decimal.min(leading(cap), points);
  return floor === undefined ? below : Decimal.max(leading(floor), below);
}

/** What a group adds to the number. */
export function weighted(model: PlainModel, group: PlainGroup, points: Decimal): Decimal {
  const weight = leading(group.weight ?? '100 %');
  if (model.weighting === 'raw') {
    return points;
  }
  if (model.weighting === 'multiplier') {
    return sixDecimals(points.times(weight).div(100));
  }
  // As the published schema says, a group without `full` counts as 100 at the most that its rules can give.
  const full = leading(group.full ?? '');
  const share = Decimal.max(0, Decimal.min(1, points.div(full)));
  return sixDecimals(share.times(weight));
}

/** What a modifier makes of the number. */
export function modified(world: World, modifier: PlainModifier, from: Decimal): Decimal {
  const newest = newestOf(world, listOf(modifier.last ?? 'activity'));
  if (modifier.kind === 'multiplier') {
    const step = modifier.steps?.find(
      ({ within = '' }) => newest !== null && isIn(world, within, newest) === true,
    );
    return sixDecimals(from.times(step?.times ?? modifier.otherwise ?? 1));
  }
  if (newest === null) {
    return from;
  }
  const lower = shrunk(modifier, from, dayOf(world.now) - dayOf(newest));
  const floor = leading(modifier.floor ?? '0 points');
  // It takes away and gives nothing, also where half of a number below zero would be more.
  return Decimal.min(from, Decimal.max(floor, lower));
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
