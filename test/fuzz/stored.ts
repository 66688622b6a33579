import type { Db } from '../../src/store/db.ts';

/** Which of the marks stand neither in an event nor in quarantine. */
export async function missingMarks(db: Db, acknowledged: ReadonlySet<string>): Promise<string[]> {
  const found = await db.query<{ mark: string }>(
    `SELECT DISTINCT (regexp_matches(event::text, 'fz-\\d+-\\d+', 'g'))[1] AS mark FROM events
     UNION SELECT DISTINCT (regexp_matches(raw || ' ' || coalesce(message_id, ''), 'fz-\\d+-\\d+', 'g'))[1] FROM quarantine`,
  );
  const stored = new Set(found.rows.map(({ mark }) => mark));
  return [...acknowledged].filter((mark) => !stored.has(mark));
}
