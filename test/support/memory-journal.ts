import type { ProductEvent, QuarantinedEvent } from '../../src/events/event.ts';
import type { Journal, JournalEntry, Written } from '../../src/events/journal.ts';

export interface MemoryJournal extends Journal {
  events: ProductEvent[];
  quarantined: QuarantinedEvent[];
  /** Number of entries of each append that was asked for. */
  appends: number[];
  /** Makes the next appends fail, or wait until it is resolved. */
  fault: (() => Promise<void> | void) | null;
}

interface Page extends Written {
  given: JournalEntry[];
}

/** A journal in memory with the promises of the port, apart from surviving the process. */
export function memoryJournal(): MemoryJournal {
  /** Key of an id -> whether it is only another event's twin. */
  const keys = new Map<string, 'counted' | 'twin'>();
  const journal: MemoryJournal = {
    events: [],
    quarantined: [],
    appends: [],
    fault: null,
    write: (given): Page => ({ entries: given.length, given }),
    append: (pages) => append((pages as Page[]).flatMap(({ given }) => given)),
  };
  async function append(entries: JournalEntry[]) {
    journal.appends.push(entries.length);
    await journal.fault?.();
    let fresh = 0;
    for (const entry of entries) {
      if (entry.type === 'quarantine') {
        journal.quarantined.push(entry.quarantined);
        continue;
      }
      const key = (id: string) => `${entry.event.vendor}\n${id}`;
      const twin = entry.twin === undefined ? null : key(entry.twin);
      if (twin !== null && !keys.has(twin)) {
        keys.set(twin, 'twin');
      }
      if (!keys.has(key(entry.event.id)) && (twin === null || keys.get(twin) === 'twin')) {
        keys.set(key(entry.event.id), 'counted');
        journal.events.push(entry.event);
        fresh += 1;
      }
    }
    return { fresh };
  }
  return journal;
}
