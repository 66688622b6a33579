import type { JournalReach } from '../../read-model/status.ts';
import { DAY, isoDate } from '../../shared/time.ts';
import type { Db } from '../db.ts';
import { dropsOn } from '../retention/journal.ts';
import { journalDays } from '../retention/partitions.ts';

/** How far back the journal reaches, what it takes on disk, and what was lost when days left it. */
export async function journalReach(db: Db, plan: string | null): Promise<JournalReach> {
  const days = await journalDays(db);
  const rows = await db.query<{ bytes: number; through: string | null; kept: number | null }>(
    `SELECT (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint FROM pg_inherits
             WHERE inhparent = 'events'::regclass) AS bytes, through, days AS kept FROM journal_retention`,
  );
  const row = rows.rows[0];
  const through = row?.through ?? null;
  const first = firstHeld(days[0] ?? null, through);
  return {
    days: days.length,
    first,
    bytes: row?.bytes ?? 0,
    nextDrop: first === null || row?.kept == null ? null : dropsOn(first, row.kept),
    through,
    lost: through === null ? [] : await lostSignals(db, plan),
  };
}

/** Days that count by their bases may still have rows for a while. */
function firstHeld(first: string | null, through: string | null): string | null {
  return first !== null && through !== null && first <= through ? isoDate(Date.parse(through) + DAY) : first;
}

/** Tallies that count otherwise than when older events left the journal: they begin after that. */
async function lostSignals(db: Db, plan: string | null): Promise<string[]> {
  const rows = await db.query<{ tally: string }>(
    `SELECT DISTINCT tally.key AS tally FROM base_plans own CROSS JOIN json_each_text(own.definitions) AS tally
       JOIN base_plans other ON other.plan <> own.plan
     WHERE own.plan = $1 AND (other.definitions ->> tally.key) IS DISTINCT FROM tally.value
       AND EXISTS (SELECT 1 FROM base_states WHERE base_states.plan = other.plan)
     ORDER BY 1`,
    [plan],
  );
  return rows.rows.map(({ tally }) => tally);
}
