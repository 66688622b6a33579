import type { SlaClock } from '../../decide/handoff/sla-report.ts';
import type { ClockFilter, SlaCounts } from '../../read-model/sla.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Db } from '../db.ts';
import { CLOCK_COLUMNS, type ClockRow, clockOf } from './clock-rows.ts';

interface Row extends ClockRow {
  key: string;
  name: string | null;
  rule: string;
  route: string;
  owner: string | null;
  received_at: Date | null;
  made_at: Date | null;
}

/** Of more promises than that the newest count. */
const MOST = 50_000;

const SHOWN = `SELECT ${CLOCK_COLUMNS}, accounts.key, accounts.name, rule, route, clocks.owner, received_at, made_at
  FROM clocks JOIN accounts ON accounts.id = clocks.account`;

/** Promises since then, and all that run, newest first. */
export async function listClocks(db: Db, { owner, tier, since }: ClockFilter): Promise<SlaClock[]> {
  const rows = await db.query<Row>(
    `${SHOWN} WHERE (crossed_at >= $1 OR ended_at IS NULL) AND ($2::text IS NULL OR lower(clocks.owner) = lower($2))
       AND ($3::text IS NULL OR tier = $3)
     ORDER BY crossed_at DESC LIMIT ${MOST}`,
    [isoInstant(since), owner, tier],
  );
  return rows.rows.map(shownClock);
}

/** Those of one account, newest first. */
export async function clocksOf(db: Db, account: string, limit: number): Promise<SlaClock[]> {
  const rows = await db.query<Row>(`${SHOWN} WHERE clocks.account = $1 ORDER BY crossed_at DESC LIMIT $2`, [
    account,
    limit,
  ]);
  return rows.rows.map(shownClock);
}

function shownClock(row: Row): SlaClock {
  const { key: account, name, model, tier, n, rule, route, owner } = row;
  return {
    ...clockOf(row),
    ...{ account, name, model, tier, n, rule, route, owner },
    receivedAt: row.received_at?.getTime() ?? null,
    madeAt: row.made_at?.getTime() ?? null,
  };
}

/** Promises that run, by how they stand at `now` (ms); no more than `cap` are looked at. */
export async function countClocks(db: Db, now: number, cap: number): Promise<SlaCounts> {
  const rows = await db.query<{ open: number; soon: number; breached: number }>(
    `SELECT count(*) FILTER (WHERE warn_at > $1) AS open,
            count(*) FILTER (WHERE warn_at <= $1 AND due_at > $1) AS soon,
            count(*) FILTER (WHERE due_at <= $1) AS breached
     FROM (SELECT warn_at, due_at FROM clocks WHERE ended_at IS NULL ORDER BY due_at LIMIT $2) AS running`,
    [isoInstant(now), cap],
  );
  const { open = 0, soon = 0, breached = 0 } = rows.rows[0] ?? {};
  return { open, dueSoon: soon, breached };
}
