import { FALLBACK, rebuildPerson } from '../accounts/person.ts';
import type { SignalPlan } from '../accounts/signal-plan.ts';
import type { AccountState } from '../accounts/state.ts';
import type { ProductEvent } from '../events/event.ts';
import type { Tx } from './db.ts';
import { aliasEdges } from './fold/identities.ts';
import { journalOf } from './fold/people.ts';
import type { Via } from './fold/records.ts';

/** The account's state as its events up to `at` (ms) make it. */
export function stateAsOf(tx: Tx, plan: SignalPlan, account: Account, at: number): Promise<AccountState> {
  return stateOfEvents(tx, plan, account, (event) => event.at <= at);
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
  plan: SignalPlan,
  account: Account,
  counts: (event: ProductEvent) => boolean,
): Promise<AccountState> {
  const people = await tx.query<{ ref: string; via: Via }>(
    'SELECT ref, via FROM parts JOIN people ON people.id = person WHERE account = $1 ORDER BY ref',
    [account.id],
  );
  const users = people.rows.filter(({ ref }) => ref.startsWith('u:')).map(({ ref }) => ref.slice(2));
  const edges = await aliasEdges(tx, users);
  const state: AccountState = { key: account.key, parts: [] };
  for (const { ref, via } of people.rows) {
    const events = (await journalOf(tx, ref, edges)).filter(counts);
    const record = rebuildPerson(plan, ref, events);
    const part = record.parts.get(account.key) ?? (via === 'group' ? undefined : record.parts.get(FALLBACK));
    if (part !== undefined) {
      state.parts.push({ person: ref.startsWith('g:') ? null : ref, ...part, traits: record.traits });
    }
  }
  return state;
}
