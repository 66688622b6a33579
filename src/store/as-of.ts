import { type Base, spanOf } from '../accounts/base.ts';
import { mergeParts } from '../accounts/fold.ts';
import { type FoldRules, rebuildPerson } from '../accounts/person.ts';
import type { AccountState, Part } from '../accounts/state.ts';
import type { ProductEvent } from '../events/event.ts';
import { isoInstant } from '../shared/time.ts';
import type { Tx } from './db.ts';
import { aliasEdges } from './fold/identities.ts';
import { historyOf } from './fold/people.ts';
import { slotOf, type Via } from './fold/records.ts';

/** The journal reaches not so far back. */
export class NotInJournal extends Error {}

/**
 * The account's state as its events up to `at` (ms) make it. Throws `NotInJournal` when some of them, and some later ones,
 * have left the journal: what they came to is known together only.
 */
export function stateAsOf(tx: Tx, rules: FoldRules, account: Account, at: number): Promise<AccountState> {
  const isWithin = (base: Base) => {
    const span = spanOf(base);
    if (span !== null && span.first <= at && at < span.last) {
      throw new NotInJournal(
        `events of ${account.key} up to ${isoInstant(span.last)} have left the journal: no earlier state can be folded`,
      );
    }
    return span !== null && span.last <= at;
  };
  return stateOfEvents(tx, rules, account, (event) => event.at <= at, isWithin);
}

interface Account {
  id: string;
  key: string;
}

/**
 * The account's state as some of its events make it: folded anew from the journal. People are those who
 * belong to the account today; what of them belonged elsewhere then is placed by the same rules.
 */
export async function stateOfEvents(
  tx: Tx,
  rules: FoldRules,
  account: Account,
  counts: (event: ProductEvent) => boolean,
  countsBase: (base: Base) => boolean = () => true,
): Promise<AccountState> {
  const people = await tx.query<{ ref: string; places: { via: Via; home: string }[] }>(
    `SELECT ref, json_agg(json_build_object('via', via, 'home', home)) AS places
     FROM parts JOIN people ON people.id = person WHERE account = $1 GROUP BY ref ORDER BY ref`,
    [account.id],
  );
  const users = people.rows.filter(({ ref }) => ref.startsWith('u:')).map(({ ref }) => ref.slice(2));
  const edges = await aliasEdges(tx, users);
  const state: AccountState = { key: account.key, parts: [] };
  for (const { ref, places } of people.rows) {
    const { events, base } = await historyOf(tx, rules.plan, ref, edges);
    const start = base !== null && countsBase(base) ? base : null;
    const record = rebuildPerson(rules, ref, events.filter(counts), start);
    const slots = new Set(places.flatMap((place) => [slotOf(place, account.key), account.key]));
    const parts = [...slots].map((slot) => record.parts.get(slot)).filter((part) => part !== undefined);
    if (parts.length > 0) {
      const part: Part = parts.reduce(mergeParts);
      state.parts.push({ person: ref.startsWith('g:') ? null : ref, ...part, traits: record.traits });
    }
  }
  return state;
}
