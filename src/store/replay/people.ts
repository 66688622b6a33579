import { DAY, isoDate, isoInstant } from '../../shared/time.ts';
import { type Db, hashId, inTransaction, slicesOfIds, type Tx } from '../db.ts';
import { type EventRow, fromRow } from '../event-row.ts';
import { ownersOf } from '../retention/owners.ts';
import { journalDays } from '../retention/partitions.ts';

/** Instead of the plan that a person was folded with: to be folded again, by whichever worker comes first. */
const REPLAY = 'replay';

/** Whom a replay is about. Instants in ms; of receipt, `until` not included. */
export type Whom =
  | { kind: 'all' }
  | { kind: 'account'; id: string }
  | { kind: 'received'; since: number; until: number };

/** Of one transaction. */
const EVENTS = 5000;

/** Marks people to be folded again; what was cut off is marked when it is asked for again. */
export async function markPeople(db: Db, whom: Whom): Promise<void> {
  switch (whom.kind) {
    case 'account':
      await db.query(
        `UPDATE people SET plan = '${REPLAY}' WHERE id IN (SELECT person FROM parts WHERE account = $1)`,
        [whom.id],
      );
      return;
    case 'all':
      for (const { first, last } of slicesOfIds(2)) {
        await db.query(
          `UPDATE people SET plan = '${REPLAY}' WHERE plan <> '${REPLAY}' AND id BETWEEN $1 AND $2`,
          [first, last],
        );
      }
      return;
    default:
      await eachPersonReceived(db, whom, (tx, ids) =>
        tx.query(`UPDATE people SET plan = '${REPLAY}' WHERE id = ANY($1::uuid[]) AND plan <> '${REPLAY}'`, [
          ids,
        ]),
      );
  }
}

/** How many people `markPeople` would mark. */
export async function countPeople(db: Db, whom: Whom): Promise<number> {
  if (whom.kind === 'received') {
    const ids = new Set<string>();
    await eachPersonReceived(db, whom, async (_tx, found) => found.forEach((id) => void ids.add(id)));
    return ids.size;
  }
  const rows =
    whom.kind === 'all'
      ? await db.query<{ count: number }>('SELECT count(*) AS count FROM people')
      : await db.query<{ count: number }>(
          'SELECT count(DISTINCT person) AS count FROM parts WHERE account = $1',
          [whom.id],
        );
  return rows.rows[0]?.count ?? 0;
}

/** How many people wait to be folded again. */
export async function peopleMarked(db: Db): Promise<number> {
  const rows = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM people WHERE plan = '${REPLAY}'`,
  );
  return rows.rows[0]?.count ?? 0;
}

/** The people of what was received in a span, by id, some at a time. */
async function eachPersonReceived(
  db: Db,
  { since, until }: { since: number; until: number },
  work: (tx: Tx, ids: string[]) => Promise<unknown>,
): Promise<void> {
  const [first, last] = [isoDate(since), isoDate(Math.min(until, Date.UTC(9999, 0)) + DAY)];
  for (const day of (await journalDays(db)).filter((one) => one >= first && one <= last)) {
    for (let after: number | null = 0; after !== null; ) {
      const from: number = after;
      after = await inTransaction(db, async (tx) => {
        const rows = await tx.query<{ seq: number; event: EventRow }>(
          `SELECT seq, event FROM events
           WHERE day = $1 AND seq > $2 AND received_at >= $3 AND received_at < $4 ORDER BY seq LIMIT $5`,
          [day, from, isoInstant(since), isoInstant(until), EVENTS],
        );
        const { byPerson } = await ownersOf(
          tx,
          rows.rows.map((row) => fromRow(row.event)),
        );
        await work(tx, [...byPerson.keys()].map(hashId).sort());
        return rows.rows.at(-1)?.seq ?? null;
      });
    }
  }
}
