import { type Micro, micro } from '../exact.ts';
import type { Condition, Gate, Milestone, Override } from '../model.ts';
import type { GateConfig, MilestoneConfig, OverrideConfig } from '../schema/model.ts';
import { bracketOfTests } from './bracket.ts';
import { below, type Complain, oneOf } from './complain.ts';
import { compileCondition } from './condition.ts';
import type { Known } from './known.ts';
import { type Above, checkNewest, lastSubject } from './subject.ts';
import { checkedWindow } from './window.ts';

/** @param most the most points that each group can give, in millionths */
export function compileGate(
  gate: GateConfig,
  known: Known,
  above: Above,
  most: ReadonlyMap<string, Micro>,
  complain: Complain,
): Gate | null {
  const { id, why, kind, when_unknown, otherwise, flag } = gate;
  const head = {
    id,
    why,
    kind,
    passesUnknown: when_unknown === 'pass',
    zero: otherwise === 'zero',
    flag: flag ?? null,
  };
  if ('minimum_points' in gate) {
    checkMinimums(gate.minimum_points, most, complain);
    const groups = Object.entries(gate.minimum_points).map(([group, least]) => ({
      group,
      least: micro(least),
    }));
    return { ...head, test: { kind: 'minimum_points', groups } };
  }
  const condition =
    'when' in gate
      ? compileCondition(gate.when, known, above, below(complain, 'when'))
      : recent(gate.any_of, gate.within, known, complain);
  return condition === null ? null : { ...head, test: { kind: 'condition', condition } };
}

function recent(
  names: readonly string[],
  within: Extract<GateConfig, { within: unknown }>['within'],
  known: Known,
  complain: Complain,
): Condition | null {
  const subject = lastSubject(names, known, ['any_of'], complain);
  const window = checkedWindow(within, ['within'], complain);
  return subject === null || window === null || !checkNewest(subject, window, ['within'], complain)
    ? null
    : { kind: 'atom', subject, test: { kind: 'within', window }, bracket: bracketOfTests([]) };
}

function checkMinimums(
  minimums: Readonly<Record<string, number>>,
  most: ReadonlyMap<string, Micro>,
  complain: Complain,
): void {
  for (const [group, least] of Object.entries(minimums)) {
    const path = ['minimum_points', group];
    const reach = most.get(group);
    if (reach === undefined) {
      complain(path, group, oneOf(group, [...most.keys()]));
    } else if (reach < micro(least)) {
      complain(path, least, `at most ${reach / 1e6}, all that the rules of the group can give`);
    }
  }
}

export function compileOverride(
  override: OverrideConfig,
  known: Known,
  above: Above,
  tiers: readonly string[],
  complain: Complain,
): Override | null {
  const { id, why, kind, tier, bypass_fit } = override;
  if (!tiers.includes(tier)) {
    complain(['tier'], tier, oneOf(tier, tiers));
  }
  if (kind === 'combination' && bypass_fit === true) {
    complain(['bypass_fit'], true, 'nothing: a combination waives points and no gate');
  }
  const condition = compileCondition(override.when, known, above, below(complain, 'when'));
  const bypassFit = bypass_fit ?? kind === 'hand_raiser';
  return condition === null ? null : { id, why, kind, bypassFit, condition, tier };
}

export function compileMilestone(
  milestone: MilestoneConfig,
  known: Known,
  above: Above,
  complain: Complain,
): Milestone | null {
  const { id, why, points, when } = milestone;
  const condition = compileCondition(when, known, above, below(complain, 'when'));
  const worth = micro(points ?? '1');
  if (worth < 0) {
    complain(['points'], `${points} points`, '0 points or more: whoever reaches it has not lost anything');
  }
  return condition === null ? null : { id, why, condition, points: worth };
}
