import type { ProductEvent } from '../../events/event.ts';
import { HOUR } from '../../shared/time.ts';
import { plainArray, type Tx } from '../db.ts';
import { type EventRow, readRow } from '../event-row.ts';

/** A journal row on its way into the fold. */
export interface ClaimedEvent {
  seq: number;
  day: string;
  event: ProductEvent;
}

/** The same as the journal has it. */
export type JournalRow = Omit<ClaimedEvent, 'event'> & { event: EventRow };

/** A journal row as far as the inbox and the index know it. */
export type Row = Pick<ClaimedEvent, 'seq' | 'event'>;

/** Of what happened longer before it was received than this (ms) nobody waits for the score: a backfill, a device that was offline. */
const LATE = HOUR;

/** Classes of waiting events, each with its turn: by vendor, those that happened just now, then those that are late. */
export const CLASSES = ['s', 'a', 'S', 'A'];

/** Whose turn an event waits for. */
export function classOf({ vendor, at, receivedAt }: ProductEvent): string {
  const letter = vendor.charAt(0);
  return receivedAt - at > LATE ? letter.toUpperCase() : letter;
}

/** Events of one class whose numbers follow each other, all waiting. */
interface Run {
  class: string;
  first: number;
  last: number;
  day: string;
  received_at: Date;
}

/**
 * Takes up to `limit` unfolded events out of the inbox, for as long as the transaction lasts or for ever: of each class that has some
 * waiting an equal share, and what one does not need goes to the others, those that happened just now first. Within a class first
 * come, first served. Runs that another worker holds are passed over; runs that commit late are found whenever they appear (never
 * "after the last"). Of a run that is too long its beginning is taken.
 */
export async function claimInbox(tx: Tx, limit: number): Promise<ClaimedEvent[]> {
  for (;;) {
    const runs = await takeRuns(tx, limit);
    const events = await readRuns(tx, runs);
    // Of forgotten people a run may be all that is left.
    if (events.length > 0 || runs.length === 0) {
      return events;
    }
  }
}

async function takeRuns(tx: Tx, limit: number): Promise<Run[]> {
  const waiting = await lengths(tx);
  const taken: Run[] = [];
  let room = limit;
  for (const share of [Math.ceil(limit / Math.max(1, waiting.size)), limit]) {
    for (const [name, length] of waiting) {
      const most = Math.min(share, room);
      const { runs, isAll } = most > 0 ? await takeOfClass(tx, name, most, length) : NONE;
      taken.push(...runs);
      room -= eventsIn(runs);
      // Deleting what a Map is gone through for is allowed, and the second time round only what is left is asked for.
      if (isAll) {
        waiting.delete(name);
      }
    }
  }
  return taken;
}

/** `isAll`: no more of the class is to be had now. */
interface Taken {
  runs: Run[];
  isAll: boolean;
}

const NONE: Taken = { runs: [], isAll: false };

/** Runs that are looked at to see how many fill a share. */
const SAMPLE = 50;

/** How long the runs are, on average of the first, by class; of those classes that have some, in their order. */
async function lengths(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx.query<{ class: string; length: number }>({
    name: 'fold-waiting',
    text: `SELECT name AS class, length FROM unnest($1::"char"[]) WITH ORDINALITY AS class (name, place) CROSS JOIN LATERAL (
             SELECT avg(last - first + 1)::float8 AS length FROM (
               SELECT first, last FROM inbox_runs WHERE class BETWEEN name AND name ORDER BY class, first LIMIT $2
             ) AS sample
           ) AS sampled WHERE length IS NOT NULL ORDER BY place`,
    values: [plainArray(CLASSES), SAMPLE],
  });
  return new Map(rows.rows.map((row) => [row.class, row.length]));
}

/** The oldest events of one class. Asked for as a range and ordered by, which only the primary key can serve. */
async function takeOfClass(tx: Tx, name: string, most: number, length: number): Promise<Taken> {
  const enough = Math.ceil(most / length);
  const rows = await tx.query<Run>({
    name: 'fold-claim',
    text: `DELETE FROM inbox_runs USING (
             SELECT class, first FROM inbox_runs WHERE class BETWEEN $1::"char" AND $1::"char"
             ORDER BY class, first LIMIT $2 FOR UPDATE SKIP LOCKED
           ) AS oldest WHERE inbox_runs.class = oldest.class AND inbox_runs.first = oldest.first
           RETURNING inbox_runs.class, inbox_runs.first, last, day, received_at`,
    values: [name, enough],
  });
  const runs: Run[] = [];
  const left: Run[] = [];
  let room = most;
  for (const run of rows.rows.sort((a, b) => a.first - b.first)) {
    const end = Math.min(run.last, run.first + room - 1);
    if (end >= run.first) {
      runs.push({ ...run, last: end });
      room -= end - run.first + 1;
    }
    if (end < run.last) {
      left.push({ ...run, first: end + 1 });
    }
  }
  await putBack(tx, left);
  return { runs, isAll: rows.rows.length < enough };
}

async function putBack(tx: Tx, runs: readonly Run[]): Promise<void> {
  if (runs.length > 0) {
    await tx.query({
      name: 'fold-put-back',
      text: `INSERT INTO inbox_runs (class, first, last, day, received_at)
             SELECT * FROM unnest($1::"char"[], $2::bigint[], $3::bigint[], $4::date[], $5::timestamptz[])`,
      values: [
        plainArray(runs.map((run) => run.class)),
        plainArray(runs.map(({ first }) => first)),
        plainArray(runs.map(({ last }) => last)),
        plainArray(runs.map(({ day }) => day)),
        plainArray(runs.map(({ received_at }) => received_at.toISOString())),
      ],
    });
  }
}

function eventsIn(runs: readonly Run[]): number {
  return runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The events of runs. Those of forgotten people are gone from the journal, and are missing here. */
async function readRuns(tx: Tx, runs: readonly Run[]): Promise<ClaimedEvent[]> {
  if (runs.length === 0) {
    return [];
  }
  const rows = await tx.query<JournalRow>({
    name: 'fold-read',
    // Each run by a range of the primary key, asked for in its order: as a join the planner may read a day's journal whole.
    text: `SELECT events.* FROM unnest($1::date[], $2::bigint[], $3::bigint[]) AS run (day, first, last) CROSS JOIN LATERAL (
             SELECT seq, day, event FROM events WHERE events.day BETWEEN run.day AND run.day AND seq BETWEEN first AND last
             ORDER BY events.day, seq LIMIT last - first + 1) AS events`,
    values: [
      plainArray(runs.map(({ day }) => day)),
      plainArray(runs.map(({ first }) => first)),
      plainArray(runs.map(({ last }) => last)),
    ],
  });
  return rows.rows.map(readRow);
}

/**
 * Takes single events out of the inbox that no claim of this transaction took: set aside, folded otherwise, or gone from the journal.
 * What is left of their runs goes on waiting. Waits for whoever is folding one of them.
 */
export async function leaveInbox(tx: Tx, gone: readonly Row[]): Promise<void> {
  await tx.query({
    name: 'fold-leave',
    text: `WITH gone AS (SELECT * FROM unnest($1::"char"[], $2::bigint[]) AS one (class, seq)
           ), hit AS (
             DELETE FROM inbox_runs run WHERE EXISTS (
               SELECT 1 FROM gone WHERE gone.class = run.class AND seq BETWEEN first AND last) RETURNING run.*
           ), others AS (
             SELECT hit.class, day, received_at, seq, seq - row_number() OVER (PARTITION BY hit.class, first ORDER BY seq) AS run
             FROM hit, generate_series(first, last) AS seq
             WHERE NOT EXISTS (SELECT 1 FROM gone WHERE gone.class = hit.class AND gone.seq = seq.seq)
           )
           INSERT INTO inbox_runs (class, first, last, day, received_at)
           SELECT class, min(seq), max(seq), day, received_at FROM others GROUP BY class, day, received_at, run`,
    values: [plainArray(gone.map(({ event }) => classOf(event))), plainArray(gone.map(({ seq }) => seq))],
  });
}
