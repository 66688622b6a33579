import type { AccountState } from '../accounts/state.ts';
import { evaluate } from '../score/evaluate.ts';
import type { Evaluation } from '../score/evaluation.ts';
import { lastingEvaluation } from '../score/lasting.ts';
import type { Model } from '../score/model.ts';
import { isoInstant } from '../shared/time.ts';
import { type Decision, decide, type Policy, type Situation } from './decide.ts';
import { topReasons } from './reasons.ts';
import { initialStanding, type Standing, step, withoutSilentEntry } from './standing.ts';

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
  /** Something differs that a comparison of two instants would show: a number, the tier, a gate, the version. */
  historic: boolean;
  /** Present for the champion: shadows only keep scores. */
  decision: Decision | null;
}

export interface Occasion extends Pick<Situation, 'heard' | 'suppressed'> {
  now: number;
  act: boolean;
  triggers: readonly string[];
  /** Refs of people whose past came from another account, with no behaviour beside it. */
  joined: readonly string[];
  /**
   * Set when another model or version scored the account last: what was known of it then. What the present model
   * would have made of that is no entry; only what came since is.
   */
  before?: { state: AccountState; at: number };
  /** Told to act also on what was entered without acting. */
  catchUp?: boolean;
}

/** Scores one account with the champion and decides what should happen. */
export function assess(
  policy: Policy,
  state: AccountState,
  previous: Previous | undefined,
  occasion: Occasion,
): Assessment {
  const { now } = occasion;
  const evaluation = lastingEvaluation(policy.model, state, now);
  const act = occasion.act && !isOnlyJoining(policy.model, state, evaluation, occasion);
  const moved = step(policy.model, standingBefore(policy.model, previous, occasion), evaluation, now, act);
  const change = changeOf(previous, evaluation, moved.standing, now);
  const decision = decide(policy, {
    ...occasion,
    state,
    evaluation,
    moved,
    act,
    route: previous?.route ?? null,
    scoredAt: change.changedAt,
  });
  return { evaluation, ...change, standing: decision.standing, route: decision.route, decision };
}

/** Where the account stood before this score. A new model or version first moves it, silently, to where it had it then. */
function standingBefore(model: Model, previous: Previous | undefined, occasion: Occasion): Standing {
  const { before, catchUp = false, now } = occasion;
  const held = heldBefore(model, previous, now);
  if (catchUp) {
    return withoutSilentEntry(model.tiers, held);
  }
  return before === undefined
    ? held
    : step(model, held, evaluate(model, before.state, before.at), before.at, false).standing;
}

function heldBefore(model: Model, previous: Previous | undefined, now: number): Standing {
  return previous?.standing ?? initialStanding(model.tiers[0]?.id ?? '', now);
}

/** Without what the people who joined did elsewhere the account would not have come so far: a merge, no behaviour. */
function isOnlyJoining(
  model: Model,
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
  const rank = (id: string) => model.tiers.findIndex((tier) => tier.id === id);
  const without = evaluate(model, { ...state, parts }, now);
  return rank(without.tier) < rank(evaluation.tier);
}

/**
 * Scores one account with a shadow model: kept, never acted on. Its standing moves as if it acted, without counting
 * crossings, so that a shadow that becomes champion knows who is above the line already, and a former champion keeps
 * what it acted on.
 */
export function observe(
  model: Model,
  state: AccountState,
  previous: Previous | undefined,
  now: number,
): Assessment {
  const evaluation = lastingEvaluation(model, state, now);
  const { standing } = step(model, heldBefore(model, previous, now), evaluation, now, false);
  const change = changeOf(previous, evaluation, standing, now);
  return { evaluation, ...change, standing, route: previous?.route ?? null, decision: null };
}

function changeOf(previous: Previous | undefined, evaluation: Evaluation, standing: Standing, now: number) {
  const changed =
    previous === undefined || gist(previous.evaluation, previous.standing) !== gist(evaluation, standing);
  return {
    changed,
    historic: changed || previous === undefined || numbers(previous.evaluation) !== numbers(evaluation),
    changedAt: changed ? isoInstant(now) : (previous?.changedAt ?? isoInstant(now)),
  };
}

/** What a CRM field shows of a score: when this is the same, nothing is new to a rep. */
function gist(evaluation: Evaluation, { tier }: Standing): string {
  const { value, flags = [], segment } = evaluation;
  return JSON.stringify([value, tier, topReasons(evaluation), flags, segment?.id]);
}

/** All numbers and verdicts. Sentences are left out: one that names the last day of use is new every day. */
function numbers({ version, raw, explanation, gates, modifiers, overrides = [] }: Evaluation): string {
  return JSON.stringify([
    version,
    raw,
    explanation.map(({ rule, points }) => [rule, points]),
    gates.map(({ id, passed }) => [id, passed]),
    modifiers.map(({ id, from, to }) => [id, from, to]),
    overrides.map(({ id, applied }) => [id, applied]),
  ]);
}
