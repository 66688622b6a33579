import type { ProductEvent } from '../events/event.ts';
import { byTime, type Link, linksOf } from './identity.ts';

/** What is remembered of one anonymous id, enough to see whether new events change whose its old ones are. */
export interface AnonymousFacts {
  /** User ids seen together with it, sorted. */
  users: string[];
  lastLink: Link | null;
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
      lastLink: later(facts.lastLink, newest ?? null),
      lastSolo: solos.reduce<number | null>((last, event) => Math.max(last ?? 0, event.at), facts.lastSolo),
    },
  };
}

function later(a: Link | null, b: Link | null): Link | null {
  return a === null || (b !== null && byTime(a, b) < 0) ? b : a;
}

/** One user only: all its events are that user's. Several: a link moves nothing if no older event lies before it. */
function couldMove(facts: AnonymousFacts, users: readonly string[], link: Link): boolean {
  if (facts.users.length === 1 && users.length === 1) {
    return false;
  }
  if (facts.lastLink === null || byTime(link, facts.lastLink) < 0) {
    return true;
  }
  const nothingBetween = facts.lastSolo !== null && facts.lastSolo <= facts.lastLink.at;
  return !nothingBetween && link.userId !== facts.lastLink.userId;
}
