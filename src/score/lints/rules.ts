import { mostPoints } from '../compile/points.ts';
import type { Condition, Model, Rule, Subject } from '../model.ts';
import { atomsOfRule, signalsOf } from './atoms.ts';
import { covers, passesForAll } from './covers.ts';
import { type Lint, warning } from './lint.ts';

/** S1-71, S1-112: how often somebody logs in says that they come, not that they gain. */
export function loginAsValue({ rules }: Model): Lint[] {
  return rules.flatMap((rule, i) =>
    atomsOfRule(rule).some(({ subject }) => signalsOf(subject).includes('signed_in'))
      ? warning('login_as_value', ['rules', i], 'a login is no value: count what people do once they are in')
      : [],
  );
}

/** */
export function uncappedRules({ rules, groups }: Model): Lint[] {
  const capped = new Set(groups.filter(({ cap }) => cap !== null).map(({ id }) => id));
  return rules.flatMap(({ id, group, points }, i) =>
    points.kind === 'each' && points.cap === null && points.amount > 0 && !capped.has(group)
      ? warning(
          'uncapped_rule',
          ['rules', i, 'points'],
          `"${id}" has no cap: one busy account outweighs all others`,
        )
      : [],
  );
}

/** Of `best_of`, a step that whoever reaches has a better one already. */
export function deadSteps({ rules }: Model): Lint[] {
  return rules.flatMap(({ points }, i) => {
    const steps = points.kind === 'steps' && points.best ? points.steps : [];
    return steps.flatMap(({ test, amount }, at) =>
      steps.some(
        (other, j) =>
          j !== at &&
          covers(other.test, test) &&
          (other.amount > amount || (other.amount === amount && (j < at || !covers(test, other.test)))),
      )
        ? warning(
            'dead_step',
            ['rules', i, 'points', 'best_of', at],
            'never the best: whoever reaches it gets as much or more from another step',
          )
        : [],
    );
  });
}

/** A slip such as `at_least: 0`. */
export function passesForAnybody({ rules }: Model): Lint[] {
  return rules.flatMap((rule, i) =>
    atomsOfRule(rule).some(({ subject, test }) => test !== null && passesForAll(subject, test))
      ? warning('passes_for_all', ['rules', i], `"${rule.id}" asks for at least 0, which everybody has`)
      : [],
  );
}

/** S1-7, S2-106. */
export function signupAlone({ rules, overrides, tiers }: Model): Lint[] {
  const acting = tiers.filter(({ acts }) => acts);
  const message = 'signing up is enough for a tier that acts: it says nothing about value';
  const points = rules.flatMap((rule, i) =>
    isSignupEnough(rule) && acting.some(({ from }) => mostPoints(rule.points, rule.looks) >= from * 1e6)
      ? warning('signup_alone', ['rules', i], message)
      : [],
  );
  const lifts = overrides.flatMap(({ condition, tier }, i) =>
    suffices(condition) && acting.some(({ id }) => id === tier)
      ? warning('signup_alone', ['overrides', i], message)
      : [],
  );
  return [...points, ...lifts];
}

function isSignupEnough({ looks }: Rule): boolean {
  return looks.at === 'condition' ? suffices(looks.condition) : asksForSignup(looks.subject);
}

/** True when signing up alone makes it true. */
function suffices(condition: Condition): boolean {
  switch (condition.kind) {
    case 'atom':
      return asksForSignup(condition.subject);
    case 'any':
      return condition.of.some(suffices);
    case 'not':
      return false;
    default:
      return condition.of.every(suffices);
  }
}

function asksForSignup(subject: Subject): boolean {
  return subject.kind === 'signup' || signalsOf(subject).includes('signed_up');
}
