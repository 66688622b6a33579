import type { ProductEvent } from '../events/event.ts';
import { applyAccountTraits, applySignals, applyTraits, emptyPart, mergeParts } from './fold.ts';
import { byTime, type Ref } from './identity.ts';
import type { SignalPlan } from './signal-plan.ts';
import type { Part, TraitSlot } from './state.ts';

/** Key of the part whose account no event has named: it goes to the mail domain's account, or to a personal one. */
export const FALLBACK = '';

/** What must be remembered beside the parts to place the next event without rereading the journal. */
export interface Facts {
  /** The newest event that named an account. */
  lastDeclaration: { at: number; id: string; account: string } | null;
  /** Time of the newest event that named none. */
  lastGroupless: number | null;
}

/** One person (or one account's remainder) with all their parts, by account id. */
export interface PersonRecord {
  ref: Ref;
  facts: Facts;
  /** Shared by all parts. */
  traits: Record<string, TraitSlot>;
  parts: Map<string, Part>;
}

export function emptyRecord(ref: Ref): PersonRecord {
  return { ref, facts: { lastDeclaration: null, lastGroupless: null }, traits: {}, parts: new Map() };
}

/** Folds a person from all of their events, in whatever order they are given. */
export function rebuildPerson(plan: SignalPlan, ref: Ref, events: readonly ProductEvent[]): PersonRecord {
  const record = emptyRecord(ref);
  const sorted = [...events].sort(byTime);
  const declarations = sorted.filter(namesAccount);
  for (const event of sorted) {
    addTo(plan, record, accountFor(declarations, event), event);
    remember(record.facts, event);
  }
  return record;
}

/**
 * Adds new events to a person. Gives null when one of them changes where an older event belongs: then the
 * person must be rebuilt from the journal, with the same result as if the events had come in order (I3).
 * Changes `record` in place; after null it must be thrown away.
 */
export function appendToPerson(
  plan: SignalPlan,
  record: PersonRecord,
  events: readonly ProductEvent[],
): PersonRecord | null {
  const sorted = [...events].sort(byTime);
  const accounts = new Set([...record.parts.keys()].filter((key) => key !== FALLBACK));
  const all = new Set([...accounts, ...sorted.filter(namesAccount).map((event) => event.accountId)]);
  for (const event of sorted) {
    if (all.size > 1 && movesOlderEvents(record.facts, accounts, event)) {
      return null;
    }
    if (event.accountId !== null) {
      adoptFallback(record, event.accountId);
      accounts.add(event.accountId);
    }
    addTo(plan, record, targetOf(record.facts, accounts, event), event);
    remember(record.facts, event);
  }
  return record;
}

function namesAccount(event: ProductEvent): event is ProductEvent & { accountId: string } {
  return event.accountId !== null;
}

/**
 * The account of one event among the time-sorted declarations of its person: the one it names, else the one
 * most recently declared at its time, else the first declared after it.
 */
function accountFor(declarations: readonly ProductEvent[], event: ProductEvent): string {
  if (event.accountId !== null) {
    return event.accountId;
  }
  const inForce = declarations.findLast((declaration) => declaration.at <= event.at);
  return (inForce ?? declarations[0])?.accountId ?? FALLBACK;
}

function movesOlderEvents(facts: Facts, accounts: ReadonlySet<string>, event: ProductEvent): boolean {
  const { lastDeclaration, lastGroupless } = facts;
  const late = lastDeclaration !== null && byTime(event, lastDeclaration) < 0;
  if (event.accountId !== null) {
    return lastGroupless !== null && (late || (lastDeclaration !== null && lastGroupless >= event.at));
  }
  return late && accounts.size > 1;
}

function targetOf(facts: Facts, accounts: ReadonlySet<string>, event: ProductEvent): string {
  const [only] = accounts;
  if (accounts.size === 1 && only !== undefined) {
    return only;
  }
  return event.accountId ?? facts.lastDeclaration?.account ?? FALLBACK;
}

/** The first account that is ever named takes what had no account. */
function adoptFallback(record: PersonRecord, account: string): void {
  const homeless = record.parts.get(FALLBACK);
  if (homeless !== undefined) {
    const there = record.parts.get(account);
    record.parts.set(account, there === undefined ? homeless : mergeParts(there, homeless));
    record.parts.delete(FALLBACK);
  }
}

function addTo(plan: SignalPlan, record: PersonRecord, account: string, event: ProductEvent): void {
  const part = record.parts.get(account) ?? emptyPart();
  applySignals(plan, part, event);
  applyAccountTraits(part, event);
  record.parts.set(account, part);
  applyTraits(record.traits, event);
}

function remember(facts: Facts, event: ProductEvent): void {
  if (event.accountId !== null) {
    const declaration = { at: event.at, id: event.id, account: event.accountId };
    if (facts.lastDeclaration === null || byTime(facts.lastDeclaration, declaration) < 0) {
      facts.lastDeclaration = declaration;
    }
  } else if (facts.lastGroupless === null || facts.lastGroupless < event.at) {
    facts.lastGroupless = event.at;
  }
}
