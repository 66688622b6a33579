import type { BulkJobStatus, StoreStatus } from '../../read-model/status.ts';
import { type Priority, viewOf } from '../../sync/budget.ts';
import { knownDays } from '../budgets.ts';
import type { Db } from '../db.ts';
import { feedStatus, passStatus } from '../reads/report.ts';
import { listRefused } from '../refused.ts';
import { forgettingStatus } from './forgettings.ts';
import { journalReach } from './journal.ts';
import { unassignedStatus } from './unassigned.ts';

/** `now`: business time, for what is overdue. `plan`: hash of the signal plan in force; null: unknown, nobody counts as stale. */
export async function storeStatus(
  db: Db,
  now: Date,
  plan: string | null,
  realNow = new Date(),
): Promise<StoreStatus> {
  const counts = await db.query<{
    events: number;
    unfolded: number;
    oldest: Date | null;
    quarantined: number;
    refused: number;
    total: number;
    dirty: number;
    overdue: number;
    refold: number;
    contested: number;
  }>(
    `SELECT (SELECT count(*) FROM event_keys WHERE twin_of IS NULL) AS events,
            (SELECT count(*) FROM inbox) AS unfolded,
            (SELECT min(received_at) FROM inbox) AS oldest,
            (SELECT count(*) FROM quarantine WHERE state = 'open') AS quarantined,
            (SELECT coalesce(sum(refused), 0)::bigint FROM forgotten) AS refused,
            (SELECT count(*) FROM accounts) AS total,
            (SELECT count(*) FROM dirty_accounts) AS dirty,
            (SELECT count(*) FROM scores WHERE valid_until <= $1 AND model = ANY(string_to_array(
              coalesce((SELECT value FROM settings WHERE name = 'models'), model), ','))) AS overdue,
            (SELECT count(*) FROM people WHERE plan < $2::text OR plan > $2) AS refold,
            (SELECT count(*) FROM domains WHERE claimants <> '{}') AS contested`,
    [now, plan],
  );
  const row = counts.rows[0];
  return {
    journal: {
      events: row?.events ?? 0,
      unfolded: row?.unfolded ?? 0,
      oldestUnfolded: row?.oldest?.toISOString() ?? null,
      quarantined: row?.quarantined ?? 0,
      ...(await forgettingStatus(db)),
      refused: row?.refused ?? 0,
      ...(await journalReach(db, plan)),
    },
    accounts: {
      total: row?.total ?? 0,
      dirty: row?.dirty ?? 0,
      overdue: row?.overdue ?? 0,
      refold: row?.refold ?? 0,
      contestedDomains: row?.contested ?? 0,
    },
    configuration: await configurationStatus(db, realNow),
    unassigned: await unassignedStatus(db),
    crm: await crmStatus(db, realNow),
  };
}

async function configurationStatus(db: Db, realNow: Date): Promise<StoreStatus['configuration']> {
  const refused = await listRefused(db, realNow);
  return { state: refused.length === 0 ? 'ok' : 'degraded', refused };
}

/** A pause is over once its time has come, whether or not anything was delivered since. */
async function crmStatus(db: Db, realNow: Date): Promise<StoreStatus['crm']> {
  const rows = await db.query<{
    crm: string;
    connection: string;
    paused_until: Date | null;
    paused_code: string | null;
    paused_reason: string | null;
    waiting: number;
    parked: number;
  }>(
    `SELECT c.crm, c.connection, c.paused_until, c.paused_code, c.paused_reason,
            count(*) FILTER (WHERE a.state = 'waiting') AS waiting,
            count(*) FILTER (WHERE a.state = 'parked') AS parked
     FROM connections c LEFT JOIN actions a ON a.connection = c.connection
     GROUP BY c.crm, c.connection, c.paused_until, c.paused_code, c.paused_reason ORDER BY c.crm`,
  );
  const [feeds, passes] = [await feedStatus(db), await passStatus(db)];
  const [jobs, days] = [await runningBulkJobs(db), await knownDays(db)];
  const found: StoreStatus['crm'] = {};
  for (const { crm, connection, waiting, parked, paused_until: until, ...row } of rows.rows) {
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
      held: budget.held.length === 0 ? 0 : await heldActs(db, connection, budget.held),
    };
  }
  return found;
}

/** How many acts wait that priorities held back cover. */
async function heldActs(db: Db, connection: string, held: readonly Priority[]): Promise<number> {
  const rows = await db.query<Record<Priority, number>>(
    `WITH acts AS (SELECT account FROM actions WHERE connection = $1 AND state = 'waiting' AND kind <> 'fields')
     SELECT count(*) FILTER (WHERE kind <> 'fields') AS act,
            count(*) FILTER (WHERE kind = 'fields' AND account IN (SELECT account FROM acts)) AS hot,
            count(*) FILTER (WHERE kind = 'fields' AND account NOT IN (SELECT account FROM acts)) AS mass
     FROM actions WHERE connection = $1 AND state = 'waiting'`,
    [connection],
  );
  const [counts] = rows.rows;
  return held.reduce((sum, priority) => sum + (counts?.[priority] ?? 0), 0);
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
