import { earliest, latest } from '../accounts/window.ts';
import type { RuleLine } from './evaluation.ts';
import { type Micro, multiple, shown } from './exact.ts';
import { capped, faded } from './fade.ts';
import { flipsAt, holds, judge, look, type Verdict } from './find/condition.ts';
import type { Judged, Look, Scene } from './find/look.ts';
import type { Condition, Points, Rule, Target, Test } from './model.ts';

/** A line with its points in millionths. */
export interface Scored extends Judged<RuleLine> {
  readonly points: Micro;
  readonly group: string;
}

/** One rule's points, with evidence and a sentence also when nothing was earned. */
export function evaluateRule(rule: Rule, scene: Scene, segment: string | null): Scored {
  const scored = scoredBy(rule, scene, segment);
  scene.rules.set(rule.id, scored.points !== 0);
  return scored;
}

function scoredBy(rule: Rule, scene: Scene, segment: string | null): Scored {
  if (rule.only !== null && !rule.only.includes(segment ?? '')) {
    return new OfOtherSegment(rule, segment);
  }
  return rule.looks.at === 'subject'
    ? new BySubject(rule, rule.looks.subject, scene)
    : new ByCondition(rule, rule.looks.condition, scene);
}

class OfOtherSegment implements Scored {
  readonly points = 0;
  readonly nextChange = null;
  readonly group: string;
  private readonly rule: Rule;
  private readonly segment: string | null;

  constructor(rule: Rule, segment: string | null) {
    this.rule = rule;
    this.group = rule.group;
    this.segment = segment;
  }

  line(): RuleLine {
    const why = `only for ${this.rule.only?.join(', ')}; the account is ${this.segment ?? 'in no segment'}`;
    return lineOf(this.rule, 0, 0, why, { segment: this.segment });
  }
}

class ByCondition implements Scored {
  readonly points: Micro;
  readonly nextChange: number | null;
  readonly group: string;
  private readonly rule: Rule;
  private readonly verdict: Verdict;

  constructor(rule: Rule, condition: Condition, scene: Scene) {
    this.rule = rule;
    this.group = rule.group;
    this.verdict = judge(condition, scene);
    this.nextChange = this.verdict.nextChange;
    this.points = this.verdict.passed === true && rule.points.kind === 'once' ? rule.points.amount : 0;
  }

  line(): RuleLine {
    const { passed } = this.verdict;
    const because = this.verdict.detail();
    const missing: string[] = [];
    this.verdict.addMissing(missing);
    const evidence: RuleLine['evidence'] = { passed, because };
    if (missing.length > 0) {
      evidence.missing = missing;
    }
    const why = passed === true ? this.rule.why({}) : because;
    return lineOf(this.rule, this.points, this.points, why, evidence);
  }
}

class BySubject implements Scored {
  readonly points: Micro;
  readonly nextChange: number | null;
  readonly group: string;
  private readonly rule: Rule;
  private readonly found: Look;
  /** Before the rule's own cap. */
  private readonly full: Micro;
  /** Without the loss by age; null: nothing fades. */
  private readonly unfaded: Micro | null;

  constructor(rule: Rule, subject: Target, scene: Scene) {
    const found = look(subject, scene, rule.bracket);
    const earned = earn(rule, found, scene.now);
    const fading = rule.fade === null || earned === 0 ? null : faded(rule, earned, scene);
    this.rule = rule;
    this.group = rule.group;
    this.found = found;
    this.full = fading?.worth ?? earned;
    this.unfaded = fading === null ? null : earned;
    this.points = capped(rule.points, this.full);
    const flips = earliest(flipOf(rule.points, found, scene.now), fading?.nextChange ?? null);
    this.nextChange = earliest(found.nextChange, flips);
  }

  line(): RuleLine {
    const { rule, found, full, unfaded } = this;
    const why = full === 0 ? found.short(wantedTest(rule.points)) : rule.why(found.words());
    const evidence = found.evidence();
    if (unfaded !== null) {
      evidence.unfaded = shown(unfaded);
    }
    return lineOf(rule, this.points, full, why, evidence);
  }
}

/** The test to name when nothing was earned: the only one, or the lowest step. */
function wantedTest(points: Points): Test | null {
  if (points.kind === 'each') {
    return null;
  }
  return points.kind === 'once' ? points.test : (points.steps[0]?.test ?? null);
}

/** Each step's test is asked of the same thing; of those that pass the best one counts, or all. */
function earn({ points, fade }: Rule, found: Look, now: number): Micro {
  switch (points.kind) {
    case 'once':
      return holds(points.test, found, now) === true ? points.amount : 0;
    case 'each':
      // Of a sum, whole ones count; what fades has fractions anyway.
      return multiple(points.amount, fade === null ? Math.floor(found.amount ?? 0) : (found.amount ?? 0));
    case 'steps': {
      let total: Micro | null = null;
      for (const { test, amount } of points.steps) {
        if (holds(test, found, now) === true) {
          total = points.best ? Math.max(total ?? amount, amount) : (total ?? 0) + amount;
        }
      }
      return total ?? 0;
    }
  }
}

/** When points will differ because a test that passes fails with time. */
function flipOf(points: Points, found: Look, now: number): number | null {
  switch (points.kind) {
    case 'once':
      return holds(points.test, found, now) === true ? flipsAt(points.test, found) : null;
    case 'each':
      return null;
    case 'steps':
      return flipOfSteps(points, found, now);
  }
}

/** Nobody sees lesser steps go, nor one of two that give the same. */
function flipOfSteps(
  { steps, best }: Extract<Points, { kind: 'steps' }>,
  found: Look,
  now: number,
): number | null {
  const reached = steps.filter(({ test }) => holds(test, found, now) === true);
  const most = reached.reduce((top, { amount }) => Math.max(top, amount), Number.NEGATIVE_INFINITY);
  const counting = best ? reached.filter(({ amount }) => amount === most) : reached;
  const flips = counting.map(({ test }) => flipsAt(test, found));
  return flips.length === 0 ? null : flips.reduce(best ? latest : earliest);
}

function lineOf(
  rule: Rule,
  points: Micro,
  full: Micro,
  why: string,
  evidence: RuleLine['evidence'],
): RuleLine {
  const cap = rule.points.kind === 'each' ? rule.points.cap : null;
  const { id, group } = rule;
  return cap === null
    ? { rule: id, group, points: shown(points), why, evidence }
    : { rule: id, group, points: shown(points), uncapped: shown(full), cap: shown(cap), why, evidence };
}
