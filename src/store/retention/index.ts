import { isoInstant, MINUTE } from '../../shared/time.ts';
import { notePlan } from '../fold/bases.ts';
import { keepJournal, type RetentionDeps } from './journal.ts';
import { type ThinDeps, thin } from './thin.ts';

/** How often (ms, real time) something is looked for that is old enough. */
const EVERY = 10 * MINUTE;

/** What is kept for how long. */
export type RetainDeps = RetentionDeps & ThinDeps;

/** Lets go of what is old, if nobody looked for it in the last ten minutes. */
export async function retain(deps: RetainDeps): Promise<void> {
  const claimed = await deps.db.query(
    'UPDATE journal_retention SET next_at = $2, days = $3 WHERE next_at <= $1',
    [isoInstant(deps.realNow()), isoInstant(deps.realNow() + EVERY), deps.days],
  );
  if (claimed.rowCount === 1) {
    await notePlan(deps.db, deps.rules().plan);
    await keepJournal(deps);
    await thin(deps);
  }
}
