import type { ProductEvent } from '../events/event.ts';
import { type Link, linksOf } from './identity.ts';

/** What is remembered of one anonymous id, enough to see whether new events change whose its old ones are. */
export interface AnonymousFacts {
  /** User ids seen together with it, sorted. */
  users: string[];
  lastLink: { at: number; userId: string } | null;
  /** Time of the newest event that carried no user id. */
  lastSolo: number | null;
}

export interface AnonymousChange {
  next: AnonymousFacts;
  /** Older events without a user id now belong, or may belong, to somebody else. */
  movesOlder: boolean;
}

/** What new events on one anonymous id teach about it. */
export function learnAnonymous(
  facts: AnonymousFacts,
  anonymousId: string,
  events: readonly ProductEvent[],
): AnonymousChange {
  const links = linksOf(anonymousId, events);
  const solos = events.filter((event) => event.anonymousId === anonymousId && event.userId === null);
  const users = [...new Set([...facts.users, ...links.map((link) => link.userId)])].sort();
  const newest = links.at(-1);
  return {
    movesOlder: facts.lastSolo !== null && links.some((link) => couldMove(facts, users, link)),
    next: {
      users,
      lastLink: newest !== undefined && newest.at >= (facts.lastLink?.at ?? 0) ? newest : facts.lastLink,
      lastSolo: solos.reduce<number | null>((last, event) => Math.max(last ?? 0, event.at), facts.lastSolo),
    },
  };
}

/** One user only: all its events are that user's. Several: a link moves nothing if no older event lies before it. */
function couldMove(facts: AnonymousFacts, users: readonly string[], link: Link): boolean {
  if (facts.users.length === 1 && users.length === 1) {
    return false;
  }
  if (facts.lastLink === null || link.at < facts.lastLink.at) {
    return true;
  }
  const nothingBetween = facts.lastSolo !== null && facts.lastSolo <= facts.lastLink.at;
  return !nothingBetween && link.userId !== facts.lastLink.userId;
}
