import { DAY, isoInstant } from '../../shared/time.ts';
import { type Db, slicesOfIds } from '../db.ts';

export interface ThinDeps {
  db: Db;
  /** Business time, ms. */
  now: () => number;
  /** Every change of a score, every promise of first contact, and who had an account, is kept for so many days. */
  historyDays: number;
  /** Quarantined events and what the program itself noted in the audit are kept for so many days. */
  days: number;
  life: { readonly stopping: boolean };
}

const WEEK = 7 * DAY;
/** How long (ms) touches and replies are kept. */
const TOUCHES = 180 * DAY;
const MARK = 'history_thinned_to';

/** Drops what nobody needs for ever and nothing else bounds. What was cut off goes on where it was. */
export async function thin(deps: ThinDeps): Promise<void> {
  await thinHistory(deps);
  const before = isoInstant(deps.now() - deps.days * DAY);
  const history = isoInstant(deps.now() - deps.historyDays * DAY);
  await deps.db.query('DELETE FROM assignments WHERE released_at < $1', [history]);
  await deps.db.query('DELETE FROM clocks WHERE crossed_at < $1', [history]);
  await deps.db.query('DELETE FROM quarantine WHERE received_at < $1', [before]);
  await deps.db.query('DELETE FROM audit WHERE at < $1 AND what = ANY($2)', [before, OWN_NOTES]);
  // Who of ours did what is employees' data: kept no longer than it is of use.
  await deps.db.query('DELETE FROM touches WHERE at < $1', [isoInstant(deps.now() - TOUCHES)]);
}

/** Lines of the audit that no person caused. What people decided stays. */
const OWN_NOTES = [
  'account merged',
  'domain moved',
  'domain contested',
  'not folded again',
  'crm link forgotten',
];

/**
 * Of weeks that lie further back than `historyDays`, keeps of each account and model the first row and the last, crossings, rows
 * with a note, changes of tier and of version, and the rows in force when a deal was made or closed (decision 30).
 */
async function thinHistory({ db, now, historyDays, life }: ThinDeps): Promise<void> {
  const end = now() - historyDays * DAY;
  for (let from = await thinnedTo(db); from !== null && from + WEEK <= end && !life.stopping; from += WEEK) {
    for (const { first, last } of slicesOfIds(1)) {
      await db.query(THIN, [isoInstant(from), isoInstant(from + WEEK), first, last]);
    }
    await db.query(
      `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [MARK, isoInstant(from + WEEK)],
    );
  }
}

/** Where thinning goes on: whole weeks since 1970; null: there is no history. */
async function thinnedTo(db: Db): Promise<number | null> {
  const rows = await db.query<{ at: string | Date | null }>(
    `SELECT coalesce((SELECT value FROM settings WHERE name = $1), (SELECT min(at)::text FROM score_history)) AS at`,
    [MARK],
  );
  const at = rows.rows[0]?.at ?? null;
  return at === null ? null : Math.floor(new Date(at).getTime() / WEEK) * WEEK;
}

const THIN = `WITH week AS (
    SELECT account, id, at, crossing, note, tier, version, lag(tier) OVER rows AS tier_before,
      lag(version) OVER rows AS version_before, lead(at) OVER rows AS until
    FROM score_history WHERE at >= $1 AND at < $2 AND account BETWEEN $3 AND $4
    WINDOW rows AS (PARTITION BY account, model ORDER BY at, id)
  ), deals AS (
    SELECT records.account, unnest(ARRAY[deals.created_at, deals.closes_at]) AS at
    FROM crm_deals deals JOIN crm_records records ON records.connection = deals.connection AND records.object = 'account'
      AND records.crm_id = deals.account_crm_id AND records.crm_id <> ''
    WHERE records.account BETWEEN $3 AND $4
  )
  DELETE FROM score_history USING week
  WHERE score_history.account = week.account AND score_history.id = week.id
    AND week.tier_before IS NOT NULL AND week.until IS NOT NULL AND week.crossing IS NULL AND week.note IS NULL
    AND week.tier = week.tier_before AND week.version = week.version_before
    AND NOT EXISTS (SELECT 1 FROM deals WHERE deals.account = week.account AND deals.at >= week.at AND deals.at < week.until)`;
