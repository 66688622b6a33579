import { sceneOf } from '../score/evaluate.ts';
import type { Scene } from '../score/find/look.ts';
import { isoInstant } from '../shared/time.ts';
import type { Act, Decision, Policy, Situation } from './decision.ts';
import { desiredFields } from './desired.ts';
import { type AccountFacts, factsOf } from './facts.ts';
import { followUp } from './follow-up.ts';
import { handingOf, handOver, holdBack } from './hand-over.ts';
import { type Hold, holdsOn } from './handoff/hold.ts';
import { holdoutOf } from './handoff/holdout.ts';
import { playOf } from './handoff/read.ts';
import { fieldsKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { type Crossing, isQualified, type Standing } from './standing.ts';
import { goOnTouching } from './touch-turn.ts';
import { withoutOurDoing } from './touches.ts';

export type {
  Act,
  Decision,
  MembershipPayload,
  Policy,
  Situation,
  TaskChangePayload,
  TaskPayload,
} from './decision.ts';

/** What should happen now that an account is scored: a plan as a value. Decides, and touches nothing. */
export function decide(policy: Policy, situation: Situation): Decision {
  const { evaluation, state } = situation;
  const { crossing, cooled, note } = situation.moved;
  const open = crossing ?? stillWaiting(policy, situation);
  const scene = sceneOf(policy.model, state, situation.now);
  const heldOut = holdoutOf(policy.handoff.holdout, state.key);
  const { standing: moved } = situation.moved;
  const { tier, handed } = moved;
  const isConcerned = open !== null || handed !== undefined;
  // Asking each person costs more than the score itself, and only who is contacted is concerned.
  const unsubscribed = isConcerned ? unsubscribedIn(scene) : new Set<string>();
  const facts = factsOf({
    state,
    traits: scene.facts,
    evaluation,
    tier,
    scoredAt: situation.scoredAt,
    linkBase: policy.linkBase,
    mail: policy.mail,
    holdout: heldOut.length > 0,
    unsubscribed,
  });
  const qualified = isQualified(policy.model.tiers, situation.moved.standing);
  const play = open === null ? undefined : playOf(policy.handoff, open.tier);
  const manual = situation.suppressed ?? [];
  const rules = isConcerned ? holdsOn(policy.handoff.holds, sceneOfHolds(scene, moved, open)) : [];
  const holds = open === null ? [] : [...manual, ...heldOut, ...rules];
  const isHeld = holds.length > 0 || (crossing === null && !situation.act);
  // The contacts of members are made when the count rises: they are due when it is handed over, and not before.
  const crossed = Object.values(situation.moved.standing.crossings).reduce((sum, n) => sum + n, 0);
  const acted = crossed - (isHeld && open !== null ? 1 : 0);
  // One that goes on waiting has its act that is left out already.
  const goesOn = isHeld && crossing === null;
  const handing =
    open === null || play === undefined || goesOn
      ? null
      : handingOf(policy, situation, scene, play, open, facts);
  const turn = handing === null ? null : isHeld ? holdBack(handing, holds) : handOver(handing);
  const fields = policy.mappings.map((mapping) => fieldsAct(mapping, facts, qualified, acted));
  const after = followUp(policy, situation, facts, turn?.route.sla ? open : null);
  const handedNow =
    turn?.route.sla && handing !== null
      ? { crossing: handing.crossing, signal: handing.letter.signal }
      : null;
  const touching = goOnTouching(policy, situation, scene, facts, { ...after, handed: handedNow });
  return {
    standing: heldIn(waitingIn(touching.standing, isHeld ? open : null, holds), open === null ? rules : []),
    crossing,
    cooled,
    note,
    route: turn?.route ?? situation.route,
    unsubscribed: [...unsubscribed],
    clock: turn?.clock ?? null,
    ended: after.ended,
    acts: [...fields, ...(turn?.acts ?? []), ...after.acts, ...touching.acts],
  };
}

/** Of an account that was handed over what our own people do with it is no reason to leave it alone. */
function sceneOfHolds(scene: Scene, { handed, crossedAt }: Standing, open: Crossing | null): Scene {
  const since = handed === undefined ? undefined : crossedAt[handed.tier];
  return open === null && since !== undefined ? withoutOurDoing(scene, Date.parse(since)) : scene;
}

/** Refs of people who opted out of e-mail (S4-91). Who did not say so did not. */
function unsubscribedIn({ state, person }: Scene): Set<string> {
  const parts = state.parts.filter((part) => part.person !== null && person(part).unsubscribed === true);
  return new Set(parts.flatMap((part) => part.person ?? []));
}

/** A crossing that was held back, for as long as the account has not fallen below its tier again; null: none. */
function stillWaiting({ model }: Policy, { moved }: Situation): Crossing | null {
  const { waiting, tier } = moved.standing;
  const rank = (id: string) => model.tiers.findIndex((one) => one.id === id);
  return waiting !== undefined && rank(tier) >= rank(waiting.tier)
    ? { tier: waiting.tier, n: waiting.n }
    : null;
}

/** The standing with what waits now: it is looked at again when the first hold may end by itself. */
function waitingIn(standing: Standing, open: Crossing | null, holds: readonly Hold[]): Standing {
  const { waiting, ...rest } = standing;
  if (open === null) {
    return rest;
  }
  const ends = holds.flatMap(({ until }) => until ?? []);
  const wakes = [...ends.map(isoInstant), ...(rest.wakeAt === undefined ? [] : [rest.wakeAt])].sort();
  const shown = holds.length === 0 ? (waiting?.holds ?? []) : holds.map(({ id, why }) => ({ id, why }));
  return {
    ...rest,
    waiting: { ...open, holds: shown },
    ...(wakes[0] === undefined ? {} : { wakeAt: wakes[0] }),
  };
}

/** The standing with what holds an account that was handed over: its acts may still be on their way. */
function heldIn(standing: Standing, rules: readonly Hold[]): Standing {
  return standing.handed === undefined || rules.length === 0
    ? standing
    : { ...standing, held: rules.map(({ id, why }) => ({ id, why })) };
}

function fieldsAct(mapping: Mapping, facts: AccountFacts, qualified: boolean, crossings: number): Act {
  return {
    crm: mapping.crm,
    kind: 'fields',
    key: fieldsKey(facts.key),
    person: null,
    crossing: null,
    reason: 'score fields follow the score',
    skip: null,
    payload: desiredFields(mapping, facts, qualified, crossings),
  };
}
