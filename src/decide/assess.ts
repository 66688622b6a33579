import type { AccountState } from '../accounts/state.ts';
import { evaluate } from '../score/evaluate.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { isoInstant } from '../shared/time.ts';
import { type Decision, decide, type Policy } from './decide.ts';
import { topReasons } from './reasons.ts';
import { initialStanding, type Standing } from './standing.ts';

/** What is known of one account under one model from the last time. */
export interface Previous {
  evaluation: Evaluation;
  standing: Standing;
  route: Decision['route'];
  /** When score, tier or reasons last changed, ISO 8601. */
  changedAt: string;
}

export interface Assessment {
  evaluation: Evaluation;
  standing: Standing;
  route: Decision['route'];
  changedAt: string;
  /** Score, tier or reasons differ from the last time. */
  changed: boolean;
  /** Present for the champion: shadows only keep scores. */
  decision: Decision | null;
}

export interface Occasion {
  now: number;
  act: boolean;
  triggers: readonly string[];
  /** Refs of people whose past came from another account, with no behaviour beside it. */
  joined: readonly string[];
}

/** Scores one account with the champion and decides what should happen. */
export function assess(
  policy: Policy,
  state: AccountState,
  previous: Previous | undefined,
  occasion: Occasion,
): Assessment {
  const { evaluation, changed, changedAt } = score(policy.model, state, previous, occasion.now);
  const standing = previous?.standing ?? initialStanding(policy.model.tiers[0]?.id ?? '', occasion.now);
  const decision = decide(policy, {
    ...occasion,
    act: occasion.act && !isOnlyJoining(policy.model, state, evaluation, occasion),
    state,
    evaluation,
    standing,
    route: previous?.route ?? null,
    scoredAt: changedAt,
  });
  return { evaluation, changed, changedAt, standing: decision.standing, route: decision.route, decision };
}

/** Without what the people who joined did elsewhere the account would not have come so far: a merge, no behaviour. */
function isOnlyJoining(
  { tiers, ...model }: Model,
  state: AccountState,
  evaluation: Evaluation,
  { joined, now }: Occasion,
): boolean {
  if (joined.length === 0) {
    return false;
  }
  const past = new Set(joined);
  const parts = state.parts.map((part) =>
    part.person !== null && past.has(part.person) ? { ...part, signals: {} } : part,
  );
  const rank = (id: string) => tiers.findIndex((tier) => tier.id === id);
  const without = evaluate({ ...model, tiers }, { ...state, parts }, now);
  return rank(without.tier) < rank(evaluation.tier);
}

/** Scores one account with a shadow model: kept, never acted on. */
export function observe(
  model: Model,
  state: AccountState,
  previous: Previous | undefined,
  now: number,
): Assessment {
  const { evaluation, changed, changedAt } = score(model, state, previous, now);
  const standing = initialStanding(evaluation.tier, now);
  return { evaluation, changed, changedAt, standing, route: null, decision: null };
}

function score(model: Model, state: AccountState, previous: Previous | undefined, now: number) {
  const evaluation = evaluate(model, state, now);
  const changed = previous === undefined || gist(previous.evaluation) !== gist(evaluation);
  return {
    evaluation,
    changed,
    changedAt: changed ? isoInstant(now) : (previous?.changedAt ?? isoInstant(now)),
  };
}

/** What a CRM field shows of a score: when this is the same, nothing is new to a rep. */
function gist(evaluation: Evaluation): string {
  return JSON.stringify([evaluation.value, evaluation.tier, topReasons(evaluation)]);
}
