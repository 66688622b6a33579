import type { Logger } from '../shared/log.ts';
import { MINUTE, SECOND } from '../shared/time.ts';
import type { Db } from '../store/db.ts';

/** Real time (ms since 1970) as the database has it, which all processes share. */
export interface DatabaseTime {
  now(): number;
  /** Compares the clocks; keeps what it knew when the database does not answer at once. */
  measure(): Promise<void>;
  close(): void;
}

/** How often (ms) the clocks are compared: for so long a clock that was just set may be believed. */
const MEASURE_EVERY = MINUTE;
/** Clocks that differ by less (ms) count as one: the way there and back takes time too. */
const AGREE = SECOND;

/**
 * Leases, debounces and retries are instants in the database that other processes compare with their own time. A worker
 * whose clock is two minutes ahead would take every lease for over and write what another is just writing (I6); what it puts off
 * would wait for minutes. So a process goes by the database's clock where its own is off.
 *
 * Limit: within a minute of a jump of either clock, or before the first answer, a process still goes by its own.
 */
export function databaseTime(
  db: Db,
  logger: Logger,
  localNow: () => number = () => Date.now(),
): DatabaseTime {
  let ahead = 0;
  const measure = async () => {
    const asked = localNow();
    const found = await db.query<{ ms: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
    );
    const answered = localNow();
    const theirs = found.rows[0]?.ms;
    if (theirs === undefined || answered - asked > AGREE) {
      return;
    }
    const difference = theirs - (asked + answered) / 2;
    const next = Math.abs(difference) < AGREE ? 0 : Math.round(difference);
    if (Math.abs(next - ahead) >= AGREE && next !== 0) {
      logger.warn({ seconds: next / SECOND }, 'the clocks differ; leases and retries go by the database');
    }
    ahead = next;
  };
  const timer = setInterval(() => void measure().catch(() => {}), MEASURE_EVERY);
  timer.unref();
  return { now: () => localNow() + ahead, measure, close: () => clearInterval(timer) };
}
