import type { PersonView } from '../accounts/views.ts';
import { contains } from '../accounts/window.ts';
import type { Scene } from '../score/find/look.ts';
import { DAY, isoDate, isoInstant } from '../shared/time.ts';
import { calendarAt, campaignName } from './campaign-name.ts';
import type { Act, Policy, Route, Situation } from './decision.ts';
import type { AccountFacts } from './facts.ts';
import type { ClockStart } from './handoff/clock.ts';
import type { Hold } from './handoff/hold.ts';
import { type Routed, type RouteQuestion, routeOf } from './handoff/route.ts';
import type { Play } from './handoff/schema.ts';
import { type Sla, slaOf } from './handoff/sla.ts';
import { crmKey, heldKey, membershipKey, taskKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { ownerSteps } from './owner-steps.ts';
import type { Crossing } from './standing.ts';
import { mostRecent, newestFirst, textFacts } from './task-text.ts';

/** What one crossing comes to, the same for every CRM. */
interface Handing {
  policy: Policy;
  situation: Situation;
  play: Play;
  routed: Routed;
  crossing: Crossing;
  facts: AccountFacts;
  sla: Sla;
  why: string;
  buying: readonly string[];
}

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
  return { route, acts, clock: routed.task ? { ...sla, ...crossing, route: routed.to } : null };
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
  return { policy, situation, play, routed, crossing, facts, sla, why, buying };
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
  const { situation, play, routed, crossing, facts, sla, why } = handing;
  const text = textOfTask(handing);
  const key = taskKey(facts.key, situation.evaluation.model, crossing.tier, crossing.n, 'first');
  const again = `${isoDate(situation.now)}: ${why}. ${text.subject}`;
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
      ...text,
      dueAt: sla.due,
      priority: mapping.task.priority,
      type: mapping.task.type,
      person: mostRecent(facts.reachable)?.ref ?? null,
      play: play.tier,
      noteIfOpen: play.when_open === 'note' ? again : null,
      owners: ownerSteps(mapping.task.owner, routed, facts),
    },
  };
}

function goesElsewhere({ to, why }: Routed): string {
  return `goes to ${to}: ${why}`;
}

function textOfTask({ policy, situation, play, routed, facts, sla, buying }: Handing) {
  const due = `${isoInstant(sla.due).slice(0, 16).replace('T', ' ')} UTC`;
  const shown = buying.length > 0 ? buying : situation.triggers;
  const said = { triggers: shown, route: routed.to, due };
  return (
    policy.templates[play.template]?.(textFacts(facts, situation.evaluation, said)) ?? {
      subject: '',
      body: '',
    }
  );
}

/** Who joins the campaign: people with an e-mail who did not opt out and were active lately, newest first, bounded. */
function memberActs(handing: Handing, mapping: Mapping): Act[] {
  const { situation, play, routed, facts } = handing;
  if (!routed.campaign) {
    return [membership(handing, mapping, null, goesElsewhere(routed))];
  }
  const { active_within_days: days, at_most: most } = play.members;
  const isActive = ({ lastActive }: PersonView) =>
    lastActive !== null && contains({ days }, lastActive, situation.now);
  const members = facts.reachable
    .filter((person) => person.email !== null && isActive(person))
    .sort(newestFirst)
    .slice(0, most);
  if (members.length === 0) {
    const skip = `nobody with an e-mail was active in the last ${days} days`;
    return [membership(handing, mapping, null, skip)];
  }
  return members.map((person) => membership(handing, mapping, person, null));
}

function membership(handing: Handing, mapping: Mapping, person: PersonView | null, skip: string | null): Act {
  const { crossing, facts, why } = handing;
  const { status, statusByTier, lifecycleStage, leadStatus } = mapping.campaign;
  const campaign = campaignOf(handing, mapping);
  const key = membershipKey(campaign, person?.ref ?? `nobody of ${facts.key} ${crossingKey(crossing)}`);
  return {
    crm: mapping.crm,
    kind: 'campaign',
    key,
    person: person?.ref ?? null,
    crossing: crossingKey(crossing),
    reason: why,
    skip,
    payload: {
      crmKey: crmKey(key),
      campaign,
      status: statusByTier[crossing.tier] ?? status,
      lifecycleStage,
      ...(leadStatus === null ? {} : { leadStatus }),
      person: person?.ref ?? '',
    },
  };
}

function campaignOf({ situation, routed, crossing }: Handing, { campaign }: Mapping): string {
  return campaignName(campaign.name, {
    ...calendarAt(situation.now, campaign.timezone),
    model: situation.evaluation.model,
    tier: crossing.tier,
    route: routed.to,
  });
}

export function crossingKey({ tier, n }: Crossing): string {
  return `${tier}#${n}`;
}
