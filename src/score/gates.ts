import { MILESTONES } from './compile/group-ids.ts';
import type { GateLine, OverrideLine } from './evaluation.ts';
import { type Micro, shown } from './exact.ts';
import { judge, type Verdict } from './find/condition.ts';
import type { Judged, Scene } from './find/look.ts';
import type { Gate, Milestone, Override } from './model.ts';
import type { Scored } from './rules.ts';

/** A gate with whether it lets pass. */
export interface Judgement extends Judged<GateLine> {
  gate: Gate;
  passed: boolean;
}

/** @param groups points of each group in millionths, after caps */
export function evaluateGate(gate: Gate, scene: Scene, groups: ReadonlyMap<string, Micro>): Judgement {
  const { passed, detail, nextChange, missing } =
    gate.test.kind === 'minimum_points'
      ? hasMinimums(gate.test.groups, groups)
      : judge(gate.test.condition, scene);
  const open = passed ?? gate.passesUnknown;
  scene.gates.set(gate.id, open);
  const line = (): GateLine => {
    const words = detail();
    return {
      id: gate.id,
      passed: open,
      why: words === '' ? gate.why : `${gate.why}: ${words}`,
      ...(missing.length > 0 ? { missing: [...missing] } : {}),
    };
  };
  return { gate, passed: open, line, nextChange };
}

/** Points change when their rules do, so this adds no instant of its own. */
function hasMinimums(
  minimums: readonly { group: string; least: Micro }[],
  groups: ReadonlyMap<string, Micro>,
): Verdict {
  const short = minimums.filter(({ group, least }) => (groups.get(group) ?? 0) < least);
  return {
    passed: short.length === 0,
    nextChange: null,
    missing: [],
    detail: () =>
      short
        .map(
          ({ group, least }) => `${group} has ${shown(groups.get(group) ?? 0)} of at least ${shown(least)}`,
        )
        .join('; '),
  };
}

/** An override with whether it lifts to its tier. */
export interface Lift extends Judged<OverrideLine> {
  tier: string;
  lifts: boolean;
}

/**
 * Whether an override holds, and lifts to its tier: its condition is true, and the tier's gates pass that it may not
 * pass over. Suppression is never passed over.
 *
 * @param required gates of the tier
 */
export function evaluateOverride(override: Override, scene: Scene, required: readonly Judgement[]): Lift {
  const { passed, detail, nextChange } = judge(override.condition, scene);
  const barred = required.filter(({ gate, passed: open }) => !open && !passesOver(override, gate));
  const lifts = passed === true && barred.length === 0;
  const why = () => {
    if (passed !== true) {
      return detail();
    }
    const held = barred.map(({ gate }) => gate.id).join(', ');
    const words = held === '' ? override.why : `${override.why}, but not past ${held}`;
    return detail() === '' ? words : `${words}: ${detail()}`;
  };
  const line = () => ({ id: override.id, tier: override.tier, applied: lifts, why: why() });
  return { line, nextChange, tier: override.tier, lifts };
}

function passesOver({ kind, bypassFit }: Override, gate: Gate): boolean {
  switch (gate.kind) {
    case 'usage':
      return kind !== 'combination';
    case 'fit':
      return bypassFit;
    case 'suppression':
      return false;
  }
}

/** One line per milestone: the highest that holds is reached, with all below it, also those skipped. */
export function evaluateMilestones(milestones: readonly Milestone[], scene: Scene): Scored[] {
  const verdicts = milestones.map((milestone) => ({ milestone, ...judge(milestone.condition, scene) }));
  const highest = verdicts.findLastIndex(({ passed }) => passed === true);
  return verdicts.map(({ milestone, passed, detail, nextChange }, i) => {
    const reached = i <= highest;
    const skipped = reached && passed !== true;
    const points = reached ? milestone.points : 0;
    const why = () =>
      skipped
        ? `skipped (${detail()}), then reached ${milestones[highest]?.id}`
        : reached
          ? milestone.why
          : detail();
    const line = () => ({
      rule: milestone.id,
      group: MILESTONES,
      points: shown(points),
      why: why(),
      evidence: { reached, ...(skipped ? { skipped } : {}), because: detail() },
    });
    return { points, group: MILESTONES, nextChange, line };
  });
}
