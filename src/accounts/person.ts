import type { ProductEvent } from '../events/event.ts';
import type { AccountRules } from './account-rules.ts';
import { type Base, placeOver, startFrom } from './base.ts';
import { applyAccountTraits, applySignals, applyTraits, emptyPart, mergeParts } from './fold.ts';
import { byTime, type Ref } from './identity.ts';
import { ALONE, appendFacts, FALLBACK, type Facts, isAccount, isInOrder, noFacts } from './memberships.ts';
import type { SignalPlan } from './signal-plan.ts';
import type { Part, TraitSlot } from './state.ts';

/** What a person is folded with: what counts, and whose it is. */
export interface FoldRules {
  plan: SignalPlan;
  rules: AccountRules;
}

/** One person (or one account's remainder) with all their parts, by slot: an account's id, FALLBACK or ALONE. */
export interface PersonRecord {
  ref: Ref;
  facts: Facts;
  /** Shared by all parts. */
  traits: Record<string, TraitSlot>;
  parts: Map<string, Part>;
}

export function emptyRecord(ref: Ref): PersonRecord {
  return { ref, facts: noFacts(), traits: {}, parts: new Map() };
}

/**
 * Folds a person from all of their events, in whatever order they are given.
 *
 * @param base what came to be of the events that the journal holds no more
 */
export function rebuildPerson(
  { plan, rules }: FoldRules,
  ref: Ref,
  events: readonly ProductEvent[],
  base: Base | null = null,
): PersonRecord {
  const sorted = [...events].sort(byTime);
  const { slots, facts, homes } = placeOver(rules, base, sorted);
  const record = base === null ? emptyRecord(ref) : { ref, facts, ...startFrom(base, homes) };
  for (const [index, event] of sorted.entries()) {
    addTo(plan, record, slots[index] ?? FALLBACK, event);
  }
  return { ...record, facts };
}

/**
 * Adds new events to a person. Gives null when one of them changes where an older event belongs: then the
 * person must be rebuilt from the journal, with the same result as if the events had come in order (I3).
 * Changes `record` in place; after null it must be thrown away.
 */
export function appendToPerson(
  { plan, rules }: FoldRules,
  record: PersonRecord,
  events: readonly ProductEvent[],
): PersonRecord | null {
  const sorted = [...events].sort(byTime);
  const named = sorted.flatMap(({ accountId }) => (accountId === null ? [] : [accountId]));
  const onlyAccount = new Set([...[...record.parts.keys()].filter(isAccount), ...named]).size <= 1;
  for (const event of sorted) {
    if (!isInOrder(rules, record.facts, event, onlyAccount)) {
      return null;
    }
    appendFacts(rules, record.facts, event);
    if (event.accountId !== null) {
      adoptHomeless(record, event.accountId);
    }
    addTo(plan, record, event.accountId ?? record.facts.current, event);
  }
  return record;
}

/** An account that is named takes what had none. */
function adoptHomeless(record: PersonRecord, account: string): void {
  for (const slot of [FALLBACK, ALONE]) {
    const homeless = record.parts.get(slot);
    if (homeless !== undefined) {
      const there = record.parts.get(account);
      record.parts.set(account, there === undefined ? homeless : mergeParts(there, homeless));
      record.parts.delete(slot);
    }
  }
}

function addTo(plan: SignalPlan, record: PersonRecord, slot: string, event: ProductEvent): void {
  const part = record.parts.get(slot) ?? emptyPart();
  applySignals(plan, part, event);
  applyAccountTraits(part, event);
  record.parts.set(slot, part);
  applyTraits(record.traits, event);
}
