import type { ProductEvent, TraitChange } from '../events/event.ts';
import type { Json } from '../shared/json.ts';

/** A trait change in a journal row: `[name, value]` for what is set, else `[name, value, op]`. */
type TraitRow = [name: string, value: Json, op?: TraitChange['op']];

/**
 * An event as a journal row. What most events lack (null, false, nothing in it) is left out, and traits are rows of their
 * own kind: in a cohort of 10,000 people they are most of the bytes.
 */
export type EventRow = Pick<ProductEvent, Always> &
  Partial<Omit<ProductEvent, Always | 'personTraits' | 'accountTraits'>> & {
    personTraits?: TraitRow[];
    accountTraits?: TraitRow[];
  };

type Always = 'vendor' | 'id' | 'kind' | 'at' | 'receivedAt';

/** The text of an event's journal row; one line. */
export function toRow(event: ProductEvent): string {
  const { personTraits, accountTraits, declared } = event;
  return JSON.stringify({
    ...event,
    name: event.name ?? undefined,
    userId: event.userId ?? undefined,
    anonymousId: event.anonymousId ?? undefined,
    email: event.email ?? undefined,
    previousId: event.previousId ?? undefined,
    accountId: event.accountId ?? undefined,
    personTraits: personTraits.length === 0 ? undefined : personTraits.map(traitRow),
    accountTraits: accountTraits.length === 0 ? undefined : accountTraits.map(traitRow),
    declared: declared || undefined,
  });
}

/** The event of a journal row, as it was appended. */
export function fromRow({ personTraits = [], accountTraits = [], ...row }: EventRow): ProductEvent {
  return {
    name: null,
    userId: null,
    anonymousId: null,
    email: null,
    previousId: null,
    accountId: null,
    properties: {},
    declared: false,
    ...row,
    personTraits: personTraits.map(traitChange),
    accountTraits: accountTraits.map(traitChange),
  };
}

/** A row of the journal with its event as it was appended. */
export function readRow<R extends { event: EventRow }>(row: R): Omit<R, 'event'> & { event: ProductEvent } {
  return { ...row, event: fromRow(row.event) };
}

function traitRow({ op, name, value }: TraitChange): TraitRow {
  return op === 'set' ? [name, value] : [name, value, op];
}

function traitChange([name, value, op = 'set']: TraitRow): TraitChange {
  return { op, name, value };
}
