import { textOf } from '../accounts/coerce.ts';
import type { PersonView } from '../accounts/views.ts';
import { contains } from '../accounts/window.ts';
import type { Scene } from '../score/find/look.ts';
import { DAY, isoDate, isoInstant } from '../shared/time.ts';
import type { OwnerRule } from './acts-schema.ts';
import { calendarAt, campaignName } from './campaign-name.ts';
import type { Act, Policy, Route, Situation } from './decision.ts';
import { type AccountFacts, factValue } from './facts.ts';
import { alertActs } from './handoff/alert.ts';
import type { Hold } from './handoff/hold.ts';
import { type Routed, type RouteQuestion, routeOf } from './handoff/route.ts';
import type { Play } from './handoff/schema.ts';
import { type Sla, slaOf } from './handoff/sla.ts';
import { crmKey, heldKey, membershipKey, taskKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import type { OwnerStep } from './owner.ts';
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
  sla: Pick<Sla, 'due' | 'rule'>;
  why: string;
  buying: readonly string[];
}

/**
 * A crossing in every connected CRM: one task, and one membership per person. Where the account goes to nobody, the acts that
 * are left out say so: silence is data.
 */
export function handOver(handing: Handing): { route: Route; acts: Act[] } {
  const { policy, routed, sla } = handing;
  const route = {
    ...routeIn(handing, routed.why),
    sla: routed.task ? { due: isoInstant(sla.due), rule: sla.rule } : null,
  };
  const acts = policy.mappings.flatMap((mapping) => [
    taskAct(handing, mapping),
    ...memberActs(handing, mapping),
  ]);
  return { route, acts: [...acts, ...toldOf(handing, route)] };
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
export function holdBack(handing: Handing, holds: readonly Hold[]): { route: Route; acts: Act[] } {
  const { policy, situation, crossing, facts } = handing;
  const skip = `held back: ${holds.map(({ why }) => why).join('; ')}`;
  const key = heldKey(facts.key, situation.evaluation.model, crossing.tier, crossing.n);
  const acts = policy.mappings.map((mapping) => ({ ...taskAct(handing, mapping), key, skip }));
  const held = holds.map(({ id }) => id);
  return { route: { ...routeIn(handing, skip), held, sla: null }, acts };
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
): Pick<Sla, 'due' | 'rule'> {
  return slaOf(handoff.sla, { tier, route, triggers, isBuying, at }) ?? { due: at + DAY, rule: 'none' };
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
      person: mostRecent(facts.people)?.ref ?? null,
      play: play.tier,
      noteIfOpen: play.when_open === 'note' ? again : null,
      owners: mapping.task.owner.map((rule) => ownerStep(rule, routed.to, facts)),
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

/** A rule names whoever its fact says; nobody, when it says nothing. */
function ownerStep(rule: OwnerRule, route: string, facts: AccountFacts): OwnerStep {
  if (rule === 'account_owner') {
    return { kind: 'account_owner' };
  }
  if ('fallback' in rule) {
    return { kind: 'fallback', name: rule.fallback };
  }
  if ('pool' in rule) {
    return { kind: 'people', names: rule.pool, why: `of a pool of ${rule.pool.length}` };
  }
  const value = rule.by === 'route' ? route : textOf(factValue(facts, null, rule.by));
  const [, names = []] =
    Object.entries(rule.owners).find(([one]) => one.toLowerCase() === value?.toLowerCase()) ?? [];
  return { kind: 'people', names: [names].flat(), why: `${rule.by} is ${value ?? 'unknown'}` };
}

/** Who joins the campaign: people with an e-mail who were active lately, newest first, bounded. */
function memberActs(handing: Handing, mapping: Mapping): Act[] {
  const { situation, play, routed, facts } = handing;
  if (!routed.campaign) {
    return [membership(handing, mapping, null, goesElsewhere(routed))];
  }
  const { active_within_days: days, at_most: most } = play.members;
  const isActive = ({ lastActive }: PersonView) =>
    lastActive !== null && contains({ days }, lastActive, situation.now);
  const members = facts.people
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
