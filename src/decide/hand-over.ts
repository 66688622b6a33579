import type { Scene } from '../score/find/look.ts';
import { DAY, isoDate, isoInstant } from '../shared/time.ts';
import type { Act, Policy, Route, Situation } from './decision.ts';
import type { AccountFacts } from './facts.ts';
import type { Handing } from './handing.ts';
import { alertActs } from './handoff/alert.ts';
import type { ClockStart } from './handoff/clock.ts';
import type { Hold } from './handoff/hold.ts';
import { goesElsewhere, type Routed, type RouteQuestion, routeOf } from './handoff/route.ts';
import type { Play } from './handoff/schema.ts';
import { type Sla, slaOf } from './handoff/sla.ts';
import { memberActs } from './join-campaign.ts';
import { crmKey, crossingKey, heldKey, taskKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { ownerSteps } from './owner-steps.ts';
import type { Crossing, TouchPlan } from './standing.ts';
import { letterOf } from './texts/letter.ts';
import { touchName } from './touches.ts';

/** What a crossing comes to. */
interface Turn {
  route: Route;
  acts: Act[];
  /** null: nobody was asked to get in touch. */
  clock: ClockStart | null;
}

/**
 * A crossing in every connected CRM: one task, and one membership per person. Where the account goes to nobody, the acts that
 * are left out say so: silence is data.
 */
export function handOver(handing: Handing): Turn {
  const { policy, routed, crossing, sla } = handing;
  const route = {
    ...routeIn(handing, routed.why),
    sla: routed.task ? { due: isoInstant(sla.due), rule: sla.rule } : null,
  };
  const acts = policy.mappings.flatMap((mapping) => [
    taskAct(handing, mapping),
    ...memberActs(handing, mapping),
  ]);
  const clock = routed.task ? { ...sla, ...crossing, route: routed.to } : null;
  return { route, acts: [...acts, ...toldOf(handing, route)], clock };
}

/** Nobody is told of an account that is nobody's work. */
function toldOf({ policy, situation, routed, crossing, facts, why }: Handing, route: Route): Act[] {
  const told = { what: 'crossed' as const, line: why, route };
  return routed.task ? alertActs(policy, facts, situation.evaluation.model, crossing, told) : [];
}

/**
 * A crossing of an account that is to be left alone for now: an act that is left out, with the reason, in every connected CRM. Its
 * key is its own, so that the task may still follow.
 */
export function holdBack(handing: Handing, holds: readonly Hold[]): Turn {
  const { policy, situation, crossing, facts } = handing;
  const skip = `held back: ${holds.map(({ why }) => why).join('; ')}`;
  const key = heldKey(facts.key, situation.evaluation.model, crossing.tier, crossing.n);
  const acts = policy.mappings.map((mapping) => ({ ...taskAct(handing, mapping), key, skip }));
  const held = holds.map(({ id }) => id);
  return { route: { ...routeIn(handing, skip), held, sla: null }, acts, clock: null };
}

export function handingOf(
  policy: Policy,
  situation: Situation,
  scene: Scene,
  play: Play,
  crossing: Crossing,
  facts: AccountFacts,
): Handing {
  const buying = situation.triggers.filter((signal) => policy.isBuying(signal));
  const routed = routeOf(policy.handoff.routes, questionOf(policy, situation, scene, crossing));
  const sla = promised(policy, situation, routed.to, crossing);
  const crossed =
    buying.length > 0
      ? `crossed into ${crossing.tier} on a buying signal (${buying.join(', ')})`
      : `crossed into ${crossing.tier} with ${situation.evaluation.value} points`;
  const { waiting } = situation.moved.standing;
  const released = waiting !== undefined && waiting.tier === crossing.tier && waiting.n === crossing.n;
  const why = released
    ? `${crossed}, held back until now (${waiting.holds.map(({ id }) => id).join(', ')})`
    : crossed;
  const letter = letterOf(policy, situation, scene, facts, {
    tier: crossing.tier,
    route: routed.to,
    due: sla.due,
    triggers: situation.triggers,
    template: null,
    otherwise: play.template,
    touch: { number: 1, of: policy.handoff.touches.length, first: situation.now },
  });
  return { policy, situation, play, routed, crossing, facts, sla, why, letter, touch: 1 };
}

/** A later touch of a crossing: one more task in every connected CRM, for whoever has the account, with a deadline of its own. */
export function touchActs(
  policy: Policy,
  situation: Situation,
  scene: Scene,
  play: Play,
  plan: TouchPlan,
  facts: AccountFacts,
): Act[] {
  const { touches } = policy.handoff;
  const { to = '', rule = 'none' } = situation.route ?? {};
  const owner = policy.handoff.routes.find(({ id }) => id === rule)?.owner ?? null;
  const routed: Routed = { to, rule, owner, why: '', task: true, campaign: false, code: null };
  // What set the crossing off shortens the first deadline only: the others are letters to somebody who is in no hurry.
  const sla = promised(policy, { ...situation, triggers: [] }, to, plan);
  const letter = letterOf(policy, situation, scene, facts, {
    tier: plan.tier,
    route: to,
    due: sla.due,
    triggers: plan.signal === null ? [] : [plan.signal],
    template: touches[plan.touch - 1]?.template ?? null,
    otherwise: play.template,
    touch: { number: plan.touch, of: touches.length, first: Date.parse(plan.since) },
  });
  const why = `${touchName(plan.touch)} of ${touches.length} touches: no reply since ${plan.since.slice(0, 10)}`;
  const handing = {
    policy,
    situation,
    play,
    routed,
    crossing: plan,
    facts,
    sla,
    why,
    letter,
    touch: plan.touch,
  };
  return policy.mappings.map((mapping) => taskAct(handing, mapping));
}

function routeIn({ routed: { to, rule, code }, why }: Handing, more: string): Omit<Route, 'sla'> {
  return { to, rule, owner: null, reason: `${why}; ${more}`, ...(code === null ? {} : { code }) };
}

function questionOf(
  { isBuying }: Policy,
  { triggers, evaluation }: Situation,
  scene: Scene,
  { tier }: Crossing,
): RouteQuestion {
  const { value: score, flags = [], segment } = evaluation;
  return { tier, score, flags, segment: segment?.id ?? null, triggers, isBuying, scene };
}

/** The check of the file leaves no tier without a promise; a task gets a date all the same. */
function promised(
  { handoff, isBuying }: Policy,
  { now: at, triggers }: Situation,
  route: string,
  { tier }: Crossing,
): Sla {
  return slaOf(handoff.sla, { tier, route, triggers, isBuying, at }) ?? withoutRule(at);
}

function withoutRule(at: number): Sla {
  return { rule: 'none', due: at + DAY, warn: at + 0.75 * DAY, escalate: null };
}

function taskAct(handing: Handing, mapping: Mapping): Act {
  const { situation, play, routed, crossing, facts, sla, why, letter, touch } = handing;
  const { subject, body, person, mentions } = letter;
  const key = taskKey(facts.key, situation.evaluation.model, crossing.tier, crossing.n, touchName(touch));
  const again = `${isoDate(situation.now)}: ${why}. ${subject}`;
  return {
    crm: mapping.crm,
    kind: 'task',
    key,
    person: null,
    crossing: crossingKey(crossing),
    reason: why,
    skip: routed.task ? null : goesElsewhere(routed),
    payload: {
      crmKey: crmKey(key),
      subject,
      body,
      dueAt: sla.due,
      priority: mapping.task.priority,
      type: mapping.task.type,
      person,
      mentions,
      play: play.tier,
      // A later touch has a text of its own to send, so that a line in the task before would not do.
      noteIfOpen: touch === 1 && play.when_open === 'note' ? again : null,
      owners: ownerSteps(mapping.task.owner, routed, facts),
    },
  };
}
