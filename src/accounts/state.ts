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
 * `days` holds UTC day numbers with their counts (or the sums, for a summed property, in millionths), oldest first:
 * [day, count, day, count, …]. `quarters` the same by quarters of an hour, only where a signal needs local time.
 * `members` maps a distinct value to [first, last] instant; past `MEMBERS_MAX` it is a sample (`members.ts`).
 * `recent` holds the newest instants, newest first, at most `keeps`, or RECENT_DEFAULT.
 * `sum` marks a summed property: its counts are amounts, not occurrences.
 *
 * Bounded whatever happens: at most HORIZON_DAYS + FIRST_DAYS_MAX days, (FINE_DAYS + FINE_FIRST_DAYS) x 96 quarters,
 * RECENT_MAX instants and MEMBERS_MAX values of at most MEMBER_LENGTH characters.
 */
export interface SignalTally {
  count: number;
  sum?: true;
  keeps?: number;
  first: number;
  last: number;
  days: number[];
  quarters?: number[];
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
  facts?: {
    csv?: Record<string, Json>;
    crm?: Record<string, Json>;
    /** What a CRM's own fields say about people, by ref. */
    people?: Record<string, Record<string, Json>>;
  };
}

/** Built-in signal of every track, page and screen call that is not configured away. */
export const ACTIVITY = 'activity';

/** The signal that starts `first N days`. */
export const SIGNED_UP = 'signed_up';

/** Distinct values are exact up to this many per signal and person. */
export const MEMBERS_MAX = 1000;

/** A longer distinct value is kept as its beginning and a hash. Characters. */
export const MEMBER_LENGTH = 200;

/** Newest instants kept per signal and person, unless signals.yaml says `recent`; and the most that it may say. */
export const RECENT_DEFAULT = 8;
export const RECENT_MAX = 500;

/** Days from a person's first occurrence that are kept for ever, for `first N days`. */
export const FIRST_DAYS_MAX = 92;

/** The same bounds for signals that need quarters of an hour: newest days, and days from the first. */
export const FINE_DAYS = 92;
export const FINE_FIRST_DAYS = 31;
