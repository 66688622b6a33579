import type { Json } from '../shared/json.ts';

/**
 * Orders two values of one trait: declared beats snapshot, then the later event, then the greater tie-break.
 * The same three fields on every machine, so the winner does not depend on arrival (I3).
 */
export interface Stamp {
  declared: boolean;
  at: number;
  tie: string;
}

/** One trait: the last value set (null = unset) and the earliest `set_once`, which counts only while nothing was set. */
export interface TraitSlot {
  set?: { value: Json; stamp: Stamp };
  once?: { value: Json; stamp: Stamp };
}

/**
 * How often one person gave one signal within one account. A sum over events, so merging is adding.
 * `days` maps a UTC day number to the count (or the sum, for a summed property, in millionths).
 * `members` maps a distinct value to [first, last] instant; past `MEMBERS_MAX` it is a sample (`members.ts`).
 * `recent` holds the newest instants, newest first, at most RECENT_MAX.
 * `sum` marks a summed property: its counts are amounts, not occurrences.
 */
export interface SignalTally {
  count: number;
  sum?: true;
  first: number;
  last: number;
  days: Record<string, number>;
  recent: number[];
  members?: Record<string, [number, number]>;
  /** Set once a distinct value had to be dropped: the largest hash kept, as a fraction of all. */
  membersCut?: number;
}

/** What one person did and said within one account: the unit of the fold (and of moving, merging, forgetting). */
export interface Part {
  signals: Record<string, SignalTally>;
  /** The person's traits: the same in every part of that person. */
  traits: Record<string, TraitSlot>;
  /** What this person's events said about the account. */
  accountTraits: Record<string, TraitSlot>;
  /** First and last event of any kind; null while there is none. */
  firstSeen: number | null;
  lastSeen: number | null;
}

/** A part with its owner. `person` is null for the remainder: events that name an account and no person. */
export interface PersonPart extends Part {
  person: string | null;
}

/** Everything the score may look at. Pure data; equal sets of events give equal states (I3). */
export interface AccountState {
  key: string;
  parts: PersonPart[];
  /** What others than the events say about the account, by trait name: a CRM's own fields, an operator's CSV. */
  facts?: { csv?: Record<string, Json>; crm?: Record<string, Json> };
}

/** Built-in signal of every track, page and screen call that is not configured away. */
export const ACTIVITY = 'activity';

/** Distinct values are exact up to this many per signal and person. */
export const MEMBERS_MAX = 1000;

/** Newest instants kept per signal and person: enough for gates in hours, sequences and abandoned flows. */
export const RECENT_MAX = 8;
