import type { ProductEvent, TraitChange } from '../events/event.ts';
import type { Json } from '../shared/json.ts';

/** A trait change in a journal row: `[name, value]` for what is set, else `[name, value, op]`. */
type TraitRow = [name: string, value: Json, op?: TraitChange['op']];

/** An event as a journal row. Traits are rows of their own kind: in a cohort of 10,000 people they are most of the bytes. */
export interface EventRow extends Omit<ProductEvent, 'personTraits' | 'accountTraits'> {
  personTraits: TraitRow[];
  accountTraits: TraitRow[];
}

/** The text of an event's journal row; one line. */
export function toRow(event: ProductEvent): string {
  const { personTraits, accountTraits } = event;
  return JSON.stringify({
    ...event,
    personTraits: personTraits.map(traitRow),
    accountTraits: accountTraits.map(traitRow),
  } satisfies EventRow);
}

/** The event of a journal row, as it was appended. */
export function fromRow(row: EventRow): ProductEvent {
  const { personTraits, accountTraits } = row;
  return {
    ...row,
    personTraits: personTraits.map(traitChange),
    accountTraits: accountTraits.map(traitChange),
  };
}

function traitRow({ op, name, value }: TraitChange): TraitRow {
  return op === 'set' ? [name, value] : [name, value, op];
}

function traitChange([name, value, op = 'set']: TraitRow): TraitChange {
  return { op, name, value };
}
