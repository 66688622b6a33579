import { earliest } from '../accounts/window.ts';
import type { Points, Rule } from './compile/rule.ts';
import type { Test } from './compile/test.ts';
import type { RuleLine } from './evaluation.ts';
import { clampTo, type Micro, multiple, shown } from './exact.ts';
import { faded } from './fade.ts';
import { holds, judge, look } from './find/condition.ts';
import type { Judged, Look, Scene } from './find/look.ts';
import { sentence } from './find/sentence.ts';

/** A line with its points in millionths. */
export interface Scored extends Judged<RuleLine> {
  points: Micro;
  group: string;
}

/** One rule's line: points, evidence and a sentence, also when nothing was earned. */
export function evaluateRule(rule: Rule, scene: Scene, segment: string | null): Scored {
  const scored =
    rule.only !== null && !rule.only.includes(segment ?? '')
      ? notFor(rule, segment)
      : rule.looks.at === 'subject'
        ? bySubject(rule, look(rule.looks.subject, scene), scene)
        : byCondition(rule, rule.looks.condition, scene);
  scene.rules.set(rule.id, scored.points !== 0);
  return scored;
}

function notFor(rule: Rule, segment: string | null): Scored {
  const why = `only for ${rule.only?.join(', ')}; the account is ${segment ?? 'in no segment'}`;
  return lineOf(rule, { points: 0, full: 0 }, why, { segment }, null);
}

function byCondition(rule: Rule, condition: Parameters<typeof judge>[0], scene: Scene): Scored {
  const { passed, detail, missing, nextChange } = judge(condition, scene);
  const points = passed === true && rule.points.kind === 'once' ? rule.points.amount : 0;
  const evidence = { passed, because: detail(), ...(missing.length > 0 ? { missing: [...missing] } : {}) };
  return lineOf(rule, { points, full: points }, passed === true ? rule.why : detail(), evidence, nextChange);
}

/** Points in millionths, before and after the rule's own cap. */
interface Earned {
  points: Micro;
  full: Micro;
  /** Worth without the loss by age; undefined: nothing fades. */
  unfaded?: Micro;
}

function bySubject(rule: Rule, found: Look, scene: Scene): Scored {
  const { earned, nextChange } = earn(rule, found, scene);
  const evidence = {
    ...found.evidence(),
    ...(earned.unfaded === undefined ? {} : { unfaded: shown(earned.unfaded) }),
  };
  const why = earned.full !== 0 ? sentence(rule.why, found.words()) : found.short(wantedTest(rule.points));
  return lineOf(rule, earned, why, evidence, earliest(found.nextChange, nextChange));
}

/** The test to name when nothing was earned: the only one, or the lowest step. */
function wantedTest(points: Points): Test | null {
  if (points.kind === 'each') {
    return null;
  }
  return points.kind === 'once' ? points.test : (points.steps[0]?.test ?? null);
}

function earn(rule: Rule, found: Look, scene: Scene): { earned: Earned; nextChange: number | null } {
  const { points } = rule;
  switch (points.kind) {
    case 'once': {
      const { passed, nextChange } = holds(points.test, found, scene.now);
      return passed === true
        ? withFade(rule, points.amount, scene, nextChange)
        : { earned: { points: 0, full: 0 }, nextChange };
    }
    case 'each': {
      const awards = Math.floor(found.amount ?? 0);
      return withFade(rule, multiple(points.amount, awards), scene, null);
    }
    case 'steps':
      return bySteps(points, found, scene.now);
  }
}

function withFade(rule: Rule, full: Micro, scene: Scene, nextChange: number | null) {
  const fading = rule.fade === null ? null : faded(rule, full, scene);
  const worth = fading?.worth ?? full;
  const cap = rule.points.kind === 'each' ? rule.points.cap : null;
  const points = cap === null ? worth : clampTo(worth, -cap.points, cap.points);
  return {
    earned: { points, full: worth, ...(fading === null ? {} : { unfaded: full }) },
    nextChange: earliest(nextChange, fading?.nextChange ?? null),
  };
}

/** Each step's test is asked of the same thing; of those that pass the best one counts, or all. */
function bySteps(points: Extract<Points, { kind: 'steps' }>, found: Look, now: number) {
  let nextChange: number | null = null;
  const reached: Micro[] = [];
  for (const { test, amount } of points.steps) {
    const verdict = holds(test, found, now);
    nextChange = earliest(nextChange, verdict.nextChange);
    if (verdict.passed === true) {
      reached.push(amount);
    }
  }
  const total = points.best
    ? reached.length === 0
      ? 0
      : Math.max(...reached)
    : reached.reduce((sum, amount) => sum + amount, 0);
  return { earned: { points: total, full: total }, nextChange };
}

function lineOf(
  rule: Rule,
  { points, full }: Earned,
  why: string,
  evidence: RuleLine['evidence'],
  nextChange: number | null,
): Scored {
  const cap = rule.points.kind === 'each' ? rule.points.cap : null;
  const line: RuleLine = {
    rule: rule.id,
    group: rule.group,
    points: shown(points),
    ...(cap === null ? {} : { uncapped: shown(full), cap: shown(cap.points) }),
    why,
    evidence,
  };
  return { line, points, group: rule.group, nextChange };
}
