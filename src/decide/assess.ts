import type { AccountState } from '../accounts/state.ts';
import { evaluate } from '../score/evaluate.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { type Outlook, outlookOf } from '../score/outlook.ts';
import { isoInstant } from '../shared/time.ts';
import { type Decision, decide, type Policy } from './decide.ts';
import { topReasons } from './reasons.ts';
import { initialStanding, type Standing, step } from './standing.ts';

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
  /** Both present for the champion: shadows only keep scores. */
  decision: Decision | null;
  outlook: Outlook | null;
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
  const evaluation = evaluate(policy.model, state, occasion.now);
  const act = occasion.act && !isOnlyJoining(policy.model, state, evaluation, occasion);
  const moved = step(
    policy.model,
    standingOf(policy.model, previous, occasion.now),
    evaluation,
    occasion.now,
    act,
  );
  const { changed, changedAt } = changeOf(previous, evaluation, moved.standing, occasion.now);
  const decision = decide(policy, {
    ...occasion,
    state,
    evaluation,
    moved,
    route: previous?.route ?? null,
    scoredAt: changedAt,
  });
  const outlook = outlookOf(policy.model, state, occasion.now, evaluation.value);
  return {
    evaluation,
    changed,
    changedAt,
    standing: moved.standing,
    route: decision.route,
    decision,
    outlook,
  };
}

function standingOf(model: Model, previous: Previous | undefined, now: number): Standing {
  return previous?.standing ?? initialStanding(model.tiers[0]?.id ?? '', now);
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
  const evaluation = evaluate(model, state, now);
  const { standing } = step(model, standingOf(model, previous, now), evaluation, now, false);
  const { changed, changedAt } = changeOf(previous, evaluation, standing, now);
  return { evaluation, changed, changedAt, standing, route: null, decision: null, outlook: null };
}

function changeOf(previous: Previous | undefined, evaluation: Evaluation, standing: Standing, now: number) {
  const changed =
    previous === undefined || gist(previous.evaluation, previous.standing) !== gist(evaluation, standing);
  return { changed, changedAt: changed ? isoInstant(now) : (previous?.changedAt ?? isoInstant(now)) };
}

/** What a CRM field shows of a score: when this is the same, nothing is new to a rep. */
function gist(evaluation: Evaluation, { tier }: Standing): string {
  const { value, flags = [], segment } = evaluation;
  return JSON.stringify([value, tier, topReasons(evaluation), flags, segment?.id]);
}
