import type { Logger } from '../shared/log.ts';
import { within } from '../shared/within.ts';

/** Things to close, in the opposite order of their opening. */
export interface Closing {
  /** @param patience how long (ms) it may take to close */
  add(name: string, close: () => Promise<unknown>, patience?: number): void;
  /**
   * Closes all, each within its patience; one that fails or hangs does not keep the others open.
   *
   * @returns names of those
   */
  close(): Promise<string[]>;
}

/** How long (ms) one thing may take to close. The longest wait is a CRM's answer to a call under way. */
const PATIENCE = 8000;

export function closing(logger: Logger): Closing {
  const open: { name: string; close: () => Promise<unknown>; patience: number }[] = [];
  const closeOne = async ({ name, close, patience }: (typeof open)[number]) => {
    try {
      const closed = await within(
        patience,
        close().then(() => true),
        () => false,
      );
      if (!closed) {
        logger.warn({ part: name }, 'did not close in time; going on without');
      }
      return closed;
    } catch (error) {
      logger.warn({ part: name, reason: (error as Error).message }, 'did not close cleanly');
      return false;
    }
  };
  return {
    add: (name, close, patience = PATIENCE) => void open.push({ name, close, patience }),
    close: async () => {
      const left: string[] = [];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (!(await closeOne(next))) {
          left.push(next.name);
        }
      }
      return left;
    },
  };
}
