import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import type { TierConfig } from '../score/schema/model.ts';
import { keepsTier, type TierInForce, tiersInForce } from '../score/tiers.ts';
import { DAY, isoInstant } from '../shared/time.ts';

/**
 * Where an account stands under one model: the tier it holds and what it was acted on. A ledger row, not part
 * of the pure score. Instants are ISO 8601.
 */
export interface Standing {
  tier: string;
  since: string;
  /** Crossings that acted, by tier: the number of the next one is one more. */
  crossings: Record<string, number>;
  /** When an acting tier was last crossed into, by tier. */
  crossedAt: Record<string, string>;
  /** The number that the account had at its last crossing, by tier; those of long ago are not known. */
  crossedWith?: Record<string, number>;
  /** Since when the account has been below the tier that it holds; absent: it is not. */
  belowSince?: string;
  /** The last crossing that was handed over and is not over; absent: none. */
  handed?: Handed;
  /** A crossing that is held back, and would be handed over when nothing holds the account any more; absent: none. */
  waiting?: Waiting;
  /** What holds the account since it was handed over: acts that are still on their way are not made. Absent: nothing. */
  held?: readonly { id: string; why: string }[];
  /** The touches of the last crossing that was handed over; absent: one was all, or it was before there were several. */
  plan?: TouchPlan;
  /** When something moves with no new event or score: the end of a cool-off or of a hold, or a touch; absent: never. */
  wakeAt?: string;
}

/** What the account was when it was handed over: what it turns into later ends its tasks, what it was already does not. */
export interface Handed extends Crossing {
  customer: boolean;
  /** Gates of suppression that it failed. */
  suppressed: readonly string[];
  /** How often it has cooled since. */
  cooled: number;
}

/** Where a plan of touches stands. Instants are ISO 8601. */
export interface TouchPlan extends Crossing {
  /** When the account was handed over. */
  since: string;
  /** How many touches were made. */
  touch: number;
  /** When the last of them was. */
  touchedAt: string;
  /** When the next one is; absent: there is none any more. */
  next?: string;
  /** The signal that the first text was about; null: none in particular. */
  signal: string | null;
  /** Why no more follow; absent: all were made, or the next one stands. */
  stopped?: { at: string; why: string };
}

/** What holds a crossing back, in words. */
export interface Waiting extends Crossing {
  holds: readonly { id: string; why: string }[];
}

/** An entry into an acting tier from below. `n` counts them, so that each has its own key (I6). */
export interface Crossing {
  tier: string;
  n: number;
}

export interface Step {
  standing: Standing;
  /** What is to be acted on; null: nothing. */
  crossing: Crossing | null;
  /** The account fell below an acting tier that it held. */
  cooled: boolean;
  /** Why an entry into an acting tier did not act, in words; null when it did or there was none. */
  note: string | null;
}

/** A standing before anything is known: below every tier. */
export function initialStanding(lowest: string, now: number): Standing {
  return { tier: lowest, since: isoInstant(now), crossings: {}, crossedAt: {} };
}

/**
 * Moves an account to the tier of its evaluation, as far as the model lets it: a tier once held is kept down to its
 * `keep_from` (hysteresis), and a fall takes effect when the account has been below for all of `cool_off`. An entry
 * into an acting tier from below crosses once; within `rearm` days of the last crossing it is noted and does not act
 * (X-28, decision 11). An account that stays crosses again when it has `rise` points more than at its last crossing, after
 * the same days (S4-106).
 *
 * @param act false for publish, backfill, re-fold and merge: the standing follows, nothing is acted on
 */
export function step(
  model: Model,
  before: Standing,
  evaluation: Evaluation,
  now: number,
  act: boolean,
): Step {
  const tiers = tiersInForce(model, evaluation.segment?.id);
  const rank = (id: string) => tiers.findIndex((tier) => tier.id === id);
  const held = settle(tiers, before, evaluation, now);
  const entered = tiers.filter((tier, i) => tier.acts && i > rank(before.tier) && i <= rank(held.tier));
  const left = tiers.some((tier, i) => tier.acts && i <= rank(before.tier) && i > rank(held.tier));
  const top = entered.at(-1);
  if (top === undefined) {
    return { ...rise(tiers[rank(held.tier)], held, evaluation, now, act), cooled: left };
  }
  return { ...cross(top, held, evaluation, now, act), cooled: left };
}

/** An account that holds an acting tier: it crosses again when it has risen by enough since. */
function rise(
  tier: TierInForce | undefined,
  standing: Standing,
  { value }: Evaluation,
  now: number,
  act: boolean,
): Omit<Step, 'cooled'> {
  const still = { standing, crossing: null, note: null };
  const last = standing.crossedWith?.[tier?.id ?? ''];
  if (tier?.rise === undefined || last === undefined || value < last + tier.rise) {
    return still;
  }
  if (!act) {
    // A change of data or model is no rise of theirs: what comes after it is counted from here.
    return {
      ...still,
      standing: { ...standing, crossedWith: { ...standing.crossedWith, [tier.id]: value } },
    };
  }
  const rearmedAt = rearmed(tier, standing);
  return now < rearmedAt
    ? { ...still, standing: { ...standing, wakeAt: firstOf(standing.wakeAt, rearmedAt) } }
    : { ...crossed(tier.id, standing, value, now), note: null };
}

/** The tier that is held now, and since when. */
function settle(
  tiers: readonly TierInForce[],
  before: Standing,
  evaluation: Evaluation,
  now: number,
): Standing {
  const { belowSince, wakeAt: _, held: __, ...standing } = before;
  const place = (id: string) => tiers.findIndex((tier) => tier.id === id);
  const kept = tiers.findLastIndex((tier, i) => i <= place(before.tier) && keepsTier(tier, evaluation));
  const due = Math.max(place(evaluation.tier), kept);
  const tier = tiers[due]?.id ?? evaluation.tier;
  if (due >= place(before.tier)) {
    return tier === before.tier ? standing : { ...standing, tier, since: isoInstant(now) };
  }
  const below = belowSince === undefined ? now : Date.parse(belowSince);
  const falls = below + (tiers[place(before.tier)]?.cool_off ?? 0) * DAY;
  return now < falls
    ? { ...standing, belowSince: isoInstant(below), wakeAt: isoInstant(falls) }
    : { ...standing, tier, since: isoInstant(now) };
}

function cross(
  tier: Pick<TierConfig, 'id' | 'rearm'>,
  standing: Standing,
  { value }: Evaluation,
  now: number,
  act: boolean,
): Omit<Step, 'cooled'> {
  if (!act) {
    return {
      standing,
      crossing: null,
      note: `entered ${tier.id} by a change of data or model, not by new behaviour`,
    };
  }
  const rearmedAt = rearmed(tier, standing);
  if (now < rearmedAt) {
    return {
      standing,
      crossing: null,
      note: `entered ${tier.id} again; acts again from ${isoInstant(rearmedAt)}`,
    };
  }
  return { ...crossed(tier.id, standing, value, now), note: null };
}

function crossed(tier: string, standing: Standing, value: number, now: number) {
  const n = (standing.crossings[tier] ?? 0) + 1;
  return {
    standing: {
      ...standing,
      crossings: { ...standing.crossings, [tier]: n },
      crossedAt: { ...standing.crossedAt, [tier]: isoInstant(now) },
      crossedWith: { ...standing.crossedWith, [tier]: value },
    },
    crossing: { tier, n },
  };
}

/** From when on (ms) an entry into the tier acts again. */
function rearmed({ id, rearm = 0 }: Pick<TierConfig, 'id' | 'rearm'>, { crossedAt }: Standing): number {
  const last = crossedAt[id];
  return last === undefined ? 0 : Date.parse(last) + rearm * DAY;
}

function firstOf(iso: string | undefined, at: number): string {
  return iso !== undefined && Date.parse(iso) < at ? iso : isoInstant(at);
}

/**
 * For an operator who says "act on it all the same": an acting tier that was entered without acting counts as not
 * entered yet. What was acted on stays so, whoever asks how often (I6).
 */
export function withoutSilentEntry(tiers: readonly TierConfig[], standing: Standing): Standing {
  const held = tiers.findIndex(({ id }) => id === standing.tier);
  const top = tiers.findLastIndex(({ acts }, i) => acts === true && i <= held);
  const { id } = tiers[top] ?? {};
  const below = tiers[top - 1];
  if (id === undefined || below === undefined) {
    return standing;
  }
  // Above the acting tier `since` tells of a later move, so there only a tier never crossed into is a silent entry.
  const last = standing.crossedAt[id];
  const acted = last !== undefined && (held > top || last >= standing.since);
  return acted ? standing : { ...standing, tier: below.id };
}

/**
 * Two accounts that turn out to be one: what either was acted on, it was acted on. It holds the higher tier, so that
 * joining is no second entry (I6).
 */
export function mergeStandings(a: Standing, b: Standing, rank: (tier: string) => number): Standing {
  const higher = rank(b.tier) > rank(a.tier) ? b : a;
  const crossings = { ...a.crossings };
  for (const [tier, n] of Object.entries(b.crossings)) {
    crossings[tier] = Math.max(n, crossings[tier] ?? 0);
  }
  const crossedAt = { ...a.crossedAt };
  const crossedWith = { ...a.crossedWith };
  for (const [tier, at] of Object.entries(b.crossedAt)) {
    if (at > (crossedAt[tier] ?? '')) {
      crossedAt[tier] = at;
      setOrClear(crossedWith, tier, b.crossedWith?.[tier]);
    }
  }
  const handed = laterHanded(a, b);
  const waiting = a.waiting ?? b.waiting;
  const plan = laterPlan(a.plan, b.plan);
  return {
    tier: higher.tier,
    since: higher.since,
    crossings,
    crossedAt,
    ...(Object.keys(crossedWith).length === 0 ? {} : { crossedWith }),
    ...(handed === undefined ? {} : { handed }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(plan === undefined ? {} : { plan }),
  };
}

function setOrClear(numbers: Record<string, number>, key: string, value: number | undefined): void {
  if (value === undefined) {
    delete numbers[key];
  } else {
    numbers[key] = value;
  }
}

/** One account is written to once: the plan of the later crossing goes on; of two of one instant the one that has come further. */
function laterPlan(a: TouchPlan | undefined, b: TouchPlan | undefined): TouchPlan | undefined {
  if (a === undefined || b === undefined) {
    return a ?? b;
  }
  return b.since > a.since || (b.since === a.since && b.touch > a.touch) ? b : a;
}

/** Tasks hang on accounts, so that one mark stands for those of both. */
function laterHanded(a: Standing, b: Standing): Handed | undefined {
  const at = ({ handed, crossedAt }: Standing) =>
    handed === undefined ? '' : (crossedAt[handed.tier] ?? '');
  return at(b) > at(a) ? b.handed : (a.handed ?? b.handed);
}

/** The account was in an acting tier once: its records may be created under `when_qualified`. */
export function isQualified(tiers: readonly TierConfig[], standing: Standing): boolean {
  const acting = tiers.filter((tier) => tier.acts).map((tier) => tier.id);
  const holds = tiers.findIndex((tier) => tier.id === standing.tier);
  return (
    acting.some((id) => (standing.crossings[id] ?? 0) > 0) ||
    tiers.some((tier, i) => tier.acts === true && i <= holds)
  );
}
