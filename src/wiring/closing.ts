import type { Logger } from '../shared/log.ts';
import { within } from '../shared/within.ts';

/** Things to close, in the opposite order of their opening. */
export interface Closing {
  add(name: string, close: () => Promise<unknown>): void;
  /** Closes all, each within its patience; one that fails or hangs does not keep the others open. */
  close(): Promise<void>;
}

/** How long (ms) one thing may take to close. The longest wait is a CRM's answer to a call under way. */
const PATIENCE = 8000;

export function closing(logger: Logger): Closing {
  const open: { name: string; close: () => Promise<unknown> }[] = [];
  const closeOne = async (name: string, close: () => Promise<unknown>) => {
    try {
      const closed = close().then(() => true);
      if (!(await within(PATIENCE, closed, () => false))) {
        logger.warn({ part: name }, 'did not close in time; going on without');
      }
    } catch (error) {
      logger.warn({ part: name, reason: (error as Error).message }, 'did not close cleanly');
    }
  };
  return {
    add: (name, close) => void open.push({ name, close }),
    close: async () => {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        await closeOne(next.name, next.close);
      }
    },
  };
}
