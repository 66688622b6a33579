import type { Policy } from '../../decide/decide.ts';
import { markActs, markLine } from '../../decide/handoff/mark-acts.ts';
import { MANAGER, NEXT_OWNER } from '../../decide/handoff/sla.ts';
import { managerOf, type Team } from '../../decide/handoff/team.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { insertActs } from '../save-scored.ts';
import { advanceRows, CLOCK_COLUMNS, type ClockRow, type Telling } from './clock-rows.ts';
import { type Times, tellOfCrossing } from './threads.ts';

export interface TellDeps {
  db: Db;
  policy: () => Policy;
  /** Business time, ms. */
  now: () => number;
  /** Real time, ms: for the outbox. */
  realNow: () => number;
}

/** Promises, or touches, of one transaction. */
const BATCH = 200;

/** What one look came to. */
export interface Looked {
  /** There may be more now. */
  more: boolean;
  /** Acts that were put into the outbox. */
  acts: number;
}

/**
 * Has the promises of accounts with new touches looked at. In one transaction with noting them: a process that dies leaves
 * them new.
 */
export function noteTouches({ db }: Pick<TellDeps, 'db'>): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const claimed = await tx.query<{ account: string }>({
      name: 'touches-claim',
      text: `UPDATE touches SET noted = true WHERE (connection, id) IN (
               SELECT connection, id FROM touches WHERE NOT noted LIMIT $1 FOR UPDATE SKIP LOCKED)
             RETURNING account`,
      values: [BATCH],
    });
    if (claimed.rows.length > 0) {
      await tx.query({
        name: 'touches-clocks',
        text: `WITH theirs AS (
                 SELECT account, model, tier, n FROM clocks WHERE account = ANY($1::uuid[]) ORDER BY 1, 2, 3, 4 FOR UPDATE)
               UPDATE clocks SET next_at = '-infinity' FROM theirs
               WHERE (clocks.account, clocks.model, clocks.tier, clocks.n) = (theirs.account, theirs.model, theirs.tier, theirs.n)`,
        values: [[...new Set(claimed.rows.map(({ account }) => account))]],
      });
    }
    return claimed.rows.length === BATCH;
  });
}

/**
 * Takes account of what happened to promises, and tells what is due of them: a mark and the acts that it makes exist together or not at all (I6). Who else is at it takes
 * others. A touch that came in meanwhile is seen first.
 */
export function tellMarks(deps: TellDeps): Promise<Looked> {
  const { db } = deps;
  const now = deps.now();
  return inTransaction(db, async (tx) => {
    const due = await tx.query<ClockRow & { key: string }>({
      name: 'clocks-claim',
      text: `SELECT ${CLOCK_COLUMNS}, accounts.key FROM clocks JOIN accounts ON accounts.id = clocks.account
             WHERE next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE OF clocks SKIP LOCKED`,
      values: [isoInstant(now), BATCH],
    });
    const keys = new Map(due.rows.map(({ account, key }) => [account, key]));
    const told = await advanceRows(tx, due.rows, now);
    const acts = told.flatMap((telling) => actsOf(deps, telling, keys.get(telling.row.account) ?? '', now));
    const times = { now, realNow: deps.realNow() };
    await insertActs(tx, acts, times);
    const alerts = await tellInSlack(tx, deps.policy().handoff.team, told, times);
    return { more: due.rows.length === BATCH, acts: acts.length + alerts };
  });
}

/** The same marks in the conversations about the accounts, where there are any. */
async function tellInSlack(tx: Tx, team: Team, told: readonly Telling[], times: Times): Promise<number> {
  let alerts = 0;
  for (const { row, marks } of told) {
    for (const mark of marks) {
      const owner = mark === 'escalated' ? whomToTell(row, team) : null;
      const line = markLine(mark, row.due_at.getTime());
      alerts += await tellOfCrossing(tx, row, { what: mark, line, owner }, times);
    }
  }
  return alerts;
}

/** E-mail of whoever hears of it beside the owner; null: nobody else, or it is not known yet who. */
function whomToTell({ escalate_to: to, owner }: ClockRow, team: Team): string | null {
  if (to === MANAGER) {
    return owner === null ? null : managerOf(team, owner);
  }
  return to === NEXT_OWNER ? null : to;
}

function actsOf({ policy }: TellDeps, { row, marks }: Telling, account: string, now: number) {
  const { model, tier, n, due_at: due, escalate_to: escalateTo } = row;
  const told = { account, model, tier, n, dueAt: due.getTime(), escalateTo };
  return marks
    .flatMap((mark) => markActs(policy(), told, mark, now))
    .map((act) => ({ account: row.account, act, prompt: false }));
}
