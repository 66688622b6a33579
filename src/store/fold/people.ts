import {
  type AliasEdge,
  anonymousRef,
  joinedUsers,
  type Link,
  linksOf,
  personOf,
  type Ref,
  userRef,
} from '../../accounts/identity.ts';
import {
  appendToPerson,
  emptyRecord,
  type FoldRules,
  type PersonRecord,
  rebuildPerson,
} from '../../accounts/person.ts';
import type { ProductEvent } from '../../events/event.ts';
import type { Tx } from '../db.ts';
import { eventsByRefs } from './claim.ts';
import type { StoredPerson } from './records.ts';
import type { Work } from './work.ts';

/** Each person's state with the new events: appended where that is exact, else folded anew from the journal. */
export async function nextRecords(
  tx: Tx,
  rules: FoldRules,
  work: Work,
  edges: readonly AliasEdge[],
  people: ReadonlyMap<Ref, StoredPerson>,
): Promise<PersonRecord[]> {
  const records: PersonRecord[] = [];
  for (const [ref, stored] of people) {
    if (work.gone.has(ref)) {
      continue;
    }
    const isNew = stored.rows.length === 0;
    const current = stored.plan === rules.plan.hash || isNew;
    const before = isNew ? emptyRecord(ref) : stored.record;
    const appended =
      work.rebuild.has(ref) || !current ? null : appendToPerson(rules, before, work.fresh.get(ref) ?? []);
    records.push(appended ?? (await rebuildFromJournal(tx, rules, ref, edges)));
  }
  return records;
}

async function rebuildFromJournal(
  tx: Tx,
  rules: FoldRules,
  ref: Ref,
  edges: readonly AliasEdge[],
): Promise<PersonRecord> {
  const events = await journalOf(tx, ref, edges);
  return events.length === 0 ? emptyRecord(ref) : rebuildPerson(rules, ref, events);
}

/** All events of one person: their user ids', and of the anonymous ids they were seen on, those that are theirs. */
export async function journalOf(tx: Tx, ref: Ref, edges: readonly AliasEdge[]): Promise<ProductEvent[]> {
  const refs = [ref];
  if (ref.startsWith('u:')) {
    const users = [...joinedUsers(edges, ref.slice(2))];
    const anonymous = await tx.query<{ anonymous_id: string }>(
      'SELECT anonymous_id FROM anonymous_ids WHERE users && $1::text[]',
      [users],
    );
    refs.push(...users.map(userRef), ...anonymous.rows.map((row) => anonymousRef(row.anonymous_id)));
  }
  const events = await eventsByRefs(tx, refs);
  const links = new Map<string, Link[]>();
  const linksFor = (id: string) => {
    const found = links.get(id) ?? linksOf(id, events);
    links.set(id, found);
    return found;
  };
  return events.filter((event) => personOf(event, edges, linksFor) === ref);
}
