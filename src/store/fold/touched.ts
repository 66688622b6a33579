import type { Ref } from '../../accounts/identity.ts';
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import type { ProductEvent } from '../../events/event.ts';
import { hashId } from '../db.ts';
import type { Touched } from './accounts.ts';
import type { PlacedPart } from './part-rows.ts';
import type { StoredPerson } from './records.ts';
import type { Moves } from './settle.ts';
import type { Work } from './work.ts';

/** People whose past came into an account that was there before, by account id: two accounts became one, or a part of one. */
export function joinedBy(
  placed: readonly PlacedPart[],
  people: ReadonlyMap<Ref, StoredPerson>,
  gone: ReadonlyMap<Ref, Ref>,
  made: ReadonlySet<string>,
  moves: Moves,
): Map<string, string[]> {
  const joined = new Map([...moves.joined].map(([account, refs]) => [account, [...refs]]));
  const here = new Set(placed.map(({ ref, key }) => `${ref}\n${hashId(key)}`));
  const leavers = new Set<Ref>();
  for (const [ref, { rows }] of people) {
    const heir = gone.get(ref) ?? ref;
    if (rows.some(({ account }) => !here.has(`${heir}\n${account}`))) {
      leavers.add(heir);
    }
  }
  for (const { ref, key } of placed) {
    const account = hashId(key);
    if (leavers.has(ref) && !made.has(account)) {
      joined.set(account, [...(joined.get(account) ?? []), ref]);
    }
  }
  return joined;
}

/** Whose score must follow, and whether on behaviour (act) or only because people moved. */
export function touchedAccounts(
  plan: SignalPlan,
  work: Work,
  placed: readonly PlacedPart[],
  changed: ReadonlySet<string>,
  renamed: ReadonlyMap<string, string>,
  joined: ReadonlyMap<string, readonly string[]>,
): Touched[] {
  const didByRef = new Map([...work.fresh].map(([ref, events]) => [ref, didOf(plan, events)]));
  const touched = new Map<string, Touched>();
  for (const account of changed) {
    touched.set(account, { account, triggers: [], act: false, joined: [...(joined.get(account) ?? [])] });
  }
  for (const { ref, key } of placed) {
    const entry = touched.get(hashId(renamed.get(key) ?? key));
    const did = didByRef.get(ref);
    if (entry !== undefined && did !== undefined) {
      entry.act = true;
      entry.triggers.push(...did.triggers);
      entry.receivedAt = Math.min(entry.receivedAt ?? did.receivedAt, did.receivedAt);
      // Somebody did something: what comes of it is behaviour, whatever moved in the same moment.
      entry.joined = did.wasActive ? [] : entry.joined;
    }
  }
  return [...touched.values()];
}

/** What one person's new events come to, as far as their accounts' scores wait for it. */
function didOf(plan: SignalPlan, events: readonly ProductEvent[]) {
  return {
    triggers: [...new Set(events.flatMap((event) => plan.triggersOf(event)))],
    wasActive: events.some((event) => plan.isActivity(event)),
    receivedAt: Math.min(...events.map((event) => event.receivedAt)),
  };
}
