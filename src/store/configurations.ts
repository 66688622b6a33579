import { type Db, inTransaction } from './db.ts';
import { audit } from './fold/accounts.ts';
import { LOCKS } from './locks.ts';

const WHAT = 'configuration taken';

/**
 * Notes in the audit which files of the configuration folder changed, once for all processes that follow it.
 *
 * @param digests by file name: what stands in it, as a hash
 */
export async function noteConfiguration(
  db: Db,
  digests: Readonly<Record<string, string>>,
  now: number,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    // One at a time: processes that follow one folder take its change in the same second.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.configuration]);
    const rows = await tx.query<{ detail: { digests: Record<string, string> } }>(
      'SELECT detail FROM audit WHERE what = $1 ORDER BY id DESC LIMIT 1',
      [WHAT],
    );
    const before = rows.rows[0]?.detail.digests ?? {};
    const names = [...new Set([...Object.keys(before), ...Object.keys(digests)])].sort();
    const changed = names.filter((name) => before[name] !== digests[name]);
    if (changed.length > 0) {
      const first = rows.rows.length === 0;
      await audit(tx, WHAT, null, { changed: first ? ['(first start)'] : changed, digests }, now);
    }
  });
}
