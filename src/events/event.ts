import type { Json, JsonObject } from '../shared/json.ts';

/** Whose message id space an event belongs to, whatever route it came by. */
export type Vendor = 'segment' | 'amplitude';

/**
 * - `track`, `page`, `screen`: something a person did; counts as activity.
 * - `identify`, `group`, `cohort`: something we are told about a person or an account; no activity.
 * - `alias`: two ids are one person.
 * - `delete`: the person must be forgotten.
 */
export type EventKind = 'track' | 'page' | 'screen' | 'identify' | 'group' | 'alias' | 'cohort' | 'delete';

/** One change to one trait. `set_once` keeps the earliest; `unset` clears (its value is null). */
export interface TraitChange {
  op: 'set' | 'set_once' | 'unset';
  name: string;
  value: Json;
}

/**
 * What happened, in our own words: the only shape of an event behind `receive/`.
 * All instants are milliseconds since 1970, UTC. All text is free of NUL and lone surrogates.
 */
export interface ProductEvent {
  vendor: Vendor;
  /** The vendor's message id, or a hash of the raw element when it has none. (vendor, id) counts once. */
  id: string;
  kind: EventKind;
  /** Event name (track), page or screen name, else null. As sent: matching normalises. */
  name: string | null;
  /** When it happened, by the clock rules in `clock-rules.ts`. */
  at: number;
  receivedAt: number;
  userId: string | null;
  /** Anonymous id, or Amplitude's device id: one namespace. */
  anonymousId: string | null;
  /** Lower-cased e-mail the event carries for its person, else null. */
  email: string | null;
  /** alias only: the id that `userId` replaces. */
  previousId: string | null;
  /** The account (group) id the event itself names, else null. */
  accountId: string | null;
  properties: JsonObject;
  personTraits: TraitChange[];
  accountTraits: TraitChange[];
  /**
   * true: the traits were declared (identify, group, $identify, $groupidentify, cohort).
   * false: they are a snapshot riding on an event; a declared value beats them whatever its time.
   */
  declared: boolean;
}

/** What could not become an event, kept with its reason. */
export interface QuarantinedEvent {
  vendor: Vendor;
  /** The route it came by, e.g. `segment.webhook`, `amplitude.events`, `amplitude.cohorts`, `sdk.segment`. */
  route: string;
  /** Stable code, e.g. `no_ids`, `bad_json`, `too_old`, `before_2000`, `from_the_future`, `bad_text`. */
  code: string;
  /** One sentence for a person. */
  reason: string;
  /** The offending element as text, credentials stripped, at most 64 KiB. */
  raw: string;
  /** The vendor's message id when one could be read. */
  id: string | null;
  receivedAt: number;
}
