import type { ProductEvent, QuarantinedEvent } from '../../src/events/event.ts';
import type { Journal, JournalEntry } from '../../src/events/journal.ts';

export interface MemoryJournal extends Journal {
  events: ProductEvent[];
  quarantined: QuarantinedEvent[];
  /** Number of entries of each append that was asked for. */
  appends: number[];
  /** Makes the next appends fail, or wait until it is resolved. */
  fault: (() => Promise<void> | void) | null;
}

/** A journal in memory with the promises of the port, apart from surviving the process. */
export function memoryJournal(): MemoryJournal {
  const keys = new Set<string>();
  const journal: MemoryJournal = { events: [], quarantined: [], appends: [], fault: null, append };
  async function append(entries: JournalEntry[]) {
    journal.appends.push(entries.length);
    await journal.fault?.();
    let fresh = 0;
    for (const entry of entries) {
      if (entry.type === 'quarantine') {
        journal.quarantined.push(entry.quarantined);
        continue;
      }
      const key = `${entry.event.vendor}\n${entry.event.id}`;
      if (!keys.has(key)) {
        keys.add(key);
        journal.events.push(entry.event);
        fresh += 1;
      }
    }
    return { fresh };
  }
  return journal;
}
