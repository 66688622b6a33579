import type { Decision } from '../../decide/decide.ts';
import { mergeStandings, type Standing } from '../../decide/standing.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { hashId, type Tx } from '../db.ts';
import { moveClocks } from '../handoff/clocks.ts';
import { joinAssignments } from '../handoff/joining.ts';

/** Where a tier of a model stands among the others, lowest first; -1: unknown. */
export type TierRank = (model: string, tier: string) => number;

/**
 * Lets a key that lost all its people answer with the account they went to, and hands its standing and its CRM
 * records on, so that a merge neither acts again nor leaves a second company behind.
 */
export async function forwardKey(tx: Tx, from: string, to: string, rank: TierRank): Promise<void> {
  const values = [hashId(from), hashId(to)];
  await tx.query(
    `INSERT INTO former_keys (id, key, account) VALUES ($1, $3, $2)
     ON CONFLICT (id) DO UPDATE SET account = excluded.account`,
    [...values, from],
  );
  await handStandingsOn(tx, values, rank);
  // That the CRM was found to have no record of the heir is no record: it must not keep one from being handed on.
  await tx.query(`DELETE FROM crm_records WHERE object = 'account' AND key = $1 AND crm_id = ''`, [
    values[1],
  ]);
  await tx.query(
    `UPDATE crm_records SET account = $2, key = $2, ref = $3 WHERE object = 'account' AND key = $1
     AND NOT EXISTS (SELECT 1 FROM crm_records other
       WHERE other.object = 'account' AND other.key = $2 AND other.connection = crm_records.connection)`,
    [...values, to],
  );
  // The heir has a record of its own: a second one of its account would collide with it at the next merge.
  await tx.query(`DELETE FROM crm_records WHERE object = 'account' AND key = $1`, [values[0]]);
  await tx.query('UPDATE crm_records SET account = $2 WHERE account = $1', values);
  await tx.query('UPDATE touches SET account = $2 WHERE account = $1', values);
  // The heir is watched from the next look on, under its own record.
  await tx.query('DELETE FROM crm_watches WHERE account = $1', [values[0]]);
  // Fields under the former key would still be written, into a record that nobody keeps any more.
  await tx.query(`DELETE FROM actions WHERE account = $1 AND kind = 'fields'`, [values[0]]);
  await tx.query('UPDATE actions SET account = $2 WHERE account = $1', values);
  await joinAssignments(tx, hashId(from), hashId(to));
  await moveClocks(tx, values[0] ?? '', values[1] ?? '');
  // One conversation for each account: what is told of the heir goes on in its own, if it has one.
  await tx.query(
    `UPDATE slack_threads SET account = $2 WHERE account = $1
     AND NOT EXISTS (SELECT 1 FROM slack_threads other WHERE other.account = $2 AND other.connection = slack_threads.connection)`,
    values,
  );
  await tx.query('DELETE FROM slack_threads WHERE account = $1', values.slice(0, 1));
}

interface StandingRow {
  account: string;
  model: string;
  standing: Standing;
  route: Decision['route'];
}

/** An heir without a score takes the whole row; one that has its own was acted on for both from now on (I6). */
async function handStandingsOn(tx: Tx, values: string[], rank: TierRank): Promise<void> {
  const [from, to] = values;
  await tx.query(
    `UPDATE scores SET account = $2 WHERE account = $1
     AND NOT EXISTS (SELECT 1 FROM scores other WHERE other.account = $2 AND other.model = scores.model)`,
    values,
  );
  const rows = await tx.query<StandingRow>(
    `SELECT account, model, standing, route FROM scores WHERE account = ANY($1::uuid[]) ORDER BY account FOR UPDATE`,
    [values],
  );
  for (const { model, standing, route } of rows.rows.filter(({ account }) => account === from)) {
    const heir = rows.rows.find((row) => row.account === to && row.model === model);
    if (heir !== undefined) {
      const merged = mergeStandings(heir.standing, standing, (tier) => rank(model, tier));
      await tx.query('UPDATE scores SET standing = $3, route = $4 WHERE account = $1 AND model = $2', [
        to,
        model,
        storedJson(merged),
        storedJson(heir.route ?? route),
      ]);
    }
  }
}
