import type { ModifierLine } from './evaluation.ts';
import { clampTo, type Micro, rounded, scaled, shown } from './exact.ts';
import type { Group, Model } from './model.ts';
import type { Scored } from './rules.ts';

/** A step of the running number, in words when they are asked for. */
interface TotalStep {
  id: string;
  why: () => string;
  from: Micro;
  to: Micro;
}

/** The running number with every step that changed it. It begins with the sum of the lines (I10). */
export class Total {
  readonly raw: Micro;
  value: Micro;
  private readonly taken: TotalStep[] = [];

  constructor(raw: Micro) {
    this.raw = raw;
    this.value = raw;
  }

  /** Notes a step. One that changes nothing is no step, unless it must be shown. */
  to(value: Micro, id: string, why: () => string, always = false): void {
    if (value !== this.value || always) {
      this.taken.push({ id, why, from: this.value, to: value });
      this.value = value;
    }
  }

  figures(): (string | number)[] {
    return this.taken.flatMap(({ id, from, to }) => [id, from, to]);
  }

  lines(): ModifierLine[] {
    return this.taken.map(({ id, why, from, to }) => ({ id, why: why(), from: shown(from), to: shown(to) }));
  }
}

/** Points of each group after its cap and floor; the caps are steps of the total. */
export function groupTotals(model: Model, lines: readonly Scored[], total: Total): Map<string, Micro> {
  const points = new Map<string, Micro>();
  for (const { id } of model.groups) {
    points.set(id, 0);
  }
  for (const { group, points: own } of lines) {
    if (own !== 0) {
      points.set(group, (points.get(group) ?? 0) + own);
    }
  }
  for (const { id, cap, floor } of model.groups) {
    const own = points.get(id) ?? 0;
    const bounded = clampTo(own, floor ?? Number.NEGATIVE_INFINITY, cap ?? Number.POSITIVE_INFINITY);
    if (bounded !== own) {
      const [what, bound] = bounded < own ? ['at most', cap ?? 0] : ['at least', floor ?? 0];
      const why = () => `${id} gives ${what} ${shown(bound)} points, not ${shown(own)}`;
      total.to(total.value + bounded - own, `group:${id}`, why);
      points.set(id, bounded);
    }
  }
  return points;
}

/** Groups by their weight: one step for each group, from its points to its share. */
export function weigh({ weighting, groups }: Model, points: ReadonlyMap<string, Micro>, total: Total): void {
  if (weighting === 'raw') {
    return;
  }
  for (const group of groups) {
    const own = points.get(group.id) ?? 0;
    const share = weighting === 'multiplier' ? scaled(own, group.weight, 1_000_000) : normalised(group, own);
    const why = () => weightText(weighting, group, own, share);
    total.to(total.value - own + share, `weight:${group.id}`, why, true);
  }
}

/** The group's points as a share of its full ones, at most all, out of 100, times its weight. */
function normalised({ full, weight }: Group, points: Micro): Micro {
  const counted = clampTo(points, 0, full);
  // 100 points × weight × counted / full, rounded once.
  return scaled(counted, 100 * weight, full);
}

function weightText(weighting: Model['weighting'], group: Group, own: Micro, share: Micro): string {
  const percent = shown(group.weight) * 100;
  const of =
    weighting === 'normalised' ? `${shown(own)} of ${shown(group.full)} points` : `${shown(own)} points`;
  return `${group.id}: ${of} at ${Number(percent.toFixed(4))} % are ${shown(share)}`;
}

/** The last steps: bounds, then decimals. */
export function finish({ clamp, round }: Model, total: Total): void {
  const sum = total.value;
  const bounded = clampTo(sum, clamp.least, clamp.most);
  total.to(bounded, 'clamp', () =>
    bounded > sum ? `never below ${shown(clamp.least)}` : `never above ${shown(clamp.most)}`,
  );
  total.to(rounded(total.value, round), 'round', () =>
    round === 0 ? 'rounded to a whole number' : `rounded to ${round} decimals`,
  );
}
