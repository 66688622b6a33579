import type { ProductEvent } from '../events/event.ts';
import type { SignalPlan } from './signal-plan.ts';
import type { Part, TraitSlot } from './state.ts';
import { addHit, mergeTallies, newTally } from './tally.ts';
import { applyChanges, mergeTraits } from './traits.ts';

export function emptyPart(): Part {
  return { signals: {}, traits: {}, accountTraits: {}, firstSeen: null, lastSeen: null };
}

/** Counts what the event's signals say. Changes `part` in place. */
export function applySignals(plan: SignalPlan, part: Part, event: ProductEvent): void {
  for (const hit of plan.matches(event)) {
    if (hit.shared) {
      continue;
    }
    const tally = part.signals[hit.signal];
    if (tally === undefined) {
      part.signals[hit.signal] = newTally(hit, event.at);
    } else {
      addHit(tally, hit, event.at);
    }
  }
  part.firstSeen = choose(Math.min, part.firstSeen, event.at);
  part.lastSeen = choose(Math.max, part.lastSeen, event.at);
}

/** What the event says about its person. The caller applies it to every part of that person. */
export function applyTraits(traits: Record<string, TraitSlot>, event: ProductEvent): void {
  applyChanges(traits, event.personTraits, event);
}

/** What the event says about the account it belongs to. */
export function applyAccountTraits(part: Part, event: ProductEvent): void {
  applyChanges(part.accountTraits, event.accountTraits, event);
}

/**
 * The state of both sets of events together: merge(fold(A), fold(B)) = fold(A ∪ B) for sets without a common
 * event (I3). Neither argument is changed.
 */
export function mergeParts(a: Part, b: Part): Part {
  const merged = structuredClone(a);
  for (const [signal, tally] of Object.entries(b.signals)) {
    const mine = merged.signals[signal];
    merged.signals[signal] = mine === undefined ? structuredClone(tally) : mergeTallies(mine, tally);
  }
  mergeTraits(merged.traits, b.traits);
  mergeTraits(merged.accountTraits, b.accountTraits);
  merged.firstSeen = choose(Math.min, a.firstSeen, b.firstSeen);
  merged.lastSeen = choose(Math.max, a.lastSeen, b.lastSeen);
  return merged;
}

function choose(better: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : better(a, b);
}
