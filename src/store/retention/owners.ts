import {
  type AliasEdge,
  anonymousIdsOf,
  anonymousRef,
  endsOfRuns,
  type Link,
  linksOf,
  mergeLinks,
  personOf,
  type Ref,
} from '../../accounts/identity.ts';
import type { ProductEvent } from '../../events/event.ts';
import { hashId, type Tx } from '../db.ts';
import { aliasEdges, allLinks, soleLink } from '../fold/identities.ts';

interface KnownId {
  anonymous_id: string;
  users: string[];
  links: Link[] | null;
}

/** Whose some journaled events are now, by person; and the aliases that say so. */
export async function ownersOf(
  tx: Tx,
  events: readonly ProductEvent[],
): Promise<{ byPerson: Map<Ref, ProductEvent[]>; edges: AliasEdge[] }> {
  const known = await knownIds(tx, events);
  const users = [...events.flatMap(({ userId }) => userId ?? []), ...known.flatMap((id) => id.users)];
  const edges = await aliasEdges(tx, [...new Set(users)]);
  const links = new Map<string, Link[]>();
  for (const id of known) {
    links.set(id.anonymous_id, await linksOfId(tx, id));
  }
  const owned = events.map((event) => ({
    event,
    ref: personOf(event, edges, (id) => links.get(id) ?? []),
  }));
  const byPerson = new Map<Ref, ProductEvent[]>();
  for (const { event, ref } of owned) {
    if (ref !== null) {
      byPerson.set(ref, [...(byPerson.get(ref) ?? []), event]);
    }
  }
  return { byPerson, edges };
}

/** Of several users only the journal knows who was on it when. */
async function linksOfId(tx: Tx, { anonymous_id: id, users, links }: KnownId): Promise<Link[]> {
  return users.length > 1 ? allLinks(tx, id, links ?? []) : soleLink(users);
}

/** Keeps who was seen on the anonymous ids of some events, which are about to leave the journal. */
export async function keepLinks(tx: Tx, events: readonly ProductEvent[]): Promise<void> {
  for (const { anonymous_id: id, links } of await knownIds(tx, events)) {
    const told = linksOf(id, events);
    if (told.length > 0) {
      await tx.query('UPDATE anonymous_ids SET links = $2 WHERE id = $1', [
        hashId(anonymousRef(id)),
        JSON.stringify(endsOfRuns(mergeLinks(links ?? [], told))),
      ]);
    }
  }
}

async function knownIds(tx: Tx, events: readonly ProductEvent[]): Promise<KnownId[]> {
  const ids = new Set(events.flatMap(anonymousIdsOf));
  const rows = await tx.query<KnownId>(
    'SELECT anonymous_id, users, links FROM anonymous_ids WHERE id = ANY($1::uuid[]) ORDER BY id',
    [[...ids].map((id) => hashId(anonymousRef(id)))],
  );
  return rows.rows;
}
