import type { ProductEvent } from '../../events/event.ts';
import type { JournalEntry, Written } from '../../events/journal.ts';
import { isoDate } from '../../shared/time.ts';
import { type Db, eventKey, lines } from '../db.ts';
import { type EventRow, fromRow, toRow } from '../event-row.ts';
import { classOf } from '../fold/claim.ts';
import { admittedAsTheyAre } from '../forget/admit.ts';
import { remembered } from '../forget/known.ts';

/**
 * What one request adds to the journal, written down as it will be stored. While it waits for the disk it is text: as
 * objects 3,000 events are 10 MB, which the garbage collector moves about for as long as they wait, at a fifth of all that a
 * receiver costs.
 */
export type Page = Written & ({ rows: Rows } | { given: JournalEntry[] });

/**
 * Plain events: nothing refused, no delete, no twin, none of them of people who were known to be forgotten. Each column is one
 * text, as the statements of `insert.ts` take them.
 */
export interface Rows {
  /** That of the tombstones by which they were admitted. */
  epoch: number;
  days: string[];
  /** Separated by commas, as the next three. */
  keys: string;
  at: string;
  receivedAt: string;
  classes: string;
  /** Journal rows, one on each line. */
  events: string;
}

export interface KeyedEvent {
  key: string;
  /** Key of the id that the same event has on another route. */
  twin: string | null;
  event: ProductEvent;
}

/** Before this process knows whom to forget, rows are written as they are: no statement takes them, and they are read back. */
const NOBODY_ASKED = -1;

export function pageOf(db: Db, entries: JournalEntry[]): Page {
  const known = remembered(db);
  const events = plainEvents(entries);
  const kept = known === null || events === null ? events : admittedAsTheyAre(known, events);
  return kept === null
    ? { entries: entries.length, given: entries }
    : { entries: entries.length, rows: rowsOf(kept, known?.epoch ?? NOBODY_ASKED) };
}

function plainEvents(entries: readonly JournalEntry[]): KeyedEvent[] | null {
  const isPlain = entries.every((entry) => entry.type === 'event' && entry.twin === undefined);
  return isPlain ? uniqueByKey(entries) : null;
}

export function uniqueByKey(entries: readonly JournalEntry[]): KeyedEvent[] {
  const byKey = new Map<string, KeyedEvent>();
  for (const entry of entries) {
    if (entry.type === 'event') {
      const { event, twin } = entry;
      const key = eventKey(event.vendor, event.id);
      if (!byKey.has(key)) {
        byKey.set(key, { key, event, twin: twin === undefined ? null : eventKey(event.vendor, twin) });
      }
    }
  }
  return [...byKey.values()];
}

export function rowsOf(events: readonly KeyedEvent[], epoch: number): Rows {
  return {
    epoch,
    days: daysOf(events),
    keys: events.map(({ key }) => key).join(),
    at: events.map(({ event }) => event.at).join(),
    receivedAt: events.map(({ event }) => event.receivedAt).join(),
    classes: events.map(({ event }) => classOf(event)).join(),
    events: lines(events.map(({ event }) => toRow(event))),
  };
}

export function daysOf(events: readonly KeyedEvent[]): string[] {
  return [...new Set(events.map(({ event }) => isoDate(event.receivedAt)))];
}

/** The rows of all as one; null: they were admitted by different tombstones. The same event may be in two. */
export function together(all: readonly Rows[]): Rows | null {
  const [first] = all;
  if (first === undefined || all.some(({ epoch }) => epoch !== first.epoch)) {
    return null;
  }
  return all.length === 1
    ? first
    : {
        epoch: first.epoch,
        days: [...new Set(all.flatMap(({ days }) => days))],
        keys: all.map(({ keys }) => keys).join(),
        at: all.map(({ at }) => at).join(),
        receivedAt: all.map(({ receivedAt }) => receivedAt).join(),
        classes: all.map(({ classes }) => classes).join(),
        events: lines(all.map(({ events }) => events)),
      };
}

/** The events, read back. */
export function entriesOf({ events }: Rows): JournalEntry[] {
  return events.split('\n').map((text) => ({ type: 'event', event: fromRow(JSON.parse(text) as EventRow) }));
}
