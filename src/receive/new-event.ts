import type { EventKind, ProductEvent, TraitChange } from '../events/event.ts';
import { readEmail } from '../events/ids.ts';
import type { JsonObject } from '../shared/json.ts';
import type { Arrival } from './arrival.ts';

/** Whom and what account one element names. */
export interface Ids {
  userId: string | null;
  anonymousId: string | null;
  previousId: string | null;
  accountId: string | null;
}

/** What one element says, apart from who said it and when. */
export interface Statement {
  kind: EventKind;
  name: string | null;
  properties: JsonObject;
  personTraits: TraitChange[];
  accountTraits: TraitChange[];
  declared: boolean;
}

/** A statement with nothing in it, to be overridden. */
export function statement(over: Partial<Statement> & { kind: EventKind }): Statement {
  return { name: null, properties: {}, personTraits: [], accountTraits: [], declared: false, ...over };
}

/** `riding`: person traits that came along and become an event of their own; they may carry the e-mail. */
export function newEvent(
  arrival: Arrival,
  id: string,
  at: number,
  ids: Ids,
  said: Statement,
  riding: readonly TraitChange[] = [],
): ProductEvent {
  const { vendor, receivedAt } = arrival;
  const email = emailOf(said.personTraits) ?? emailOf(riding);
  return { vendor, id, at, receivedAt, ...ids, email, ...said };
}

function emailOf(changes: readonly TraitChange[]): string | null {
  return readEmail(changes.find(({ name, op }) => name === 'email' && op !== 'unset')?.value);
}
