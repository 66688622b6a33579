import type { ProductEvent, QuarantinedEvent } from '../../src/events/event.ts';
import type { JournalEntry } from '../../src/events/journal.ts';
import type { Arrival } from '../../src/receive/arrival.ts';
import { NOON } from './event.ts';

/** The arrival of a request at noon, with only what matters overridden. */
export function arrival(over: Partial<Arrival> = {}): Arrival {
  return {
    vendor: 'segment',
    route: 'segment.webhook',
    receivedAt: NOON,
    horizonDays: 400,
    skew: 0,
    direct: false,
    ...over,
  };
}

export function eventsIn(entries: readonly JournalEntry[]): ProductEvent[] {
  return entries.flatMap((entry) => (entry.type === 'event' ? [entry.event] : []));
}

export function quarantinedIn(entries: readonly JournalEntry[]): QuarantinedEvent[] {
  return entries.flatMap((entry) => (entry.type === 'quarantine' ? [entry.quarantined] : []));
}

/** The only event among the entries; a clear failure when there is another number or anything quarantined. */
export function onlyEvent(entries: readonly JournalEntry[]): ProductEvent {
  const [event, ...others] = eventsIn(entries);
  if (event === undefined || others.length > 0 || entries.length !== 1) {
    throw new Error(`expected one event, found ${JSON.stringify(entries)}`);
  }
  return event;
}

/** The traits that changes set, as an object; an unset one is null. */
export function traitsOf(changes: ProductEvent['personTraits']): Record<string, unknown> {
  return Object.fromEntries(changes.map(({ name, value }) => [name, value]));
}
