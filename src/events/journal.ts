import type { ProductEvent, QuarantinedEvent } from './event.ts';

export type JournalEntry =
  /**
   * `twin`: the id under which the same event comes by a route that does not know its `id`. The event is dropped
   * when one with that id was appended before, and one with that id that comes later is dropped too.
   */
  | { type: 'event'; event: ProductEvent; twin?: string }
  | { type: 'quarantine'; quarantined: QuarantinedEvent };

export interface AppendResult {
  /** How many events were new; the rest had been counted before. */
  fresh: number;
}

/** What one request adds, as the journal has written it down for itself. */
export interface Written {
  /** How many entries it has. */
  entries: number;
}

/**
 * The durable record of what came in.
 *
 * Promise (I1): when `append` resolves, every entry is committed to disk. When it rejects, the caller must
 * not acknowledge. (I2): an event whose (vendor, id) or (vendor, twin) was appended before is dropped and not counted again,
 * for as long as the journal reaches back (400 days unless configured).
 */
export interface Journal {
  /** Makes what waits for its turn small. Nothing is kept yet. */
  write(entries: JournalEntry[]): Written;
  append(written: Written[]): Promise<AppendResult>;
}

/** Appends entries that need not wait for others. */
export function appendEntries(journal: Journal, entries: JournalEntry[]): Promise<AppendResult> {
  return journal.append([journal.write(entries)]);
}
