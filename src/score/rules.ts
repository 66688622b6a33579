import { earliest, latest } from '../accounts/window.ts';
import type { RuleLine } from './evaluation.ts';
import { clampTo, type Micro, multiple, shown } from './exact.ts';
import { faded } from './fade.ts';
import { holds, judge, look } from './find/condition.ts';
import type { Judged, Look, Scene } from './find/look.ts';
import { sentence } from './find/sentence.ts';
import type { Condition, Points, Rule, Test } from './model.ts';

/** A line with its points in millionths. */
export interface Scored extends Judged<RuleLine> {
  points: Micro;
  group: string;
}

/** One rule's points, with evidence and a sentence also when nothing was earned. */
export function evaluateRule(rule: Rule, scene: Scene, segment: string | null): Scored {
  const scored = earnedBy(rule, scene, segment);
  scene.rules.set(rule.id, scored.points !== 0);
  return scored;
}

function earnedBy(rule: Rule, scene: Scene, segment: string | null): Scored {
  if (rule.only !== null && !rule.only.includes(segment ?? '')) {
    return notFor(rule, segment);
  }
  return rule.looks.at === 'subject'
    ? bySubject(rule, look(rule.looks.subject, scene), scene)
    : byCondition(rule, rule.looks.condition, scene);
}

/** Points in millionths, before and after the rule's own cap. */
interface Earned {
  points: Micro;
  full: Micro;
  /** Worth without the loss by age; null: nothing fades. */
  unfaded: Micro | null;
  nextChange: number | null;
}

const NOTHING: Earned = { points: 0, full: 0, unfaded: null, nextChange: null };

function notFor(rule: Rule, segment: string | null): Scored {
  const words = () => `only for ${rule.only?.join(', ')}; the account is ${segment ?? 'in no segment'}`;
  return scoredAs(rule, NOTHING, words, () => ({ segment }));
}

function byCondition(rule: Rule, condition: Condition, scene: Scene): Scored {
  const { passed, detail, missing, nextChange } = judge(condition, scene);
  const points = passed === true && rule.points.kind === 'once' ? rule.points.amount : 0;
  return scoredAs(
    rule,
    { points, full: points, unfaded: null, nextChange },
    () => (passed === true ? rule.why : detail()),
    () => ({ passed, because: detail(), ...(missing.length > 0 ? { missing: [...missing] } : {}) }),
  );
}

function bySubject(rule: Rule, found: Look, scene: Scene): Scored {
  const earned = earn(rule, found, scene);
  return scoredAs(
    rule,
    { ...earned, nextChange: earliest(found.nextChange, earned.nextChange) },
    () => (earned.full === 0 ? found.short(wantedTest(rule.points)) : sentence(rule.why, found.words())),
    () => ({
      ...found.evidence(),
      ...(earned.unfaded === null ? {} : { unfaded: shown(earned.unfaded) }),
    }),
  );
}

/** The test to name when nothing was earned: the only one, or the lowest step. */
function wantedTest(points: Points): Test | null {
  if (points.kind === 'each') {
    return null;
  }
  return points.kind === 'once' ? points.test : (points.steps[0]?.test ?? null);
}

function earn(rule: Rule, found: Look, scene: Scene): Earned {
  const { points } = rule;
  switch (points.kind) {
    case 'once': {
      const { passed, nextChange } = holds(points.test, found, scene.now);
      return passed === true ? withFade(rule, points.amount, scene, nextChange) : { ...NOTHING, nextChange };
    }
    case 'each': {
      const amount = found.amount ?? 0;
      // Of a sum, whole ones count; what fades has fractions anyway.
      const counted = rule.fade === null ? Math.floor(amount) : amount;
      return withFade(rule, multiple(points.amount, counted), scene, null);
    }
    case 'steps':
      return bySteps(points, found, scene.now);
  }
}

function withFade(rule: Rule, full: Micro, scene: Scene, nextChange: number | null): Earned {
  const fading = rule.fade === null ? null : faded(rule, full, scene);
  const worth = fading?.worth ?? full;
  const cap = rule.points.kind === 'each' ? rule.points.cap : null;
  return {
    points: cap === null ? worth : clampTo(worth, -cap, cap),
    full: worth,
    unfaded: fading === null ? null : full,
    nextChange: earliest(nextChange, fading?.nextChange ?? null),
  };
}

/** Each step's test is asked of the same thing; of those that pass the best one counts, or all. */
function bySteps(points: Extract<Points, { kind: 'steps' }>, found: Look, now: number): Earned {
  const reached = points.steps
    .map(({ test, amount }) => ({ amount, ...holds(test, found, now) }))
    .filter(({ passed }) => passed === true);
  if (reached.length === 0) {
    return NOTHING;
  }
  const amounts = reached.map(({ amount }) => amount);
  const total = points.best ? Math.max(...amounts) : amounts.reduce((sum, amount) => sum + amount, 0);
  const leaving = reached.map(({ nextChange }) => nextChange);
  const best = leaving.filter((_, i) => amounts[i] === total);
  // Nobody sees lesser steps go, nor one of two that give the same.
  const nextChange = points.best ? best.reduce(latest) : leaving.reduce(earliest);
  return { points: total, full: total, unfaded: null, nextChange };
}

function scoredAs(
  rule: Rule,
  { points, full, nextChange }: Earned,
  why: () => string,
  evidence: () => RuleLine['evidence'],
): Scored {
  const cap = rule.points.kind === 'each' ? rule.points.cap : null;
  const line = (): RuleLine => ({
    rule: rule.id,
    group: rule.group,
    points: shown(points),
    ...(cap === null ? {} : { uncapped: shown(full), cap: shown(cap) }),
    why: why(),
    evidence: evidence(),
  });
  return { line, points, group: rule.group, nextChange };
}
