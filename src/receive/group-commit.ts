import type { AppendResult, Journal, JournalEntry } from '../events/journal.ts';
import { SECOND } from '../shared/time.ts';
import { within } from '../shared/within.ts';

export interface GroupCommitOptions {
  /** How long the first request of a group waits for others, in milliseconds. */
  waitMs: number;
  /** A group is committed at once when it has this many entries. One larger request is a group by itself. */
  maxEntries: number;
  /** Entries waiting or being committed; beyond, requests are refused at once. */
  maxInFlight: number;
  /** Commits that may run at the same time, so that one large cohort does not hold up every event. */
  lanes: number;
  /**
   * A group of fewer entries has the disk for itself, and what comes meanwhile is the next group: two small commits side by
   * side cost twice as much as one of both.
   */
  largeEntries: number;
  /** After so many milliseconds even a small group is no longer waited for: something holds it up. */
  patienceMs: number;
  /** A request is answered after this long even if the database has not answered, in milliseconds. */
  timeoutMs: number;
}

export const GROUP_COMMIT: GroupCommitOptions = {
  waitMs: 2,
  maxEntries: 1000,
  maxInFlight: 50_000,
  lanes: 2,
  largeEntries: 200,
  patienceMs: 50,
  timeoutMs: 4 * SECOND,
};

/** The entries could not be taken now. The sender must try again; nothing was promised. */
export class NotCommitted extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotCommitted';
  }
}

export type Commit = (entries: JournalEntry[]) => Promise<void>;

interface Waiting {
  entries: JournalEntry[];
  resolve: () => void;
  reject: (why: NotCommitted) => void;
}

/**
 * Joins the entries of concurrent requests into few appends: single appends are bound by the disk's sync.
 *
 * Promise (I1): the returned function resolves only after the journal has committed all of the request's entries.
 * It rejects with `NotCommitted` when the joint append failed (every request of the group is told so), when too
 * much is in flight already, or after `timeoutMs`. Limit: after a timeout or a lost connection the entries
 * may still have been committed; the sender's repeat is then dropped by message id (I2).
 */
export function groupCommit(
  journal: Journal,
  options: GroupCommitOptions,
  onCommitted: (result: AppendResult) => void = () => undefined,
): Commit {
  let queue: Waiting[] = [];
  let inFlight = 0;
  let queued = 0;
  let busyLanes = 0;
  let smallSince: number | null = null;
  let timer: NodeJS.Timeout | null = null;

  function hasLane(): boolean {
    const waitsForSmall = smallSince !== null && performance.now() - smallSince < options.patienceMs;
    return busyLanes < options.lanes && !waitsForSmall;
  }

  function enqueue(entries: JournalEntry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      queue.push({ entries, resolve, reject });
      inFlight += entries.length;
      queued += entries.length;
      if (busyLanes < options.lanes) {
        timer ??= setTimeout(flush, hasLane() ? options.waitMs : options.patienceMs + 1);
        if (queued >= options.maxEntries) {
          flush();
        }
      }
    });
  }

  function flush(): void {
    if (timer !== null) {
      clearTimeout(timer);
      timer = null;
    }
    while (queue.length > 0 && hasLane()) {
      void commit(nextGroup());
    }
  }

  function nextGroup(): Waiting[] {
    let size = 0;
    const end = queue.findIndex(({ entries }, index) => {
      size += entries.length;
      return index > 0 && size > options.maxEntries;
    });
    const group = end === -1 ? queue : queue.slice(0, end);
    queue = end === -1 ? [] : queue.slice(end);
    queued -= group.reduce((sum, { entries }) => sum + entries.length, 0);
    return group;
  }

  async function commit(group: Waiting[]): Promise<void> {
    const entries = group.flatMap((waiting) => waiting.entries);
    const isSmall = entries.length < options.largeEntries;
    busyLanes += 1;
    smallSince = isSmall ? performance.now() : smallSince;
    try {
      const result = await journal.append(entries);
      for (const { resolve } of group) {
        resolve();
      }
      onCommitted(result);
    } catch (cause) {
      const why = new NotCommitted('the journal did not take the entries', { cause });
      for (const { reject } of group) {
        reject(why);
      }
    } finally {
      inFlight -= entries.length;
      busyLanes -= 1;
      smallSince = isSmall ? null : smallSince;
      flush();
    }
  }

  return (entries) => {
    if (entries.length === 0) {
      return Promise.resolve();
    }
    if (inFlight > 0 && inFlight + entries.length > options.maxInFlight) {
      return Promise.reject(new NotCommitted('too much is waiting for the journal'));
    }
    return within(options.timeoutMs, enqueue(entries), () => {
      throw new NotCommitted('the journal has not answered in time');
    });
  };
}
