import { type Base, mergeBases, spanOf } from '../../accounts/base.ts';
import {
  type AliasEdge,
  anonymousRef,
  canonicalUser,
  idOf,
  joinedUsers,
  type Link,
  linksOf,
  mergeLinks,
  ownerAt,
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
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import type { ProductEvent } from '../../events/event.ts';
import type { Tx } from '../db.ts';
import { loadBases } from './bases.ts';
import { eventsByRefs } from './event-ids.ts';
import { droppedLinks } from './identities.ts';
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
  const { events, base } = await historyOf(tx, rules.plan, ref, edges);
  return events.length === 0 && base === null ? emptyRecord(ref) : rebuildPerson(rules, ref, events, base);
}

/** What the record knows of one person: events that the journal holds, and what became of those that it holds no more. */
export interface History {
  events: ProductEvent[];
  base: Base | null;
}

/** All of one person: of their user ids, and of the anonymous ids they were seen on what is theirs. */
export async function historyOf(
  tx: Tx,
  plan: SignalPlan,
  ref: Ref,
  edges: readonly AliasEdge[],
): Promise<History> {
  const refs = await refsOfPerson(tx, ref, edges);
  const anonymous = refs.filter((one) => one.startsWith('a:')).map(idOf);
  const { through, byRef } = await loadBases(tx, refs, plan);
  const dropped = through === null ? new Map<string, Link[]>() : await droppedLinks(tx, anonymous);
  const events = await eventsByRefs(tx, refs, through);
  const links = new Map<string, Link[]>();
  const linksFor = (id: string) => {
    const found = links.get(id) ?? mergeLinks(dropped.get(id) ?? [], linksOf(id, events));
    links.set(id, found);
    return found;
  };
  const bases = [...byRef].filter(([name, base]) => ownerOfBase(name, base, edges, linksFor) === ref);
  return {
    events: events.filter((event) => personOf(event, edges, linksFor) === ref),
    base: bases.length === 0 ? null : bases.map(([, base]) => base).reduce(mergeBases),
  };
}

/** Whose a base is: that of an anonymous id goes as a whole to whom its newest event belongs. */
function ownerOfBase(
  name: Ref,
  base: Base,
  edges: readonly AliasEdge[],
  linksFor: (id: string) => readonly Link[],
): Ref {
  const id = idOf(name);
  if (name.startsWith('u:')) {
    return userRef(canonicalUser(edges, id));
  }
  const owner = name.startsWith('a:') ? ownerAt(linksFor(id), spanOf(base)?.last ?? 0) : null;
  return owner === null ? name : userRef(canonicalUser(edges, owner));
}

async function refsOfPerson(tx: Tx, ref: Ref, edges: readonly AliasEdge[]): Promise<Ref[]> {
  const refs = [ref];
  if (ref.startsWith('u:')) {
    const users = [...joinedUsers(edges, ref.slice(2))];
    const anonymous = await tx.query<{ anonymous_id: string }>(
      'SELECT anonymous_id FROM anonymous_ids WHERE users && $1::text[]',
      [users],
    );
    refs.push(...users.map(userRef), ...anonymous.rows.map((row) => anonymousRef(row.anonymous_id)));
  }
  return [...new Set(refs)];
}
