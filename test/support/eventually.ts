import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until it holds; what throws does not hold yet. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  patience = 50_000,
  every = 200,
): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(every)) {
    let cause: unknown;
    try {
      if (await holds()) {
        return;
      }
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) {
      throw new Error('it never came', { cause });
    }
  }
}
