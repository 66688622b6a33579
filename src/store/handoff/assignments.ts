import type { Asked, Given, Ledger } from '../../decide/handoff/assign.ts';
import type { Team } from '../../decide/handoff/team.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { ToGive } from '../../sync/outbox.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { LOCKS } from '../locks.ts';
import { loadLedger } from './ledger.ts';
import { type Giving, noteSightings } from './sightings.ts';
import { storedNames } from './stored-names.ts';

/**
 * Chooses who gets tasks and writes it down, before any CRM hears of them: whoever dies from here on finds the same choice (I6).
 * One batch at a time, so that nobody gets more than their week takes, whichever worker and CRM gives it to them.
 */
export function giveTasks(
  db: Db,
  giving: Giving,
  { asked, team, directory }: ToGive,
  choose: (asked: readonly Asked[], ledger: Ledger) => Given[],
): Promise<Given[]> {
  const pools = poolsOf(asked);
  const people = peopleOf(pools, team);
  return inTransaction(db, async (tx) => {
    const names = await storedNames(db, tx, people);
    if (pools.length > 0) {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.owners]);
      await noteSightings(tx, names, giving, people, directory);
    }
    const given = choose(asked, await loadLedger(tx, names, giving, asked, team, pools));
    const written = names.said(given);
    await saveAssignments(tx, written, giving.now);
    await saveOwners(tx, written, giving.now);
    return given;
  });
}

function poolsOf(asked: readonly Asked[]): string[] {
  const named = asked.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'pool' ? [step.pool] : [])),
  );
  return [...new Set(named)].sort();
}

function peopleOf(pools: readonly string[], team: Team): string[] {
  return [...new Set(pools.flatMap((pool) => team.pools.get(pool)?.people ?? []))].sort();
}

/** In the order in which they were given: the ids say whose turn it was. Of several of one account the last has it. */
async function saveAssignments(tx: Tx, given: readonly Given[], now: number): Promise<void> {
  const all = given.flatMap(({ accountId: account, choice, assigned }, n) =>
    assigned && choice.found ? [{ n, account, ...choice.owner }] : [],
  );
  const rows = [...new Map(all.map((row) => [`${row.account} ${row.pool}`, row])).values()];
  if (rows.length === 0) {
    return;
  }
  const values = [storedJson(rows), isoInstant(now)];
  await tx.query(
    `UPDATE assignments SET released_at = $2, released_why = 'goes to ' || row.person || ': ' || row.why
     FROM json_to_recordset($1) AS row (account uuid, pool text, person text, why text)
     WHERE assignments.account = row.account AND assignments.pool = row.pool AND released_at IS NULL`,
    values,
  );
  await tx.query(
    `INSERT INTO assignments (account, pool, person, why, at) SELECT account, pool, person, why, $2
     FROM json_to_recordset($1) AS row (n integer, account uuid, pool text, person text, why text) ORDER BY n`,
    values,
  );
}

/** Of two CRMs that name different owners the one of the newest choice stands with the account. */
async function saveOwners(tx: Tx, given: readonly Given[], now: number): Promise<void> {
  const rows = given.map(({ id, accountId, choice }) => {
    const owner = choice.found ? choice.owner : null;
    return {
      id,
      account: accountId,
      owner,
      assignee: owner?.person ?? null,
      shown: owner?.person ?? owner?.name,
    };
  });
  const values = [storedJson(rows)];
  await tx.query(
    `UPDATE accounts SET owner = row.shown FROM json_to_recordset($1) AS row (account uuid, shown text)
     WHERE accounts.id = row.account AND row.shown IS NOT NULL AND accounts.owner IS DISTINCT FROM row.shown`,
    values,
  );
  await tx.query(
    `UPDATE actions SET owner = row.owner, assignee = row.assignee, assigned_at = CASE
         WHEN row.assignee IS NULL THEN NULL WHEN actions.assignee = row.assignee THEN actions.assigned_at ELSE $2 END
     FROM json_to_recordset($1) AS row (id uuid, owner json, assignee text) WHERE actions.id = row.id`,
    [...values, isoInstant(now)],
  );
}
