import type { MailRules } from '../accounts/domains.ts';
import type { AccountState } from '../accounts/state.ts';
import type { PersonView } from '../accounts/views.ts';
import { contains } from '../accounts/window.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { HOUR, isoInstant } from '../shared/time.ts';
import { type DesiredFields, desiredFields } from './desired.ts';
import { type AccountFacts, factsOf } from './facts.ts';
import { type Handoff, type Play, playOf } from './handoff.ts';
import { crmKey, fieldsKey, membershipKey, taskKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { type Crossing, isQualified, type Standing, type Step } from './standing.ts';
import { mostRecent, type TaskTemplate, textFacts } from './task-text.ts';

/** What an operator configured about acting. */
export interface Policy {
  model: Model;
  handoff: Handoff;
  mappings: Mapping[];
  templates: Record<string, TaskTemplate>;
  isBuying: (signal: string) => boolean;
  mail: MailRules;
  /** Base URL under which an account can be looked at. */
  linkBase: string;
}

export interface TaskPayload {
  crmKey: string;
  subject: string;
  body: string;
  dueAt: number;
  priority: 'high' | 'normal';
  /** Ref of the person the task is about. */
  person: string | null;
}

export interface MembershipPayload {
  crmKey: string;
  campaign: string;
  status: string | null;
  lifecycleStage: string | null;
  person: string;
}

export interface NotePayload {
  text: string;
}

/** One act that should happen in one CRM, or its skip with the reason: plain data, to be printed, stored, applied. */
export type Act = {
  crm: Mapping['crm'];
  key: string;
  person: string | null;
  crossing: string | null;
  reason: string;
  /** Set when there is nothing to do, by rule. */
  skip: string | null;
} & (
  | { kind: 'fields'; payload: DesiredFields }
  | { kind: 'task'; payload: TaskPayload }
  | { kind: 'campaign'; payload: MembershipPayload }
);

export interface Decision {
  standing: Standing;
  crossing: Crossing | null;
  cooled: boolean;
  note: string | null;
  route: { to: string; owner: string | null; reason: string; sla: { due: string } } | null;
  acts: Act[];
}

export interface Situation {
  state: AccountState;
  evaluation: Evaluation;
  /** Where the account stands after this evaluation, and whether it crossed. */
  moved: Step;
  /** Route of the last crossing, kept until the next. */
  route: Decision['route'];
  /** Trigger signals since the last score. */
  triggers: readonly string[];
  /** When score, tier or reasons last changed, ISO 8601. */
  scoredAt: string;
  now: number;
}

/** What should happen now that an account is scored: a plan as a value. Decides, and touches nothing. */
export function decide(policy: Policy, situation: Situation): Decision {
  const { evaluation, state } = situation;
  const { standing, crossing, cooled, note } = situation.moved;
  const facts = factsOf({
    state,
    traits: policy.model.facts.account(state),
    evaluation,
    tier: standing.tier,
    scoredAt: situation.scoredAt,
    linkBase: policy.linkBase,
    mail: policy.mail,
  });
  const qualified = isQualified(policy.model.tiers, standing);
  const acted = Object.values(standing.crossings).reduce((sum, n) => sum + n, 0);
  const play = crossing === null ? undefined : playOf(policy.handoff, crossing.tier);
  const handed =
    crossing === null || play === undefined ? null : hand(policy, situation, play, crossing, facts);
  const fields = policy.mappings.map((mapping) => fieldsAct(mapping, facts, qualified, acted));
  return {
    standing,
    crossing,
    cooled,
    note,
    route: handed?.route ?? situation.route,
    acts: [...fields, ...(handed?.acts ?? [])],
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

/** A crossing in every connected CRM: one task, and one membership per person. */
function hand(policy: Policy, situation: Situation, play: Play, crossing: Crossing, facts: AccountFacts) {
  const buying = situation.triggers.filter((signal) => policy.isBuying(signal));
  const hours = buying.length > 0 ? Math.min(play.due, play.due_when_buying) : play.due;
  const dueAt = situation.now + hours * HOUR;
  const why =
    buying.length > 0
      ? `crossed into ${crossing.tier} on a buying signal (${buying.join(', ')})`
      : `crossed into ${crossing.tier} with ${situation.evaluation.value} points`;
  const route = { to: play.route, owner: null, reason: why, sla: { due: isoInstant(dueAt) } };
  const acts = policy.mappings.flatMap((mapping) => [
    taskAct(policy, situation, play, crossing, facts, mapping, { dueAt, why, buying }),
    ...memberActs(situation, play, crossing, facts, mapping, why),
  ]);
  return { route, acts };
}

function taskAct(
  policy: Policy,
  { evaluation, triggers }: Situation,
  play: Play,
  crossing: Crossing,
  facts: AccountFacts,
  mapping: Mapping,
  { dueAt, why, buying }: { dueAt: number; why: string; buying: readonly string[] },
): Act {
  const due = `${isoInstant(dueAt).slice(0, 16).replace('T', ' ')} UTC`;
  const shown = buying.length > 0 ? buying : triggers;
  const text = policy.templates[play.template]?.(
    textFacts(facts, evaluation, { triggers: shown, route: play.route, due }),
  );
  const key = taskKey(facts.key, evaluation.model, crossing.tier, crossing.n, 'first');
  return {
    crm: mapping.crm,
    kind: 'task',
    key,
    person: null,
    crossing: crossingKey(crossing),
    reason: why,
    skip: null,
    payload: {
      crmKey: crmKey(key),
      subject: text?.subject ?? '',
      body: text?.body ?? '',
      dueAt,
      priority: mapping.task.priority,
      person: mostRecent(facts.people)?.ref ?? null,
    },
  };
}

/** Who joins the campaign: people with an e-mail who were active lately, newest first, bounded. */
function memberActs(
  situation: Situation,
  play: Play,
  crossing: Crossing,
  facts: AccountFacts,
  mapping: Mapping,
  why: string,
): Act[] {
  const { active_within_days: days, at_most: most } = play.members;
  const isActive = ({ lastActive }: PersonView) =>
    lastActive !== null && contains({ days }, lastActive, situation.now);
  const members = facts.people
    .filter((person) => person.email !== null && isActive(person))
    .sort((a, b) => (b.lastActive ?? 0) - (a.lastActive ?? 0) || (a.ref < b.ref ? -1 : 1))
    .slice(0, most);
  if (members.length === 0) {
    const skip = `nobody with an e-mail was active in the last ${days} days`;
    return [membership(mapping, crossing, null, facts.key, why, skip)];
  }
  return members.map((person) => membership(mapping, crossing, person, facts.key, why, null));
}

function membership(
  mapping: Mapping,
  crossing: Crossing,
  person: PersonView | null,
  account: string,
  why: string,
  skip: string | null,
): Act {
  const { name: campaign, status, lifecycleStage } = mapping.campaign;
  const key = membershipKey(campaign, person?.ref ?? `nobody of ${account} ${crossingKey(crossing)}`);
  return {
    crm: mapping.crm,
    kind: 'campaign',
    key,
    person: person?.ref ?? null,
    crossing: crossingKey(crossing),
    reason: why,
    skip,
    payload: { crmKey: crmKey(key), campaign, status, lifecycleStage, person: person?.ref ?? '' },
  };
}

function crossingKey({ tier, n }: Crossing): string {
  return `${tier}#${n}`;
}
