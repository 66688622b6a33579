import { ACTIVITY } from '../../accounts/state.ts';
import {
  UNASSIGNED,
  type Unassigned,
  type UnassignedCount,
  type UnassignedPerson,
  type UnassignedReport,
  type UnassignedStatus,
} from '../../read-model/unassigned.ts';
import type { Db } from '../db.ts';

/** The status counts no further than this, so that it costs the same however many free users there are. */
export const STATUS_CAP = 10_000;

/** How many people stand in personal accounts, by reason; each counted up to `STATUS_CAP`. */
export async function unassignedStatus(db: Db): Promise<UnassignedStatus> {
  const rows = await db.query<{ why: Unassigned; people: number }>(
    `SELECT why, (SELECT count(*) FROM (SELECT 1 FROM parts WHERE parts.why = reason.why LIMIT $2) AS few) AS people
     FROM unnest($1::text[]) AS reason (why)`,
    [UNASSIGNED, STATUS_CAP],
  );
  const people = Object.fromEntries(rows.rows.map((row) => [row.why, row.people]));
  const ids = await db.query<{ events: number }>(NO_IDS);
  return {
    people: people as Record<Unassigned, number>,
    eventsWithoutIds: ids.rows[0]?.events ?? 0,
    countedUpTo: STATUS_CAP,
  };
}

/** Events that named nobody are no events of anybody: they wait in the quarantine, each with how often it came. */
const NO_IDS = `SELECT coalesce(sum(seen), 0)::bigint AS events FROM (
  SELECT seen FROM quarantine WHERE code = 'no_ids' AND state = 'open' LIMIT 10000) AS few`;

/** Track, page and screen calls of a part. */
const ACTIVITY_COUNT = `coalesce((part #>> '{signals,${ACTIVITY},count}')::bigint, 0)`;

/** Everything counted exactly, and the newest `limit` people of one reason, or of all. Reads every unassigned part. */
export async function unassignedReport(
  db: Db,
  why: Unassigned | null,
  limit: number,
): Promise<UnassignedReport> {
  const [counts, ids, people, domains] = await Promise.all([
    countAll(db),
    db.query<{ events: number }>(NO_IDS),
    listPeople(db, why, limit),
    db.query<{ domain: string; accounts: string[]; people: number }>(
      `SELECT domain, claimants AS accounts,
              (SELECT count(*) FROM parts WHERE parts.domain = domains.domain AND via = 'domain') AS people
       FROM domains WHERE claimants <> '{}' ORDER BY domain LIMIT $1`,
      [limit],
    ),
  ]);
  return { counts, eventsWithoutIds: ids.rows[0]?.events ?? 0, people, contestedDomains: domains.rows };
}

async function countAll(db: Db): Promise<UnassignedCount[]> {
  const rows = await db.query<UnassignedCount>(
    `SELECT why, count(*) AS people, sum(${ACTIVITY_COUNT})::bigint AS events
     FROM parts WHERE why IS NOT NULL GROUP BY why`,
  );
  const byWhy = new Map(rows.rows.map((row) => [row.why, row]));
  return UNASSIGNED.map((why) => byWhy.get(why) ?? { why, people: 0, events: 0 });
}

async function listPeople(db: Db, why: Unassigned | null, limit: number): Promise<UnassignedPerson[]> {
  const rows = await db.query<Omit<UnassignedPerson, 'lastSeen'> & { lastSeen: Date | null }>(
    `SELECT accounts.key AS account, substr(people.ref, 3) AS person, why,
            part #>> '{traits,email,set,value}' AS email, accounts.last_seen AS "lastSeen",
            ${ACTIVITY_COUNT} AS events
     FROM parts JOIN people ON people.id = parts.person JOIN accounts ON accounts.id = parts.account
     WHERE why IS NOT NULL AND ($1::text IS NULL OR why = $1)
     ORDER BY accounts.last_seen DESC NULLS LAST, accounts.key LIMIT $2`,
    [why, limit],
  );
  return rows.rows.map(({ lastSeen, ...row }) => ({ ...row, lastSeen: lastSeen?.toISOString() ?? null }));
}
