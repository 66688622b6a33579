import type { RefusedConfiguration } from '../read-model/status.ts';
import type { Db } from './db.ts';

/** How long (ms) a refusal counts that its process no longer repeats: a process that was killed takes nothing back. */
const REMEMBERED = 60_000;

/** Says, for all who look, that a process goes on with an older configuration; null takes it back. */
export async function saveRefused(
  db: Db,
  process: string,
  refused: Omit<RefusedConfiguration, 'process'> | null,
  realNow: number,
): Promise<void> {
  const stale = new Date(realNow - REMEMBERED);
  await db.query('DELETE FROM refused_configurations WHERE process = $1 OR seen_at < $2', [process, stale]);
  if (refused !== null) {
    await db.query(
      `INSERT INTO refused_configurations (process, since, seen_at, problems) VALUES ($1, $2, $3, $4)
       ON CONFLICT (process) DO NOTHING`,
      [process, refused.since, new Date(realNow), JSON.stringify(refused.problems)],
    );
  }
}

export async function listRefused(db: Db, realNow: Date): Promise<RefusedConfiguration[]> {
  const rows = await db.query<Omit<RefusedConfiguration, 'since'> & { since: Date }>(
    'SELECT process, since, problems FROM refused_configurations WHERE seen_at >= $1 ORDER BY process',
    [new Date(realNow.getTime() - REMEMBERED)],
  );
  return rows.rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}
