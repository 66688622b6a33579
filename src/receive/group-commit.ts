import type { AppendResult, Journal, JournalEntry, Written } from '../events/journal.ts';
import { SECOND } from '../shared/time.ts';

export interface GroupCommitOptions {
  /** How long the first request of a group waits for others, in milliseconds. */
  waitMs: number;
  /** A group is committed at once when it has this many entries. One larger request is a group by itself. */
  maxEntries: number;
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
  written: Written;
  resolve: () => void;
  reject: (why: NotCommitted) => void;
  /** Runs out when it has waited for too long. */
  timer: NodeJS.Timeout;
}

/**
 * Joins the entries of concurrent requests into few appends: single appends are bound by the disk's sync.
 *
 * Promise (I1): the returned function resolves only after the journal has committed all of the request's entries.
 * It rejects with `NotCommitted` when the joint append failed (every request of the group is told so), or after
 * `timeoutMs`: what no append has begun with by then is dropped, so that nothing piles up behind a database that hangs.
 * How much may wait is the receivers' to say (`http/room.ts`). Limit: after a timeout or a lost connection the entries of an
 * append that had begun may still be committed; the sender's repeat is then dropped by message id (I2).
 */
export function groupCommit(
  journal: Journal,
  options: GroupCommitOptions,
  onCommitted: (result: AppendResult) => void = () => undefined,
): Commit {
  /** In the order in which they came. */
  const queue = new Set<Waiting>();
  /** Entries of the queue. */
  let queued = 0;
  let busyLanes = 0;
  let smallSince: number | null = null;
  let timer: NodeJS.Timeout | null = null;

  function hasLane(): boolean {
    const waitsForSmall = smallSince !== null && performance.now() - smallSince < options.patienceMs;
    return busyLanes < options.lanes && !waitsForSmall;
  }

  function enqueue(waiting: Waiting): void {
    queue.add(waiting);
    queued += waiting.written.entries;
    if (busyLanes < options.lanes) {
      timer ??= setTimeout(flush, hasLane() ? options.waitMs : options.patienceMs + 1);
      if (queued >= options.maxEntries) {
        flush();
      }
    }
  }

  function leave(waiting: Waiting): void {
    if (queue.delete(waiting)) {
      queued -= waiting.written.entries;
    }
  }

  function flush(): void {
    if (timer !== null) {
      clearTimeout(timer);
      timer = null;
    }
    while (queue.size > 0 && hasLane()) {
      void commit(nextGroup());
    }
    if (queue.size > 0 && busyLanes < options.lanes) {
      timer = setTimeout(flush, options.patienceMs + 1);
    }
  }

  function nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let size = 0;
    for (const waiting of queue) {
      size += waiting.written.entries;
      if (group.length > 0 && size > options.maxEntries) {
        break;
      }
      group.push(waiting);
    }
    group.forEach(leave);
    return group;
  }

  async function commit(group: Waiting[]): Promise<void> {
    const entries = group.reduce((sum, { written }) => sum + written.entries, 0);
    const isSmall = entries < options.largeEntries;
    busyLanes += 1;
    smallSince = isSmall ? performance.now() : smallSince;
    try {
      const result = await journal.append(group.map(({ written }) => written));
      for (const { timer, resolve } of group) {
        clearTimeout(timer);
        resolve();
      }
      onCommitted(result);
    } catch (cause) {
      const why = new NotCommitted('the journal did not take the entries', { cause });
      for (const { timer, reject } of group) {
        clearTimeout(timer);
        reject(why);
      }
    } finally {
      busyLanes -= 1;
      smallSince = isSmall ? null : smallSince;
      flush();
    }
  }

  return (entries) => {
    if (entries.length === 0) {
      return Promise.resolve();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      leave(waiting);
      reject(new NotCommitted('the journal has not answered in time'));
    }, options.timeoutMs);
    const waiting = { written: journal.write(entries), resolve, reject, timer };
    enqueue(waiting);
    return promise;
  };
}
