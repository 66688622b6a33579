import type { ProductEvent, TraitChange } from '../events/event.ts';
import type { Json } from '../shared/json.ts';
import type { Stamp, TraitSlot } from './state.ts';

/** Traits by name. Receiving keeps names out that every object inherits (`constructor`, `__proto__`, …). */
export type Traits = Record<string, TraitSlot>;

/** Applies what one event says, whatever was applied before (I3). Changes `traits` in place. */
export function applyChanges(traits: Traits, changes: readonly TraitChange[], event: ProductEvent): void {
  for (const change of changes) {
    const stamp: Stamp = { declared: event.declared, at: event.at, tie: tieOf(change, event) };
    const value = { value: change.op === 'unset' ? null : change.value, stamp };
    const said: TraitSlot = change.op === 'set_once' ? { once: value } : { set: value };
    traits[change.name] = mergeSlots(traits[change.name] ?? {}, said);
  }
}

/** Adds `theirs` to `mine`, in place: per trait the winner of both, the same in either direction. */
export function mergeTraits(mine: Traits, theirs: Readonly<Traits>): void {
  for (const [name, slot] of Object.entries(theirs)) {
    mine[name] = mergeSlots(mine[name] ?? {}, slot);
  }
}

/** The value in force: the last one set, else the earliest `set_once`; null when unset or unknown. */
export function traitValue(slot: TraitSlot | undefined): Json {
  const said = slot?.set ?? slot?.once;
  return said?.value ?? null;
}

/** The values in force, without the unset ones, in the order of their names. */
export function traitValues(traits: Readonly<Traits>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(traits)
      .map(([name, slot]) => [name, traitValue(slot)] as const)
      .filter(([, value]) => value !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * Two cohort messages of one computation: having left wins (decision 7). Everything else: the greater message
 * id, and the vendor last, since two vendors may use the same id.
 */
function tieOf(change: TraitChange, event: ProductEvent): string {
  const rank = change.name.startsWith('cohort:') ? (change.value === true ? '0' : '1') : '';
  return `${rank}${event.id} ${event.vendor}`;
}

/** Of two words on one trait the winner, the same in either direction. */
export function mergeSlots(a: TraitSlot, b: TraitSlot): TraitSlot {
  const set =
    a.set === undefined || (b.set !== undefined && isLater(b.set.stamp, a.set.stamp)) ? b.set : a.set;
  const once =
    a.once === undefined || (b.once !== undefined && isEarlier(b.once.stamp, a.once.stamp)) ? b.once : a.once;
  return { ...(set === undefined ? {} : { set }), ...(once === undefined ? {} : { once }) };
}

/** Declared beats snapshot, then the later event, then the tie-break. One event's last word on a trait counts. */
function isLater(a: Stamp, b: Stamp): boolean {
  return a.declared === b.declared ? a.at > b.at || (a.at === b.at && a.tie >= b.tie) : a.declared;
}

function isEarlier(a: Stamp, b: Stamp): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}
