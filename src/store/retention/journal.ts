import type { FoldRules } from '../../accounts/person.ts';
import { DAY, isoDate, isoInstant, MINUTE } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { type EventRow, fromRow, readRow } from '../event-row.ts';
import { dropIds } from '../fold/event-ids.ts';
import { lockIdentities } from '../fold/identities.ts';
import { ensureAhead, journalDays, partitionOf } from './partitions.ts';
import { saveEvents } from './save-day.ts';

export interface RetentionDeps {
  db: Db;
  rules: () => FoldRules;
  /** Business time, ms. */
  now: () => number;
  /** Real time, ms. */
  realNow: () => number;
  /** How long events can be told from their repeats, in days. */
  days: number;
  life: { readonly stopping: boolean };
}

/** Events of one transaction. */
const CHUNK = 500;

/** An event may be dated a day ahead of its receipt, and a day's partition ends a day after it began. */
const MARGIN = 2;

/**
 * How long (ms, real time) rows stay of which readers need none any more: whoever began before the switch has ended by then.
 */
const GRACE = 10 * MINUTE;

/** The last day (ISO date) that may leave the journal: no repeat of its events would be taken for new any more. */
function lastDroppable(now: number, days: number): string {
  return isoDate(now - (days + MARGIN) * DAY);
}

/** The day (ISO date) on which a day leaves the journal. */
export function dropsOn(day: string, days: number): string {
  return isoDate(Date.parse(day) + (days + MARGIN) * DAY);
}

/**
 * Makes partitions ahead, and lets the oldest days leave the journal, in three steps of which each may be cut off anywhere
 * and is taken up by whoever comes next: the day's events go into bases, some in each transaction; the day counts by its
 * bases from one instant on; its keys and rows go some minutes later. Several processes may do this at once: whoever does not
 * get the row of `journal_retention` leaves.
 */
export async function keepJournal(deps: RetentionDeps): Promise<void> {
  await ensureAhead(deps.db, deps.now());
  await dropSaved(deps);
  while (!deps.life.stopping && (await inTransaction(deps.db, (tx) => saveSome(tx, deps)))) {
    // until no day is old enough
  }
  await dropSaved(deps);
}

interface State {
  through: string | null;
  switched_at: Date | null;
  saving: string | null;
  cursor: number;
}

/** null: another process is at it. */
async function claimState(tx: Tx): Promise<State | null> {
  const rows = await tx.query<State>(
    'SELECT through, switched_at, saving, cursor FROM journal_retention FOR UPDATE SKIP LOCKED',
  );
  return rows.rows[0] ?? null;
}

/** Saves the next events of the oldest day; false: nothing is to be done, or somebody else does it. */
async function saveSome(tx: Tx, deps: RetentionDeps): Promise<boolean> {
  const state = await claimState(tx);
  const day = state === null ? null : (state.saving ?? (await nextDay(tx, deps, state)));
  if (state === null || day === null) {
    return false;
  }
  // An alias that is being learned meanwhile would change whose these events are.
  await lockIdentities(tx, []);
  const after = state.saving === null ? 0 : state.cursor;
  const rows = await tx.query<{ seq: number; event: EventRow }>(
    'SELECT seq, event FROM events WHERE day = $1 AND seq > $2 ORDER BY seq LIMIT $3',
    [day, after, CHUNK],
  );
  const last = rows.rows.at(-1);
  if (last === undefined) {
    await tx.query('UPDATE journal_retention SET through = $1, switched_at = $2, saving = NULL, cursor = 0', [
      day,
      isoInstant(deps.realNow()),
    ]);
  } else {
    await saveEvents(
      tx,
      deps.rules(),
      day,
      rows.rows.map((row) => fromRow(row.event)),
    );
    await tx.query('UPDATE journal_retention SET saving = $1, cursor = $2', [day, last.seq]);
  }
  return true;
}

/** The oldest day that is old enough and has nothing left to fold. The earlier of both clocks counts: one may be far ahead. */
async function nextDay(tx: Tx, { now, days }: RetentionDeps, { through }: State): Promise<string | null> {
  const clock = await tx.query<{ now: Date }>('SELECT now() AS now');
  const last = lastDroppable(Math.min(now(), clock.rows[0]?.now.getTime() ?? 0), days);
  const day = (await journalDays(tx)).find((one) => one <= last && (through === null || one > through));
  if (day === undefined) {
    return null;
  }
  const waiting = await tx.query('SELECT 1 FROM inbox_runs WHERE day <= $1 LIMIT 1', [day]);
  return (waiting.rowCount ?? 0) > 0 ? null : day;
}

/** Removes the rows of days that count by their bases. */
async function dropSaved(deps: RetentionDeps): Promise<void> {
  const rows = await deps.db.query<{ through: string | null }>('SELECT through FROM journal_retention');
  const through = rows.rows[0]?.through ?? '';
  for (const day of (await journalDays(deps.db)).filter((one) => one <= through)) {
    await dropDay(deps, day);
  }
}

/** SQLSTATE: somebody is reading the journal and would have kept us, and all senders behind us, waiting. */
const LOCK_NOT_AVAILABLE = '55P03';

async function dropDay(deps: RetentionDeps, day: string): Promise<void> {
  try {
    for (let after: number | null = 0; after !== null && !deps.life.stopping; ) {
      const from: number = after;
      after = await inTransaction(deps.db, (tx) => dropSome(tx, deps, day, from));
    }
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) {
      throw error;
    }
  }
}

/** Removes keys and index rows of some of the day's events, at the end the day; gives where it goes on, null: nowhere. */
async function dropSome(tx: Tx, deps: RetentionDeps, day: string, after: number): Promise<number | null> {
  const state = await claimState(tx);
  const ready =
    state?.through != null &&
    day <= state.through &&
    (state.switched_at?.getTime() ?? 0) + GRACE <= deps.realNow();
  if (!ready) {
    return null;
  }
  const rows = await tx.query<{ seq: number; key: string; event: EventRow }>(
    'SELECT seq, key, event FROM events WHERE day = $1 AND seq > $2 ORDER BY seq LIMIT $3',
    [day, after, CHUNK * 10],
  );
  const last = rows.rows.at(-1);
  if (last === undefined) {
    await dropPartition(tx, day);
    return null;
  }
  await tx.query('DELETE FROM event_keys WHERE key = ANY($1::uuid[])', [rows.rows.map(({ key }) => key)]);
  await dropIds(tx, rows.rows.map(readRow));
  return last.seq;
}

/** Waits briefly for whoever is reading, and lets the next pass do it if that takes longer: senders wait behind us. */
async function dropPartition(tx: Tx, day: string): Promise<void> {
  await tx.query('DELETE FROM event_keys WHERE twin_of IS NOT NULL AND day <= $1', [day]);
  await tx.query(
    `DELETE FROM base_states old USING base_states new
     WHERE new.day = $1 AND old.ref = new.ref AND old.day < new.day`,
    [day],
  );
  await tx.query(`SET LOCAL lock_timeout = '500ms'`);
  // Another process may have been first between our look at the days and our claim.
  await tx.query(`DROP TABLE IF EXISTS ${partitionOf(day)}`);
}
