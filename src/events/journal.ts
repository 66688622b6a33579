import type { ProductEvent, QuarantinedEvent } from './event.ts';

export type JournalEntry =
  | { type: 'event'; event: ProductEvent }
  | { type: 'quarantine'; quarantined: QuarantinedEvent };

export interface AppendResult {
  /** How many events were new; the rest had been counted before. */
  fresh: number;
}

/**
 * The durable record of what came in.
 *
 * Promise (I1): when `append` resolves, every entry is committed to disk. When it rejects, the caller must
 * not acknowledge. (I2): an event whose (vendor, id) was appended before is dropped and not counted again,
 * for as long as the journal reaches back (400 days unless configured).
 */
export interface Journal {
  append(entries: JournalEntry[]): Promise<AppendResult>;
}
