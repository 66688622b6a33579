import {
  advance,
  type Clock,
  type ClockEnd,
  MARKS,
  type Mark,
  nextMark,
  type Touch,
} from '../../decide/handoff/clock.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Tx } from '../db.ts';
import { OF_CROSSING } from './note-tasks.ts';

/** A promise as it is stored. */
export interface ClockRow {
  account: string;
  model: string;
  tier: string;
  n: number;
  crossed_at: Date;
  warn_at: Date;
  due_at: Date;
  escalate_at: Date | null;
  escalate_to: string | null;
  warned_at: Date | null;
  breached_at: Date | null;
  escalated_at: Date | null;
  touched_at: Date | null;
  touch: string | null;
  replied_at: Date | null;
  ended_at: Date | null;
  ended_why: ClockEnd | null;
  /** Who has the task, as the CRM names them; null: not known (yet). */
  owner: string | null;
}

export const CLOCK_COLUMNS = `clocks.account, model, tier, n, crossed_at, warn_at, due_at, escalate_at, escalate_to, warned_at,
  breached_at, escalated_at, touched_at, touch, replied_at, ended_at, ended_why, clocks.owner`;

/** What is told of a promise now. */
export interface Telling {
  row: ClockRow;
  marks: Mark[];
}

/**
 * Takes account of the touches of these promises, which the caller has locked, and of what is due now, and writes what
 * changed. What is to be told is the caller's to tell, in the same transaction.
 */
export async function advanceRows(tx: Tx, rows: readonly ClockRow[], now: number): Promise<Telling[]> {
  const touches = await touchesOf(tx, rows);
  const advanced = rows.map((row) => ({
    row,
    ...advance(clockOf(row), touches.get(row.account) ?? [], now),
  }));
  if (advanced.length > 0) {
    await tx.query({
      name: 'clocks-advance',
      text: `UPDATE clocks SET warned_at = row.warned_at, breached_at = row.breached_at, escalated_at = row.escalated_at,
               touched_at = row.touched_at, touch = row.touch, replied_at = row.replied_at, ended_at = row.ended_at,
               ended_why = row.ended_why, next_at = row.next_at
             FROM json_to_recordset($1) AS row (account uuid, model text, tier text, n integer, warned_at timestamptz,
               breached_at timestamptz, escalated_at timestamptz, touched_at timestamptz, touch text, replied_at timestamptz,
               ended_at timestamptz, ended_why text, next_at timestamptz)
             WHERE (clocks.account, clocks.model, clocks.tier, clocks.n) = (row.account, row.model, row.tier, row.n)`,
      values: [JSON.stringify(advanced.map(({ row, clock }) => ({ ...keyOf(row), ...changedOf(clock) })))],
    });
  }
  const met = advanced.filter(({ row, clock }) => row.touched_at === null && clock.touchedAt !== null);
  await withdrawMarks(
    tx,
    met.map(({ row }) => row),
  );
  return advanced.map(({ row, marks }) => ({ row, marks }));
}

/**
 * What was to be told of a promise that turns out to be met is told no more, as far as nobody has tried: a CRM that was away
 * would warn, or pass a task on, after somebody got in touch.
 */
async function withdrawMarks(tx: Tx, rows: readonly ClockRow[]): Promise<void> {
  const told = rows.filter((row) => row.warned_at !== null || row.breached_at !== null);
  if (told.length > 0) {
    await tx.query({
      name: 'clocks-withdraw',
      text: `UPDATE actions SET state = 'skipped', code = 'touched', reason = 'somebody got in touch meanwhile'
             FROM json_to_recordset($1) AS row (account uuid, model text, tier text, n integer)
             WHERE actions.account = row.account AND kind IN ('note', 'alert') AND state = 'waiting' AND first_tried_at IS NULL
               AND ${OF_CROSSING} AND key LIKE ANY($2::text[])`,
      values: [
        JSON.stringify(told.map(keyOf)),
        MARKS.flatMap((mark) => [`x:%"${mark}"]`, `a:%/${mark.replaceAll('_', '\\_')}`]),
      ],
    });
  }
}

function keyOf({ account, model, tier, n }: ClockRow) {
  return { account, model, tier, n };
}

function changedOf(clock: Clock) {
  return {
    warned_at: instant(clock.warnedAt),
    breached_at: instant(clock.breachedAt),
    escalated_at: instant(clock.escalatedAt),
    touched_at: instant(clock.touchedAt),
    touch: clock.touch,
    replied_at: instant(clock.repliedAt),
    ended_at: instant(clock.endedAt),
    ended_why: clock.endedWhy,
    next_at: instant(nextMark(clock)),
  };
}

function instant(at: number | null): string | null {
  return at === null ? null : isoInstant(at);
}

/** Of each account the first of each side since its oldest of these crossings, and so far. */
async function touchesOf(tx: Tx, rows: readonly ClockRow[]): Promise<Map<string, Touch[]>> {
  const found = await tx.query<Omit<Touch, 'at'> & { account: string; at: Date }>({
    name: 'clocks-touches',
    text: `SELECT touches.account, at, side, kind FROM json_to_recordset($1) AS row (account uuid, since timestamptz)
           JOIN touches ON touches.account = row.account AND at >= since ORDER BY at`,
    values: [JSON.stringify(sinceOf(rows))],
  });
  const touches = found.rows.map(({ at, ...touch }) => ({ ...touch, at: at.getTime() }));
  return Map.groupBy(touches, ({ account }) => account);
}

function sinceOf(rows: readonly ClockRow[]): { account: string; since: string }[] {
  return [...Map.groupBy(rows, ({ account }) => account)].map(([account, own]) => ({
    account,
    since: isoInstant(Math.min(...own.map(({ crossed_at: at }) => at.getTime()))),
  }));
}

/** As the pure part knows it. */
export function clockOf(row: ClockRow): Clock {
  return {
    crossedAt: row.crossed_at.getTime(),
    warnAt: row.warn_at.getTime(),
    dueAt: row.due_at.getTime(),
    escalateAt: ms(row.escalate_at),
    warnedAt: ms(row.warned_at),
    breachedAt: ms(row.breached_at),
    escalatedAt: ms(row.escalated_at),
    touchedAt: ms(row.touched_at),
    touch: row.touch,
    repliedAt: ms(row.replied_at),
    endedAt: ms(row.ended_at),
    endedWhy: row.ended_why,
  };
}

function ms(at: Date | null): number | null {
  return at?.getTime() ?? null;
}
