import type { Db } from '../db.ts';

/** Days (UTC, `2026-03-02`) on which tasks of ours were due and nothing else is known to have happened, by account. */
export async function ownTaskDays(
  db: Db,
  connection: string,
  accounts: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db.query<{ account: string; days: string[] }>({
    name: 'own-task-days',
    text: `SELECT account, array_agg(day) AS days FROM (
             SELECT account, to_char(to_timestamp((payload ->> 'dueAt')::double precision / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
             FROM actions WHERE connection = $1 AND kind = 'task' AND account = ANY($2::uuid[])
             EXCEPT
             SELECT account, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM touches
             WHERE connection = $1 AND kind <> 'task' AND account = ANY($2::uuid[])
           ) AS own GROUP BY account`,
    values: [connection, accounts],
  });
  return new Map(rows.rows.map(({ account, days }) => [account, days]));
}
