import { instantOf } from '../accounts/signup.ts';
import type { Scene } from '../score/find/look.ts';
import { DAY, isoDate, isoInstant } from '../shared/time.ts';
import type { Policy, Situation } from './decision.ts';
import { type Hold, holdsOn } from './handoff/hold.ts';
import type { Touch } from './handoff/read-texts.ts';
import type { TouchPlan } from './standing.ts';

/**
 * The plan of touches of one crossing (S4-103 … S4-106, X-40): the first task at once, each later one some days after the one
 * before, until somebody replies, buys, must be left alone, cools or crosses again. A plan that stopped is over: a conversation
 * that ran, or a hold that ended, is not where a series of letters goes on.
 */

/** What a look at a plan comes to. */
export interface PlanTurn {
  plan: TouchPlan;
  /** A touch is due: its number. */
  due: number | null;
  /** It stopped just now, for this reason. */
  stopped: string | null;
}

/** How late (ms) a touch may still be made: after a longer outage it would come out of nowhere. */
const LATEST = 7 * DAY;

/** The plan of a crossing that is handed over; null: one touch is all there is. */
export function beginPlan(
  touches: readonly Touch[],
  crossing: { tier: string; n: number },
  signal: string | null,
  now: number,
): TouchPlan | null {
  if (touches.length < 2) {
    return null;
  }
  const at = isoInstant(now);
  return withNext(
    touches,
    { tier: crossing.tier, n: crossing.n, since: at, touch: 1, touchedAt: at, signal },
    null,
  );
}

/**
 * Looks at a plan again.
 *
 * @param reasons why it must stop, the first counts; asked in this order only while it is under way
 */
export function lookAtPlan(
  touches: readonly Touch[],
  before: TouchPlan,
  { now, act, heard }: Pick<Situation, 'now' | 'act' | 'heard'>,
  reasons: readonly (() => string | null)[],
): PlanTurn {
  const plan = withNext(touches, before, heard?.touched ?? null);
  if (plan.stopped !== undefined || plan.next === undefined || !act) {
    return { plan, due: null, stopped: null };
  }
  const why = firstOf(reasons) ?? tooLate(plan.next, now);
  if (why !== null) {
    return { plan: stop(plan, why, now), due: null, stopped: why };
  }
  if (now < Date.parse(plan.next)) {
    return { plan, due: null, stopped: null };
  }
  const touch = plan.touch + 1;
  const touched = { ...plan, touch, touchedAt: isoInstant(now) };
  return { plan: withNext(touches, touched, null), due: touch, stopped: null };
}

function stop({ next: _, ...plan }: TouchPlan, why: string, now: number): TouchPlan {
  return { ...plan, stopped: { at: isoInstant(now), why } };
}

function firstOf(reasons: readonly (() => string | null)[]): string | null {
  for (const reason of reasons) {
    const why = reason();
    if (why !== null) {
      return why;
    }
  }
  return null;
}

function tooLate(next: string, now: number): string | null {
  return now - Date.parse(next) > LATEST
    ? `the touch of ${next.slice(0, 10)} was missed by more than a week`
    : null;
}

/**
 * The plan with the time of its next touch, by the file as it is now. Days count from the touch before; where somebody of ours
 * was in touch whole days after that, so many days later.
 */
function withNext(
  touches: readonly Touch[],
  { next: _, ...plan }: TouchPlan,
  touched: number | null,
): TouchPlan {
  const step = touches[plan.touch];
  if (step === undefined || plan.stopped !== undefined) {
    return plan;
  }
  const at = Date.parse(plan.touchedAt);
  const late = touched === null ? 0 : Math.max(0, Math.floor((touched - at) / DAY));
  return { ...plan, next: isoInstant(at + (late + step.after) * DAY) };
}

/** They wrote, or booked a meeting, since the account was handed over. */
export function replyTo({ since }: TouchPlan, { heard }: Situation): string | null {
  const replied = heard?.replied ?? null;
  return replied !== null && replied >= Date.parse(since) ? `they replied on ${isoDate(replied)}` : null;
}

/** The account fell below the tier that it was handed over for. */
export function fallOf(plan: TouchPlan, { model }: Policy, { moved, evaluation }: Situation): string | null {
  const rank = (id: string) => model.tiers.findIndex((tier) => tier.id === id);
  const { tier } = moved.standing;
  return rank(tier) < rank(plan.tier) ? `cooled to ${tier} with ${evaluation.value} points` : null;
}

/** The latest activity that a CRM tells of: after a handing over it is our own letter, and no reason to leave anybody alone. */
const OUR_DOING = 'last_crm_activity';

/** What began to hold the account since it was handed over. */
export function holdOn(
  plan: TouchPlan,
  { handoff }: Policy,
  { suppressed = [] }: Situation,
  scene: Scene,
): string | null {
  const since = Date.parse(plan.since);
  const holds: Hold[] = [...suppressed, ...holdsOn(handoff.holds, withoutOurDoing(scene, since))];
  return holds.length === 0 ? null : holds.map(({ why }) => why).join('; ');
}

/** @param since when the account was handed over, ms */
export function withoutOurDoing(scene: Scene, since: number): Scene {
  const { [OUR_DOING]: latest = null, ...facts } = scene.facts;
  const at = instantOf(latest);
  // A CRM tells a day, by its own calendar.
  return at !== null && at >= since - DAY ? { ...scene, facts } : scene;
}

const NAMES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth'];

/** Part of the key of its task, for ever. */
export function touchName(number: number): string {
  return NAMES[number - 1] ?? String(number);
}
