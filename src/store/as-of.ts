import { mergeParts } from '../accounts/fold.ts';
import { type FoldRules, rebuildPerson } from '../accounts/person.ts';
import type { AccountState, Part } from '../accounts/state.ts';
import type { ProductEvent } from '../events/event.ts';
import type { Tx } from './db.ts';
import { aliasEdges } from './fold/identities.ts';
import { journalOf } from './fold/people.ts';
import { slotOf, type Via } from './fold/records.ts';

/** The account's state as its events up to `at` (ms) make it. */
export function stateAsOf(tx: Tx, rules: FoldRules, account: Account, at: number): Promise<AccountState> {
  return stateOfEvents(tx, rules, account, (event) => event.at <= at);
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
    const events = (await journalOf(tx, ref, edges)).filter(counts);
    const record = rebuildPerson(rules, ref, events);
    const slots = new Set(places.flatMap((place) => [slotOf(place, account.key), account.key]));
    const parts = [...slots].map((slot) => record.parts.get(slot)).filter((part) => part !== undefined);
    if (parts.length > 0) {
      const part: Part = parts.reduce(mergeParts);
      state.parts.push({ person: ref.startsWith('g:') ? null : ref, ...part, traits: record.traits });
    }
  }
  return state;
}
