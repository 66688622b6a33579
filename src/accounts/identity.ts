import type { ProductEvent } from '../events/event.ts';

/**
 * How a person, or an account's remainder, is named inside: `u:<user id>`, `a:<anonymous or device id>`, or
 * `g:<account id>` for events that name an account and no person.
 */
export type Ref = string;

export const userRef = (userId: string): Ref => `u:${userId}`;
export const anonymousRef = (anonymousId: string): Ref => `a:${anonymousId}`;
export const remainderRef = (accountId: string): Ref => `g:${accountId}`;

/** The id inside a ref, as it was sent. */
export function idOf(ref: Ref): string {
  return ref.slice(2);
}

/** Every ref under which an event must be found again in the journal. */
export function refsOf(event: ProductEvent): Ref[] {
  const refs = new Set<Ref>();
  if (event.userId !== null) {
    refs.add(userRef(event.userId));
  }
  if (event.anonymousId !== null) {
    refs.add(anonymousRef(event.anonymousId));
  }
  if (event.previousId !== null) {
    refs.add(userRef(event.previousId)).add(anonymousRef(event.previousId));
  }
  if (refs.size === 0 && event.accountId !== null) {
    refs.add(remainderRef(event.accountId));
  }
  return [...refs];
}

/** The anonymous ids on which an event may be a sighting of its user: an alias can name one as the previous id. */
export function anonymousIdsOf({ anonymousId, kind, previousId }: ProductEvent): string[] {
  const ids = new Set([anonymousId, kind === 'alias' ? previousId : null]);
  return [...ids].filter((id) => id !== null);
}

/** One sighting of a user id together with an anonymous id. */
export interface Link {
  at: number;
  id: string;
  userId: string;
}

/** The sightings that `events` hold for one anonymous id. An alias from it is one too. */
export function linksOf(anonymousId: string, events: readonly ProductEvent[]): Link[] {
  return events
    .filter((event) => event.anonymousId === anonymousId || event.previousId === anonymousId)
    .flatMap(({ at, id, userId }) => (userId === null ? [] : [{ at, id, userId }]))
    .sort(byTime);
}

/** Both, by time. A link that is in both is there once. */
export function mergeLinks(a: readonly Link[], b: readonly Link[]): Link[] {
  return [...new Map([...a, ...b].map((link) => [`${link.at} ${link.id}`, link])).values()].sort(byTime);
}

/** The first and the last of each run of links of one user: they suffice to tell whose an event is. `links`: by time. */
export function endsOfRuns(links: readonly Link[]): Link[] {
  return links.filter(({ userId }, i) => links[i - 1]?.userId !== userId || links[i + 1]?.userId !== userId);
}

/**
 * Whose an anonymous event is: the first user identified on that id at or after it, else the last before.
 * `links` are sorted by time; null: nobody was ever identified on it.
 */
export function ownerAt(links: readonly Link[], at: number): string | null {
  return (links.find((link) => link.at >= at) ?? links.at(-1))?.userId ?? null;
}

/** `previous` was declared to be the same person as `user`. */
export interface AliasEdge {
  previous: string;
  user: string;
}

/**
 * The one user id that stands for all user ids joined by alias calls: an id that replaced others and was not
 * replaced itself, the smallest of several. Only alias joins user ids; a shared device or e-mail never does.
 */
export function canonicalUser(edges: readonly AliasEdge[], userId: string): string {
  const joined = joinedUsers(edges, userId);
  const replaced = new Set(edges.map((edge) => edge.previous));
  const standing = [...joined].filter((id) => !replaced.has(id)).sort();
  return standing[0] ?? [...joined].sort()[0] ?? userId;
}

/** Every user id that is the same person as `userId`, itself included. */
export function joinedUsers(edges: readonly AliasEdge[], userId: string): Set<string> {
  const joined = new Set([userId]);
  for (let size = 0; size !== joined.size; ) {
    size = joined.size;
    for (const { previous, user } of edges) {
      if (joined.has(previous) || joined.has(user)) {
        joined.add(previous).add(user);
      }
    }
  }
  return joined;
}

/**
 * Whose an event is, given the aliases and the links of its anonymous id.
 * null: an event that names nothing we could hang it on.
 */
export function personOf(
  event: ProductEvent,
  edges: readonly AliasEdge[],
  linksFor: (anonymousId: string) => readonly Link[],
): Ref | null {
  if (event.userId !== null) {
    return userRef(canonicalUser(edges, event.userId));
  }
  if (event.anonymousId !== null) {
    const owner = ownerAt(linksFor(event.anonymousId), event.at);
    return owner === null ? anonymousRef(event.anonymousId) : userRef(canonicalUser(edges, owner));
  }
  return event.accountId === null ? null : remainderRef(event.accountId);
}

/** Orders events, links and declarations: by time, then by id, so that no order of arrival shows (I3). */
export function byTime(a: { at: number; id: string }, b: { at: number; id: string }): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
