import { sceneOf } from '../score/evaluate.ts';
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
  const { tier } = situation.moved.standing;
  const facts = factsOf({
    state,
    traits: scene.facts,
    evaluation,
    tier,
    scoredAt: situation.scoredAt,
    linkBase: policy.linkBase,
    mail: policy.mail,
    holdout: heldOut.length > 0,
  });
  const qualified = isQualified(policy.model.tiers, situation.moved.standing);
  const acted = Object.values(situation.moved.standing.crossings).reduce((sum, n) => sum + n, 0);
  const play = open === null ? undefined : playOf(policy.handoff, open.tier);
  const { suppressed = [] } = situation;
  const holds = open === null ? [] : [...heldOut, ...suppressed, ...holdsOn(policy.handoff.holds, scene)];
  const isHeld = holds.length > 0 || (crossing === null && !situation.act);
  // One that goes on waiting has its act that is left out already.
  const goesOn = isHeld && crossing === null;
  const handing =
    open === null || play === undefined || goesOn
      ? null
      : handingOf(policy, situation, scene, play, open, facts);
  const turn = handing === null ? null : isHeld ? holdBack(handing, holds) : handOver(handing);
  const fields = policy.mappings.map((mapping) => fieldsAct(mapping, facts, qualified, acted));
  const after = followUp(policy, situation, facts, turn?.route.sla ? open : null);
  const handed =
    turn?.route.sla && handing !== null
      ? { crossing: handing.crossing, signal: handing.letter.signal }
      : null;
  const touching = goOnTouching(policy, situation, scene, facts, { ...after, handed });
  return {
    standing: waitingIn(touching.standing, isHeld ? open : null, holds),
    crossing,
    cooled,
    note,
    route: turn?.route ?? situation.route,
    acts: [...fields, ...(turn?.acts ?? []), ...after.acts, ...touching.acts],
  };
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
