import type { Tx } from '../db.ts';
import { LOCKS } from '../locks.ts';

/** Why somebody has an account no more that became part of another. */
const JOINED = 'the account became part of another, and whoever had that for longer keeps both';

/**
 * Hands the people of an account on to the one that it became part of: of two who have it from one pool whoever had theirs for
 * longer keeps it. An assignment names people of the operator's own and no customer: a forgetting leaves it, unless the account
 * was the forgotten person alone. (One of the operator's own who is forgotten stands there by a hash: `storedNames`.)
 */
export async function joinAssignments(tx: Tx, from: string, to: string): Promise<void> {
  const there = await tx.query('SELECT 1 FROM assignments WHERE account = $1 LIMIT 1', [from]);
  if (there.rowCount === 0) {
    return;
  }
  await lockOwners(tx);
  await tx.query(
    `UPDATE assignments younger SET released_at = younger.at, released_why = $2 FROM assignments elder
     WHERE younger.account = ANY($1::uuid[]) AND elder.account = ANY($1::uuid[]) AND elder.account <> younger.account
       AND elder.pool = younger.pool AND elder.released_at IS NULL AND younger.released_at IS NULL
       AND (elder.at, elder.id) < (younger.at, younger.id)`,
    [[from, to], JOINED],
  );
  await tx.query('UPDATE assignments SET account = $2 WHERE account = $1', [from, to]);
}

/** Whoever had an account that is separated from `root` has it again, unless it went to somebody else meanwhile. */
export async function separateAssignments(
  tx: Tx,
  ids: readonly number[],
  account: string,
  root: string,
): Promise<void> {
  await lockOwners(tx);
  await tx.query(
    `UPDATE assignments SET account = $1, released_at = NULL, released_why = NULL
     WHERE id = ANY($2::bigint[]) AND account = $3 AND (released_at IS NULL OR released_why = $4)`,
    [account, ids, root, JOINED],
  );
  await tx.query(
    `UPDATE assignments SET released_at = NULL, released_why = NULL WHERE id IN (
       SELECT max(id) FROM assignments one WHERE account = $1 AND released_why = $2 AND NOT EXISTS (
         SELECT 1 FROM assignments held WHERE held.account = $1 AND held.pool = one.pool AND held.released_at IS NULL)
       GROUP BY pool)`,
    [root, JOINED],
  );
}

/** Nobody is given an account meanwhile, of which two could then be open. Folds join accounts all the time: only who must asks for it. */
async function lockOwners(tx: Tx): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.owners]);
}
