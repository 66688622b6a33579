import { type Db, retried, type Tx } from '../db.ts';
import type { JournalRow } from '../fold/claim.ts';
import type { Rows } from './pages.ts';

/**
 * Times come as numbers, which are read and written at a third of the cost of dates. `durable`
 * stands in the statement itself, so that it holds for its commit when it is a transaction of its own. So does the lock of
 * `forget_epoch`: tombstones that are made meanwhile wait for the commit, and where there are newer ones nothing is inserted.
 */
const INCOMING = `
  WITH durable AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'on', true), forget_epoch() = $6 AS current
  ), incoming AS (
    SELECT key, (received_at AT TIME ZONE 'UTC')::date AS day, at, received_at, event, class, place FROM (
      SELECT key, to_timestamp(at / 1000) AS at, to_timestamp(received_at / 1000) AS received_at, event, class, place
      FROM durable, ROWS FROM (
        unnest($1::uuid[]), unnest($2::float8[]), unnest($3::float8[]), string_to_table($4, E'\\n'), unnest($5::"char"[])
      ) WITH ORDINALITY AS row (key, at, received_at, event, class, place)
      WHERE current
    ) AS timed
  )`;

/** Each key by itself: what is there already is left out. */
const TAKEN_EACH = `, given AS MATERIALIZED (SELECT DISTINCT ON (key) * FROM incoming ORDER BY key, place), fresh AS (
    INSERT INTO event_keys (key, day) SELECT key, day FROM given
    ON CONFLICT DO NOTHING RETURNING key
  ), taken AS MATERIALIZED (
    SELECT nextval('event_seq') AS seq, ordered.* FROM (
      SELECT given.* FROM given JOIN fresh USING (key) ORDER BY class
    ) AS ordered
  )`;

/** All of them, or an error and nothing: a sixth less for PostgreSQL, which looks for no key before it inserts it. */
const TAKEN_NEW = `, taken AS MATERIALIZED (
    SELECT nextval('event_seq') AS seq, ordered.* FROM (SELECT * FROM incoming ORDER BY class) AS ordered
  ), fresh AS (
    INSERT INTO event_keys (key, day) SELECT key, day FROM taken ORDER BY key
  )`;

const KEPT = `, kept AS (
    INSERT INTO events (day, seq, key, at, received_at, event)
    SELECT day, seq, key, at, received_at, event::json FROM taken
  ), waiting AS (
    INSERT INTO inbox_runs (class, first, last, day, received_at)
    SELECT class, min(seq), max(seq), day, min(received_at) FROM (
      SELECT class, seq, day, received_at, seq - row_number() OVER (PARTITION BY class, day ORDER BY seq) AS run FROM taken
    ) AS numbered GROUP BY class, day, run
  )`;
const COUNT = `SELECT current, (SELECT count(*) FROM taken) AS fresh FROM durable`;

const UNIQUE_VIOLATION = '23505';

/** Gives how many were new. null: more people are forgotten by now than were known, and nothing was inserted. */
type Inserted = Promise<number | null>;

/** For events of which none is expected to have come before; `repeated`: one had, and nothing was inserted. */
export async function insertNew(db: Db, rows: Rows): Promise<number | null | 'repeated'> {
  try {
    return await retried(() =>
      insert(db, 'journal-append-new', `${INCOMING}${TAKEN_NEW}${KEPT} ${COUNT}`, rows),
    );
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) {
      return 'repeated';
    }
    throw error;
  }
}

/** For any events. */
export async function insertEach(db: Db, rows: Rows): Inserted {
  return retried(() => insertEachIn(db, rows));
}

/** The same within a transaction. */
export async function insertEachIn(tx: Db | Tx, rows: Rows): Inserted {
  return insert(tx, 'journal-append', `${INCOMING}${TAKEN_EACH}${KEPT} ${COUNT}`, rows);
}

async function insert(tx: Db | Tx, name: string, text: string, rows: Rows): Inserted {
  if (rows.keys === '') {
    return 0;
  }
  const inserted = await tx.query<{ current: boolean; fresh: number }>({
    name,
    text,
    values: valuesOf(rows),
  });
  const [row] = inserted.rows;
  return row?.current === true ? row.fresh : null;
}

/** Inserts any events within a transaction, and gives those that were new. */
export async function insertAndRead(tx: Tx, rows: Rows): Promise<JournalRow[]> {
  const read = await tx.query<JournalRow>({
    name: 'journal-append-and-read',
    text: `${INCOMING}${TAKEN_EACH}${KEPT} SELECT seq, day, event::json AS event FROM taken`,
    values: valuesOf(rows),
  });
  return read.rows;
}

function valuesOf({ keys, at, receivedAt, events, classes, epoch }: Rows) {
  return [...[keys, at, receivedAt].map((items) => `{${items}}`), events, `{${classes}}`, epoch];
}
