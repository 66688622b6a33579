import type { Gate, Milestone, Override } from './compile/gate.ts';
import { MILESTONES } from './compile/groups.ts';
import type { GateLine, OverrideLine } from './evaluation.ts';
import { type Micro, shown } from './exact.ts';
import { judge } from './find/condition.ts';
import type { Judged, Scene } from './find/look.ts';
import type { Scored } from './rules.ts';

/** @param groups points of each group in millionths, after caps */
export function evaluateGate(gate: Gate, scene: Scene, groups: ReadonlyMap<string, Micro>): Judged<GateLine> {
  const { passed, detail, nextChange, missing } =
    gate.test.kind === 'minimum_points'
      ? hasMinimums(gate.test.groups, groups)
      : judge(gate.test.condition, scene);
  scene.gates.set(gate.id, passed ?? (gate.passesUnknown ? true : null));
  const words = detail();
  const line: GateLine = {
    id: gate.id,
    passed: passed ?? gate.passesUnknown,
    why: words === '' ? gate.why : `${gate.why}: ${words}`,
    ...(missing.length > 0 ? { missing: [...missing] } : {}),
  };
  return { line, nextChange };
}

/** Points change when their rules do, so this adds no instant of its own. */
function hasMinimums(
  minimums: readonly { group: string; least: Micro }[],
  groups: ReadonlyMap<string, Micro>,
) {
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

/**
 * Whether an override holds, and lifts to its tier: its condition is true, and the tier's gates pass that it may not
 * pass over. Suppression is never passed over.
 *
 * @param required gates of the tier, with whether each passes
 */
export function evaluateOverride(
  override: Override,
  scene: Scene,
  required: readonly { gate: Gate; passed: boolean }[],
): Judged<OverrideLine> {
  const { passed, detail, nextChange } = judge(override.condition, scene);
  const barred = required.filter(({ gate, passed: open }) => !open && !passesOver(override, gate));
  const lifts = passed === true && barred.length === 0;
  const held = barred.map(({ gate }) => gate.id).join(', ');
  const why =
    passed !== true ? detail() : barred.length > 0 ? `${override.why}, but not past ${held}` : override.why;
  return { line: { id: override.id, tier: override.tier, applied: lifts, why }, nextChange };
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
  const verdicts = milestones.map(({ condition }) => judge(condition, scene));
  const highest = verdicts.findLastIndex(({ passed }) => passed === true);
  return milestones.map(({ id, why, points: worth }, i) => {
    const verdict = verdicts[i];
    const done = verdict?.passed === true;
    const points = i <= highest ? worth : 0;
    const skipped = i < highest && !done;
    const detail = verdict?.detail() ?? '';
    const text = done ? why : skipped ? `skipped (${detail}): went on to ${milestones[highest]?.id}` : detail;
    return {
      points,
      group: MILESTONES,
      nextChange: verdict?.nextChange ?? null,
      line: {
        rule: id,
        group: MILESTONES,
        points: shown(points),
        why: text,
        evidence: { reached: i <= highest, ...(skipped ? { skipped: true } : {}), because: detail },
      },
    };
  });
}
