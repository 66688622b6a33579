import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from './db.ts';

/** Connection lost or refused; shutting down, starting up, or letting nobody in; too many connections. */
const CODES = /^(08...|57P0[123]|55000|53300|E[A-Z]+)$/;
const WORDS = /terminated|not queryable|timeout exceeded when trying to connect/i;
const AGAIN = 250;

/** The database is away for the moment: nothing was said about the question itself. */
export function isAway(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  return typeof code === 'string' ? CODES.test(code) : WORDS.test(message);
}

/**
 * Asks again while the database is away, up to an instant of real time (ms). Only for what may be asked twice: a commit whose
 * answer was lost is repeated.
 */
export async function whileAway<T>(
  db: Db,
  until: number,
  realNow: () => number,
  ask: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + until - realNow();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (db.ending || !isAway(error) || performance.now() + AGAIN >= end) {
        throw error;
      }
      await sleep(AGAIN);
    }
  }
}
