import { judge } from '../../score/find/condition.ts';
import type { Scene } from '../../score/find/look.ts';
import type { Condition } from '../../score/model.ts';
import type { RouteOwner } from './people-schema.ts';
import { isSetOffBy, type SetOff, type SetOffBy } from './set-off.ts';

/** One way that a qualified account can go. All that it asks for must hold; null asks for nothing. */
export interface RouteRule {
  id: string;
  /** Who gets the account, or what becomes of it, such as AE or nurture. */
  to: string;
  why: string;
  tiers: readonly string[] | null;
  /** At least so many points. */
  scoreFrom: number | null;
  /** One of these flags of the score. */
  flags: readonly string[] | null;
  /** None of these. */
  withoutFlags: readonly string[];
  segments: readonly string[] | null;
  signals: SetOffBy;
  condition: Condition | null;
  /** Somebody gets a task. */
  task: boolean;
  /** People of the account join the campaign. */
  campaign: boolean;
  /** A reason that can be counted, such as no_budget. */
  code: string | null;
  /** Who gets the task before anybody whom the mapping names; null: nobody in particular. */
  owner: RouteOwner | null;
}

/** What is known of an account that qualified. */
export interface RouteQuestion extends SetOff {
  tier: string;
  score: number;
  flags: readonly string[];
  segment: string | null;
  scene: Scene;
}

/** Where an account goes, and why. */
export interface Routed extends Pick<RouteRule, 'to' | 'task' | 'campaign' | 'code' | 'owner'> {
  /** Id of the rule. */
  rule: string;
  /** In words: what the rule says, and what decided. */
  why: string;
}

/**
 * The first way that fits. What is unknown fits no condition. The last rule of a file asks for nothing, so that everybody goes
 * somewhere.
 */
export function routeOf(rules: readonly RouteRule[], question: RouteQuestion): Routed {
  for (const rule of rules) {
    const details = detailsOf(rule, question);
    if (details !== null) {
      const { id, to, task, campaign, code, owner } = rule;
      const why = details === '' ? rule.why : `${rule.why} (${details})`;
      return { rule: id, to, task, campaign, code, owner, why };
    }
  }
  const nobody = { task: false, campaign: false, code: null, owner: null };
  return { rule: 'none', to: 'nobody', why: 'no route fits', ...nobody };
}

/** Why an act of a route that is nobody's work is left out. */
export function goesElsewhere({ to, why }: Pick<Routed, 'to' | 'why'>): string {
  return `goes to ${to}: ${why}`;
}

/** What decided, in words; null: the rule does not fit. */
function detailsOf(rule: RouteRule, question: RouteQuestion): string | null {
  const { tier, score, flags, segment, scene } = question;
  const isMeant =
    (rule.tiers?.includes(tier) ?? true) &&
    score >= (rule.scoreFrom ?? Number.NEGATIVE_INFINITY) &&
    (rule.flags?.some((flag) => flags.includes(flag)) ?? true) &&
    !rule.withoutFlags.some((flag) => flags.includes(flag)) &&
    (rule.segments?.includes(segment ?? '') ?? true) &&
    isSetOffBy(rule.signals, question);
  if (!isMeant) {
    return null;
  }
  const verdict = rule.condition === null ? null : judge(rule.condition, scene);
  return verdict === null ? '' : verdict.passed === true ? verdict.detail() : null;
}
