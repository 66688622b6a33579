import type { ProductEvent } from '../events/event.ts';
import type { AccountRules } from './account-rules.ts';
import { applyAccountTraits, applySignals, applyTraits, emptyPart, mergeParts } from './fold.ts';
import { byTime } from './identity.ts';
import { ALONE, FALLBACK, type Facts, placeSteps, type Step, stepOf } from './memberships.ts';
import type { SignalPlan } from './signal-plan.ts';
import type { Part, TraitSlot } from './state.ts';
import { mergeTraits } from './traits.ts';

/**
 * What a person's events came to that the journal holds no more: a rebuild starts here and adds those that it holds. What
 * the journal holds is placed and counted exactly, because the changes of membership are remembered. What it holds no
 * more stays in the account where it was, unless it had none: then the next declaration takes it, as ever.
 */
export interface Base {
  /** By slot. Their own traits are empty. */
  parts: Record<string, Part>;
  traits: Record<string, TraitSlot>;
  /** Steps by which it can be told which memberships were in force when. */
  changes: Step[];
  lastChange: Facts['lastChange'];
  lastGroupless: number | null;
}

export function emptyBase(): Base {
  return { parts: {}, traits: {}, changes: [], lastChange: null, lastGroupless: null };
}

/** So many changes of membership are remembered, and of older ones the last of each account. */
const CHANGES_MAX = 200;

/** Where each event of a person stands, with the base's events among them. `homes`: of the base's parts without an account. */
export function placeOver(
  rules: AccountRules,
  base: Base | null,
  sorted: readonly ProductEvent[],
): { slots: string[]; facts: Facts; homes: Map<string, string> } {
  const steps = sorted.map((event) => stepOf(rules, event));
  if (base === null) {
    return { ...placeSteps(rules, steps), homes: new Map() };
  }
  const homeless = [FALLBACK, ALONE].flatMap((slot) => {
    const at = base.parts[slot]?.lastSeen ?? null;
    return at === null ? [] : [{ slot, step: { at, id: '', accountId: null, removes: false, home: slot } }];
  });
  const before = [...base.changes, ...homeless.map(({ step }) => step)];
  const all = [...before, ...steps].map((step, index) => ({ ...step, index })).sort(byTime);
  const placed = placeSteps(rules, all);
  const slotOf = new Map(all.map(({ index }, i) => [index, placed.slots[i] ?? FALLBACK]));
  return {
    slots: steps.map((_, i) => slotOf.get(before.length + i) ?? FALLBACK),
    homes: new Map(homeless.map(({ slot }, i) => [slot, slotOf.get(base.changes.length + i) ?? slot])),
    facts: {
      ...placed.facts,
      lastChange: later(base.lastChange, placed.facts.lastChange),
      lastGroupless: newest(base.lastGroupless, placed.facts.lastGroupless),
    },
  };
}

/** The base's parts where they stand now, and its traits: copies, to be added to. */
export function startFrom(
  base: Base,
  homes: ReadonlyMap<string, string>,
): { parts: Map<string, Part>; traits: Record<string, TraitSlot> } {
  const parts = new Map<string, Part>();
  for (const [slot, part] of Object.entries(structuredClone(base.parts))) {
    const home = homes.get(slot) ?? slot;
    const there = parts.get(home);
    parts.set(home, there === undefined ? part : mergeParts(there, part));
  }
  return { parts, traits: structuredClone(base.traits) };
}

/**
 * The base with more events in it, which stand in `slots`. `events`: by time.
 *
 * @param others what else is known of the person's events: they say which changes of membership matter
 */
export function extendBase(
  { plan, rules }: { plan: SignalPlan; rules: AccountRules },
  base: Base,
  events: readonly ProductEvent[],
  slots: readonly string[],
  others: readonly ProductEvent[] = [],
): Base {
  const { parts, traits, lastChange, lastGroupless } = structuredClone(base);
  const next = { lastChange, lastGroupless };
  const steps = events.map((event) => stepOf(rules, event));
  for (const [i, event] of events.entries()) {
    const slot = slots[i] ?? FALLBACK;
    const part = parts[slot] ?? emptyPart();
    parts[slot] = part;
    applySignals(plan, part, event);
    applyAccountTraits(part, event);
    applyTraits(traits, event);
    if (event.accountId === null && steps[i]?.removes !== true) {
      next.lastGroupless = newest(next.lastGroupless, event.at);
    } else {
      next.lastChange = later(next.lastChange, { at: event.at, id: event.id });
    }
  }
  const elsewhere = new Set(others.map((event) => stepOf(rules, event)));
  const { changes } = placeSteps(rules, [...base.changes, ...steps, ...elsewhere].sort(byTime));
  return { parts, traits, ...next, changes: bounded(changes.filter((step) => !elsewhere.has(step))) };
}

/** Both bases together: of two people who turned out to be one. */
export function mergeBases(a: Base, b: Base): Base {
  const merged = structuredClone(a);
  for (const [slot, part] of Object.entries(b.parts)) {
    const mine = merged.parts[slot];
    merged.parts[slot] = mine === undefined ? structuredClone(part) : mergeParts(mine, part);
  }
  mergeTraits(merged.traits, b.traits);
  return {
    ...merged,
    changes: [...a.changes, ...b.changes].sort(byTime),
    lastChange: later(a.lastChange, b.lastChange),
    lastGroupless: newest(a.lastGroupless, b.lastGroupless),
  };
}

/** The base without tallies that were counted in another way than now: what they counted nobody can know. */
export function keepTallies(base: Base, isKept: (tally: string) => boolean): Base {
  const parts = Object.entries(base.parts).map(([slot, part]) => {
    const signals = Object.entries(part.signals).filter(([id]) => isKept(id));
    return [slot, { ...part, signals: Object.fromEntries(signals) }];
  });
  return { ...base, parts: Object.fromEntries(parts) };
}

/** First and last event in the base, ms; null: it is empty. */
export function spanOf({ parts }: Base): { first: number; last: number } | null {
  const all = Object.values(parts);
  const first = all.flatMap(({ firstSeen }) => firstSeen ?? []);
  const last = all.flatMap(({ lastSeen }) => lastSeen ?? []);
  return first.length === 0 ? null : { first: Math.min(...first), last: Math.max(...last) };
}

function bounded(changes: readonly Step[]): Step[] {
  const old = changes.slice(0, Math.max(0, changes.length - CHANGES_MAX));
  const lastOf = new Map(old.map((step) => [`${step.removes} ${step.accountId}`, step]));
  return [...lastOf.values(), ...changes.slice(old.length)].sort(byTime);
}

function later<T extends { at: number; id: string }>(a: T | null, b: T | null): T | null {
  return a === null || (b !== null && byTime(a, b) < 0) ? b : a;
}

function newest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
