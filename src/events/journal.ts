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

/**
 * The durable record of what came in.
 *
 * Promise (I1): when `append` resolves, every entry is committed to disk. When it rejects, the caller must
 * not acknowledge. (I2): an event whose (vendor, id) or (vendor, twin) was appended before is dropped and not counted again,
 * for as long as the journal reaches back (400 days unless configured).
 */
export interface Journal {
  append(entries: JournalEntry[]): Promise<AppendResult>;
}
