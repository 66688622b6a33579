import type { Act, Decision, Policy, Situation } from './decision.ts';
import { desiredFields } from './desired.ts';
import { type AccountFacts, factsOf } from './facts.ts';
import { followUp } from './follow-up.ts';
import { handOver } from './hand-over.ts';
import { playOf } from './handoff/read.ts';
import { fieldsKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { isQualified } from './standing.ts';

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
  const { tier } = situation.moved.standing;
  const facts = factsOf({
    state,
    traits: policy.model.facts.account(state),
    evaluation,
    tier,
    scoredAt: situation.scoredAt,
    linkBase: policy.linkBase,
    mail: policy.mail,
  });
  const qualified = isQualified(policy.model.tiers, situation.moved.standing);
  const acted = Object.values(situation.moved.standing.crossings).reduce((sum, n) => sum + n, 0);
  const play = crossing === null ? undefined : playOf(policy.handoff, crossing.tier);
  const handed =
    crossing === null || play === undefined ? null : handOver(policy, situation, play, crossing, facts);
  const fields = policy.mappings.map((mapping) => fieldsAct(mapping, facts, qualified, acted));
  const after = followUp(policy, situation, facts, handed?.route.sla ? crossing : null);
  return {
    standing: after.standing,
    crossing,
    cooled,
    note,
    route: handed?.route ?? situation.route,
    acts: [...fields, ...(handed?.acts ?? []), ...after.acts],
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
