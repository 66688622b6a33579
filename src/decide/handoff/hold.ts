import { judge } from '../../score/find/condition.ts';
import type { Scene } from '../../score/find/look.ts';
import type { Condition } from '../../score/model.ts';

/** Accounts that are left alone for now, although they qualify. */
export interface HoldRule {
  id: string;
  why: string;
  condition: Condition;
}

/** Why an account is left alone. */
export interface Hold {
  /** Id of the rule. */
  id: string;
  /** In words: what the rule says, and what decided. */
  why: string;
  /** The first instant (ms) at which it may end with nothing new; null: something must happen. */
  until: number | null;
}

/** All that holds an account back. What is unknown holds nobody back. */
export function holdsOn(rules: readonly HoldRule[], scene: Scene): Hold[] {
  return rules.flatMap(({ id, why, condition }) => {
    const verdict = judge(condition, scene);
    return verdict.passed === true
      ? [{ id, why: `${why} (${verdict.detail()})`, until: verdict.nextChange }]
      : [];
  });
}
