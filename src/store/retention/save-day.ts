import { type Base, emptyBase, extendBase, placeOver } from '../../accounts/base.ts';
import { type AliasEdge, byTime, type Ref } from '../../accounts/identity.ts';
import { FALLBACK } from '../../accounts/memberships.ts';
import type { FoldRules } from '../../accounts/person.ts';
import type { ProductEvent } from '../../events/event.ts';
import { isoDate } from '../../shared/time.ts';
import { hashId, type Tx } from '../db.ts';
import { basesUpTo, saveBases } from '../fold/bases.ts';
import { historyOf } from '../fold/people.ts';
import { slotOf, type Via } from '../fold/records.ts';
import { keepLinks, ownersOf } from './owners.ts';

/** Puts some events of one day (ISO date) into the bases of their people, as far as `day` counts in them. Once for each event. */
export async function saveEvents(
  tx: Tx,
  rules: FoldRules,
  day: string,
  events: readonly ProductEvent[],
): Promise<void> {
  const { byPerson, edges } = await ownersOf(tx, events);
  const refs = [...byPerson.keys()];
  const slots = await slotsOf(tx, refs);
  const bases = await basesUpTo(tx, refs, rules.plan, day);
  const next = new Map<Ref, Base>();
  for (const [ref, own] of byPerson) {
    const sorted = own.sort(byTime);
    const [only, second] = slots.get(ref) ?? [];
    const placed =
      only !== undefined && second === undefined
        ? { slots: sorted.map(() => only), others: [] }
        : await placedAmongAll(tx, rules, ref, edges, day, sorted);
    next.set(ref, withoutPoison(rules, bases.get(ref) ?? emptyBase(), sorted, placed));
  }
  await keepLinks(tx, events);
  await saveBases(tx, rules.plan, day, next);
}

interface Placed {
  slots: string[];
  /** What else is known of the person's events. */
  others: ProductEvent[];
}

/** Where the events stand, given all that is known of their person today: also what was received later. */
async function placedAmongAll(
  tx: Tx,
  { plan, rules }: FoldRules,
  ref: Ref,
  edges: readonly AliasEdge[],
  day: string,
  sorted: readonly ProductEvent[],
): Promise<Placed> {
  const { events, base } = await historyOf(tx, plan, ref, edges);
  const all = [...events].sort(byTime);
  const { slots } = placeOver(rules, base, all);
  const slotOfEvent = new Map(all.map((event, i) => [nameOf(event), slots[i] ?? FALLBACK]));
  return {
    slots: sorted.map((event) => slotOfEvent.get(nameOf(event)) ?? FALLBACK),
    others: events.filter(({ receivedAt }) => isoDate(receivedAt) > day),
  };
}

function nameOf({ vendor, id }: ProductEvent): string {
  return `${vendor}\n${id}`;
}

/** An event that no state could take is in no base either (I9). */
function withoutPoison(
  rules: FoldRules,
  base: Base,
  events: readonly ProductEvent[],
  { slots, others }: Placed,
): Base {
  try {
    return extendBase(rules, base, events, slots, others);
  } catch (error) {
    if (events.length > 1) {
      return events.reduce(
        (sum, event, i) => withoutPoison(rules, sum, [event], { slots: slots.slice(i, i + 1), others }),
        base,
      );
    }
    if (error instanceof TypeError || error instanceof RangeError) {
      return base;
    }
    throw error;
  }
}

/** In which slots each person has a part now. */
async function slotsOf(tx: Tx, refs: readonly Ref[]): Promise<Map<Ref, string[]>> {
  const rows = await tx.query<{ ref: Ref; key: string; via: Via; home: string }>(
    `SELECT people.ref, accounts.key, via, home FROM parts JOIN people ON people.id = parts.person
     JOIN accounts ON accounts.id = parts.account WHERE person = ANY($1::uuid[])`,
    [refs.map(hashId)],
  );
  const byRef = Map.groupBy(rows.rows, ({ ref }) => ref);
  return new Map(
    [...byRef].map(([ref, parts]) => [ref, [...new Set(parts.map((part) => slotOf(part, part.key)))]]),
  );
}
