import type { ProductEvent, TraitChange } from '../events/event.ts';
import { utcDay } from '../shared/time.ts';
import { addMember, mergeMembers } from './members.ts';
import type { SignalHit, SignalPlan } from './signal-plan.ts';
import { HORIZON_DAYS } from './signal-plan.ts';
import { type Part, RECENT_MAX, type SignalTally, type Stamp, type TraitSlot } from './state.ts';

export function emptyPart(): Part {
  return { signals: {}, traits: {}, accountTraits: {}, firstSeen: null, lastSeen: null };
}

/** Counts what the event's signals say. Changes `part` in place. */
export function applySignals(plan: SignalPlan, part: Part, event: ProductEvent): void {
  for (const hit of plan.matches(event)) {
    const tally = part.signals[hit.signal];
    if (tally === undefined) {
      part.signals[hit.signal] = newTally(hit, event.at);
    } else {
      addHit(tally, hit, event.at);
    }
  }
  part.firstSeen = part.firstSeen === null ? event.at : Math.min(part.firstSeen, event.at);
  part.lastSeen = part.lastSeen === null ? event.at : Math.max(part.lastSeen, event.at);
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
  merged.firstSeen = pick(Math.min, a.firstSeen, b.firstSeen);
  merged.lastSeen = pick(Math.max, a.lastSeen, b.lastSeen);
  return merged;
}

function newTally(hit: SignalHit, at: number): SignalTally {
  const tally: SignalTally = {
    count: hit.amount,
    first: at,
    last: at,
    days: { [utcDay(at)]: hit.amount },
    recent: [at],
  };
  if (hit.member !== undefined) {
    addMember(tally, hit.member, [at, at]);
  }
  return tally;
}

function addHit(tally: SignalTally, hit: SignalHit, at: number): void {
  const day = utcDay(at);
  tally.count += hit.amount;
  tally.days[day] = (tally.days[day] ?? 0) + hit.amount;
  tally.first = Math.min(tally.first, at);
  tally.recent = newest([...tally.recent, at]);
  if (at > tally.last) {
    const crossesDay = utcDay(tally.last) !== day;
    tally.last = at;
    if (crossesDay) {
      prune(tally);
    }
  } else if (day <= oldestKept(tally)) {
    prune(tally);
  }
  if (hit.member !== undefined) {
    addMember(tally, hit.member, [at, at]);
  }
}

function mergeTallies(a: SignalTally, b: SignalTally): SignalTally {
  const merged: SignalTally = {
    ...a,
    count: a.count + b.count,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    days: { ...a.days },
    recent: newest([...a.recent, ...b.recent]),
  };
  for (const [day, count] of Object.entries(b.days)) {
    merged.days[day] = (merged.days[day] ?? 0) + count;
  }
  prune(merged);
  mergeMembers(merged, b);
  return merged;
}

/** Days beyond the horizon, counted back from the newest: never from the clock, or order would matter. */
function prune(tally: SignalTally): void {
  const oldest = oldestKept(tally);
  for (const day of Object.keys(tally.days)) {
    if (Number(day) <= oldest) {
      delete tally.days[day];
    }
  }
}

function oldestKept(tally: SignalTally): number {
  return utcDay(tally.last) - HORIZON_DAYS;
}

function newest(instants: number[]): number[] {
  return instants.sort((a, b) => b - a).slice(0, RECENT_MAX);
}

function applyChanges(
  slots: Record<string, TraitSlot>,
  changes: readonly TraitChange[],
  event: ProductEvent,
): void {
  for (const change of changes) {
    const stamp: Stamp = { declared: event.declared, at: event.at, tie: tieOf(change, event) };
    const slot = slots[change.name] ?? {};
    const value = { value: change.op === 'unset' ? null : change.value, stamp };
    mergeSlot(slot, change.op === 'set_once' ? { once: value } : { set: value });
    slots[change.name] = slot;
  }
}

/** Two cohort messages of one computation: having left wins. Everything else: the greater message id. */
function tieOf(change: TraitChange, event: ProductEvent): string {
  const rank = change.name.startsWith('cohort:') ? (change.value === true ? '0' : '1') : '';
  return `${rank}${event.id}`;
}

function mergeTraits(mine: Record<string, TraitSlot>, theirs: Record<string, TraitSlot>): void {
  for (const [name, slot] of Object.entries(theirs)) {
    const known = mine[name] ?? {};
    mergeSlot(known, slot);
    mine[name] = known;
  }
}

function mergeSlot(slot: TraitSlot, other: TraitSlot): void {
  if (
    other.set !== undefined &&
    (slot.set === undefined || compareStamps(slot.set.stamp, other.set.stamp) <= 0)
  ) {
    slot.set = other.set;
  }
  if (other.once !== undefined && (slot.once === undefined || earlier(other.once.stamp, slot.once.stamp))) {
    slot.once = other.once;
  }
}

/** Declared beats snapshot, then the later event, then the tie-break. */
function compareStamps(a: Stamp, b: Stamp): number {
  return (
    Number(a.declared) - Number(b.declared) || a.at - b.at || (a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : 0)
  );
}

function earlier(a: Stamp, b: Stamp): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

function pick(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : choose(a, b);
}
