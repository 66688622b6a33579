import { sceneOf } from '../score/evaluate.ts';
import type { Scene } from '../score/find/look.ts';
import { isoInstant } from '../shared/time.ts';
import type { Act, Decision, Policy, Situation } from './decision.ts';
import { desiredFields } from './desired.ts';
import { type AccountFacts, factsOf } from './facts.ts';
import { followUp } from './follow-up.ts';
import { handingOf, handOver, holdBack } from './hand-over.ts';
import type { Handing } from './handing.ts';
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
  const { crossing, cooled, note } = situation.moved;
  const look = lookAt(policy, situation);
  const { scene, facts, open, rules, holds, isHeld } = look;
  const handing = handingNow(policy, situation, look);
  const turn = handing === null ? null : isHeld ? holdBack(handing, holds) : handOver(handing);
  const isHanded = turn?.route.sla != null;
  const after = followUp(policy, situation, facts, isHanded ? open : null);
  const handed =
    isHanded && handing !== null ? { crossing: handing.crossing, signal: handing.letter.signal } : null;
  const touching = goOnTouching(policy, situation, scene, facts, { ...after, handed });
  return {
    standing: heldIn(waitingIn(touching.standing, isHeld ? open : null, holds), open === null ? rules : []),
    crossing,
    cooled,
    note,
    route: turn?.route ?? situation.route,
    unsubscribed: [...look.unsubscribed],
    clock: turn?.clock ?? null,
    ended: after.ended,
    acts: [...fieldsActs(policy, situation, look), ...(turn?.acts ?? []), ...after.acts, ...touching.acts],
  };
}

/** What is known of an account when it is decided about. */
interface Look {
  scene: Scene;
  facts: AccountFacts;
  /** The crossing that is to be handed over, new or held back until now; null: none. */
  open: Crossing | null;
  /** What the configuration's holds say. */
  rules: readonly Hold[];
  /** All that holds the open crossing back. */
  holds: readonly Hold[];
  /** Nobody is asked to get in touch now. */
  isHeld: boolean;
  unsubscribed: ReadonlySet<string>;
}

function lookAt(policy: Policy, situation: Situation): Look {
  const { evaluation, state, moved, now, scoredAt, suppressed = [], act } = situation;
  const open = moved.crossing ?? stillWaiting(policy, situation);
  const scene = sceneOf(policy.model, state, now);
  const heldOut = holdoutOf(policy.handoff.holdout, state.key);
  const isConcerned = open !== null || moved.standing.handed !== undefined;
  // Asking each person costs more than the score itself, and only who is contacted is concerned.
  const unsubscribed = isConcerned ? unsubscribedIn(scene) : new Set<string>();
  const rules = isConcerned ? holdsOn(policy.handoff.holds, sceneOfHolds(scene, moved.standing, open)) : [];
  const holds = open === null ? [] : [...suppressed, ...heldOut, ...rules];
  const facts = factsOf({
    state,
    traits: scene.facts,
    evaluation,
    tier: moved.standing.tier,
    scoredAt,
    linkBase: policy.linkBase,
    mail: policy.mail,
    holdout: heldOut.length > 0,
    unsubscribed,
  });
  const isHeld = holds.length > 0 || (moved.crossing === null && !act);
  return { scene, facts, open, rules, holds, isHeld, unsubscribed };
}

/** null: there is nothing to hand over, or it goes on waiting, and has its act that is left out already. */
function handingNow(
  policy: Policy,
  situation: Situation,
  { scene, facts, open, isHeld }: Look,
): Handing | null {
  const play = open === null ? undefined : playOf(policy.handoff, open.tier);
  const goesOn = isHeld && situation.moved.crossing === null;
  return open === null || play === undefined || goesOn
    ? null
    : handingOf(policy, situation, scene, play, open, facts);
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

function fieldsActs(
  { mappings, model }: Policy,
  { moved: { standing } }: Situation,
  { facts, open, isHeld }: Look,
): Act[] {
  const qualified = isQualified(model.tiers, standing);
  // The contacts of members are made when the count rises: they are due when it is handed over, and not before.
  const crossed = Object.values(standing.crossings).reduce((sum, n) => sum + n, 0);
  const acted = crossed - (isHeld && open !== null ? 1 : 0);
  return mappings.map((mapping) => fieldsAct(mapping, facts, qualified, acted));
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
