import { DAY, isoDate } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { LOCKS } from '../locks.ts';

const PREFIX = 'events_';

/** Name of the table that holds one day (ISO date) of the journal. */
export function partitionOf(day: string): string {
  return `${PREFIX}${day.replaceAll('-', '_')}`;
}

/** The days that the journal has a partition for, oldest first. ISO dates. */
export async function journalDays(db: Db | Tx): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = 'events'::regclass ORDER BY relname`,
  );
  return rows.rows.map(({ name }) => name.slice(PREFIX.length).replaceAll('_', '-'));
}

/** Makes the partition of a day unless it is there. The lock keeps two processes from racing. */
export async function ensurePartition(db: Db, day: string): Promise<void> {
  const name = partitionOf(day);
  // Looked for first: making one, even in vain, keeps everybody out of the journal for a moment.
  const there = await db.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [name]);
  if (there.rows[0]?.found == null) {
    const next = isoDate(Date.parse(day) + DAY);
    await inTransaction(db, async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.partition]);
      await tx.query(
        `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF events FOR VALUES FROM ('${day}') TO ('${next}')`,
      );
    });
  }
}

/** Days ahead that have a partition before their first event, so that no sender waits for one. */
const AHEAD = 2;

/** Partitions for today and the next days. `now`: business time, ms. */
export async function ensureAhead(db: Db, now: number): Promise<void> {
  for (let ahead = 0; ahead <= AHEAD; ahead++) {
    await ensurePartition(db, isoDate(now + ahead * DAY));
  }
}
