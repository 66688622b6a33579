import type { BulkJobStatus, StoreStatus } from '../../read-model/status.ts';
import { type Priority, viewOf } from '../../sync/budget.ts';
import { knownDays } from '../budgets.ts';
import type { Db } from '../db.ts';
import { digestStatus } from '../handoff/digests.ts';
import { feedStatus, passStatus } from '../reads/report.ts';
import { listRefused } from '../refused.ts';
import { countAll } from './counts.ts';
import { forgettingStatus } from './forgettings.ts';
import { journalReach } from './journal.ts';
import { unassignedStatus } from './unassigned.ts';

/** Rows that are looked at for one figure: a status costs the same however large the tables have grown. */
export const COUNTED_UP_TO = 100_000;

/** `now`: business time, for what is overdue. `plan`: hash of the signal plan in force; null: unknown, nobody counts as stale. */
export async function storeStatus(
  db: Db,
  now: Date,
  plan: string | null,
  realNow = new Date(),
  cap = COUNTED_UP_TO,
): Promise<StoreStatus> {
  const { events, unfolded, oldest, quarantined, refused, ...counts } = await countAll(db, {
    now,
    plan,
    cap,
  });
  const { total, dirty, overdue, refold, contested } = counts;
  return {
    countedUpTo: cap,
    journal: {
      events,
      unfolded,
      oldestUnfolded: oldest?.toISOString() ?? null,
      quarantined,
      ...(await forgettingStatus(db)),
      refused,
      ...(await journalReach(db, plan)),
    },
    accounts: { total, dirty, overdue, refold, contestedDomains: contested },
    configuration: await configurationStatus(db, realNow),
    digests: await digestStatus(db, realNow.getTime()),
    unassigned: await unassignedStatus(db),
    crm: await crmStatus(db, realNow, cap),
  };
}

async function configurationStatus(db: Db, realNow: Date): Promise<StoreStatus['configuration']> {
  const refused = await listRefused(db, realNow);
  return { state: refused.length === 0 ? 'ok' : 'degraded', refused };
}

/** A pause is over once its time has come, whether or not anything was delivered since. */
async function crmStatus(db: Db, realNow: Date, cap: number): Promise<StoreStatus['crm']> {
  const rows = await db.query<{
    crm: string;
    connection: string;
    paused_until: Date | null;
    paused_code: string | null;
    paused_reason: string | null;
    waiting: number;
    parked: number;
    gathering: number;
  }>(
    `SELECT c.crm, c.connection, c.paused_until, c.paused_code, c.paused_reason,
            least($1,
              (SELECT count(*) FROM (SELECT 1 FROM actions a WHERE a.connection = c.connection
                 AND state = 'waiting' AND bulk_job IS NULL LIMIT $1) AS free) +
              (SELECT count(*) FROM (SELECT 1 FROM actions a WHERE a.connection = c.connection
                 AND state = 'waiting' AND bulk_job IS NOT NULL LIMIT $1) AS owned)) AS waiting,
            (SELECT count(*) FROM (SELECT 1 FROM actions a WHERE a.connection = c.connection
               AND state = 'parked' LIMIT $1) AS few) AS parked,
            CASE WHEN c.crm = 'slack' THEN (SELECT count(*) FROM (SELECT 1 FROM actions a WHERE a.connection = c.connection
               AND a.kind = 'alert' AND state = 'waiting' AND bulk_job IS NULL AND code IN ('rolling_up', 'awaiting_sync') LIMIT $1) AS few)
               ELSE 0 END AS gathering
     FROM connections c ORDER BY c.crm`,
    [cap],
  );
  const [feeds, passes] = [await feedStatus(db), await passStatus(db, cap)];
  const [jobs, days] = [await runningBulkJobs(db), await knownDays(db)];
  const found: StoreStatus['crm'] = {};
  for (const { crm, connection, waiting, parked, gathering, paused_until: until, ...row } of rows.rows) {
    const paused = until !== null && until > realNow;
    const budget = viewOf(days.get(crm) ?? null, realNow.getTime());
    found[crm] = {
      connection,
      waiting,
      parked,
      paused: paused ? `until ${until.toISOString()}: ${row.paused_reason}` : null,
      pausedBy: paused ? row.paused_code : null,
      budget,
      reads: feeds.get(connection) ?? {},
      reconciliation: passes.get(connection) ?? null,
      bulkJobs: jobs.get(connection) ?? [],
      held:
        budget.held.length === 0
          ? gathering
          : Math.max(0, waiting - (await goingOn(db, connection, cap, budget.held))),
    };
  }
  return found;
}

/** How many of the acts that wait do not wait for the budget: few, since the mass is what is held back first. */
async function goingOn(db: Db, connection: string, cap: number, held: readonly Priority[]): Promise<number> {
  if (held.includes('act')) {
    return 0;
  }
  const rows = await db.query<{ act: number; hot: number }>(
    `WITH acts AS MATERIALIZED (
       (SELECT account FROM actions WHERE connection = $1 AND kind < 'fields' AND state = 'waiting' AND bulk_job IS NULL LIMIT $2)
       UNION ALL
       (SELECT account FROM actions WHERE connection = $1 AND kind > 'fields' AND state = 'waiting' AND bulk_job IS NULL LIMIT $2))
     SELECT (SELECT count(*) FROM acts) AS act,
            (SELECT count(*) FROM (SELECT DISTINCT account FROM acts) AS own JOIN actions USING (account)
             WHERE connection = $1 AND kind = 'fields' AND state = 'waiting') AS hot`,
    [connection, cap],
  );
  const { act = 0, hot = 0 } = rows.rows[0] ?? {};
  return held.includes('hot') ? act : act + hot;
}

async function runningBulkJobs(db: Db): Promise<Map<string, BulkJobStatus[]>> {
  const rows = await db.query<Omit<BulkJobStatus, 'since'> & { connection: string; since: Date }>(
    `SELECT connection, crm_job AS id, object, operation, state, rows, message, created_at AS since
     FROM bulk_jobs WHERE state <> 'ended' ORDER BY created_at, id`,
  );
  const grouped = Map.groupBy(rows.rows, ({ connection }) => connection);
  return new Map(
    [...grouped].map(([connection, jobs]) => [
      connection,
      jobs.map(({ connection: _connection, since, ...job }) => ({ ...job, since: since.toISOString() })),
    ]),
  );
}
