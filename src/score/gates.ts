import { MILESTONES } from './compile/group-ids.ts';
import type { GateLine, OverrideLine } from './evaluation.ts';
import { type Micro, shown } from './exact.ts';
import { judge, type Verdict } from './find/condition.ts';
import type { Judged, Scene } from './find/look.ts';
import type { Gate, Milestone, Override } from './model.ts';
import type { Scored } from './rules.ts';

/** @param groups points of each group in millionths, after caps */
export function evaluateGate(gate: Gate, scene: Scene, groups: ReadonlyMap<string, Micro>): Judgement {
  const verdict =
    gate.test.kind === 'minimum_points'
      ? new Minimums(gate.test.groups, groups)
      : judge(gate.test.condition, scene);
  const judgement = new Judgement(gate, verdict);
  scene.gates.set(gate.id, judgement.passed);
  return judgement;
}

/** A gate with whether it lets pass. */
export class Judgement implements Judged<GateLine> {
  readonly gate: Gate;
  readonly passed: boolean;
  readonly nextChange: number | null;
  private readonly verdict: Verdict;

  constructor(gate: Gate, verdict: Verdict) {
    this.gate = gate;
    this.verdict = verdict;
    this.passed = verdict.passed ?? gate.passesUnknown;
    this.nextChange = verdict.nextChange;
  }

  line(): GateLine {
    const words = this.verdict.detail();
    const missing: string[] = [];
    this.verdict.addMissing(missing);
    const { id, why } = this.gate;
    const line: GateLine = { id, passed: this.passed, why: words === '' ? why : `${why}: ${words}` };
    if (missing.length > 0) {
      line.missing = missing;
    }
    return line;
  }
}

/** Points change when their rules do, so this adds no instant of its own. */
class Minimums implements Verdict {
  readonly nextChange = null;
  readonly passed: boolean;
  private readonly short: readonly { group: string; least: Micro }[];
  private readonly points: ReadonlyMap<string, Micro>;

  constructor(minimums: readonly { group: string; least: Micro }[], points: ReadonlyMap<string, Micro>) {
    this.points = points;
    this.short = minimums.filter(({ group, least }) => (points.get(group) ?? 0) < least);
    this.passed = this.short.length === 0;
  }

  detail(): string {
    return this.short
      .map(
        ({ group, least }) =>
          `${group} has ${shown(this.points.get(group) ?? 0)} of at least ${shown(least)}`,
      )
      .join('; ');
  }

  addMissing(): void {}
}

/**
 * Whether an override holds, and lifts to its tier: its condition is true, and the tier's gates pass that it may not
 * pass over. Suppression is never passed over.
 */
export class Lift implements Judged<OverrideLine> {
  readonly tier: string;
  readonly lifts: boolean;
  readonly nextChange: number | null;
  private readonly override: Override;
  private readonly verdict: Verdict;
  private readonly barred: readonly Judgement[];

  /** @param required gates of the tier */
  constructor(override: Override, scene: Scene, required: readonly Judgement[]) {
    this.override = override;
    this.tier = override.tier;
    this.verdict = judge(override.condition, scene);
    this.nextChange = this.verdict.nextChange;
    this.barred = required.filter(({ gate, passed }) => !passed && !passesOver(override, gate));
    this.lifts = this.verdict.passed === true && this.barred.length === 0;
  }

  line(): OverrideLine {
    return { id: this.override.id, tier: this.tier, applied: this.lifts, why: this.why() };
  }

  private why(): string {
    if (this.verdict.passed !== true) {
      return this.verdict.detail();
    }
    const held = this.barred.map(({ gate }) => gate.id).join(', ');
    const words = held === '' ? this.override.why : `${this.override.why}, but not past ${held}`;
    const detail = this.verdict.detail();
    return detail === '' ? words : `${words}: ${detail}`;
  }
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
  const verdicts = milestones.map((milestone) => ({ milestone, verdict: judge(milestone.condition, scene) }));
  const highest = verdicts.findLastIndex(({ verdict }) => verdict.passed === true);
  return verdicts.map(({ milestone, verdict }, i) => {
    const { passed, nextChange } = verdict;
    const detail = () => verdict.detail();
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
