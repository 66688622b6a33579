import { mergeParts } from '../../accounts/fold.ts';
import type { AccountState, PersonPart } from '../../accounts/state.ts';
import type { Standing } from '../../decide/standing.ts';
import {
  type AccountFilter,
  type AccountRow,
  readCursor,
  type StoredScore,
  writeCursor,
} from '../../read-model.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import type { Json } from '../../shared/json.ts';
import type { Db, Tx } from '../db.ts';
import { attachFacts, type FactLookup } from '../facts/attach.ts';

/** A page of accounts, highest score first; `next` continues behind its last row. */
export async function listAccounts(
  db: Db,
  filter: AccountFilter,
): Promise<{ accounts: AccountRow[]; next: string | null }> {
  const after = filter.cursor === null ? null : readCursor(filter.cursor);
  const rows = await db.query<AccountRow & { id: string }>(
    `SELECT accounts.id, accounts.key, name, domain, people, owner, model, value, tier,
            to_char(computed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "computedAt",
            to_char(valid_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "validUntil"
     FROM scores JOIN accounts ON accounts.id = scores.account
     WHERE model = $1
       AND ($2::text IS NULL OR tier = $2)
       AND ($3::text IS NULL OR position(lower($3) in lower(concat_ws(' ', accounts.key, name, domain))) > 0)
       AND ($4::text IS NULL OR owner = $4)
       AND ($5::float8 IS NULL OR (value, account) < ($5, $6::uuid))
     ORDER BY value DESC, account DESC LIMIT $7`,
    [
      filter.model,
      filter.tier,
      filter.q,
      filter.owner,
      after?.value ?? null,
      after?.id ?? null,
      filter.limit + 1,
    ],
  );
  const page = rows.rows.slice(0, filter.limit);
  const last = page.at(-1);
  const more = rows.rows.length > filter.limit && last !== undefined;
  return {
    accounts: page.map(({ id: _id, ...row }) => row),
    next: more ? writeCursor(last) : null,
  };
}

/** The states of accounts, by account id, with what CRMs and CSV files say: for scoring and for showing. */
export async function loadStates(
  db: Db | Tx,
  ids: readonly string[],
  lookup: FactLookup,
): Promise<Map<string, AccountState>> {
  const rows = await db.query<{
    account: string;
    key: string;
    ref: string;
    part: Omit<PersonPart, 'person'>;
  }>({
    name: 'states',
    text: `SELECT parts.account, accounts.key, people.ref, part
           FROM parts JOIN accounts ON accounts.id = parts.account JOIN people ON people.id = parts.person
           WHERE parts.account = ANY($1::uuid[]) ORDER BY parts.account, people.ref COLLATE "C", home COLLATE "C", via`,
    values: [ids],
  });
  const states = new Map<string, AccountState>();
  for (const { account, key, ref, part } of rows.rows) {
    const state = states.get(account) ?? { key, parts: [] };
    const person = ref.startsWith('g:') ? null : ref;
    const last = state.parts.at(-1);
    if (last !== undefined && person !== null && last.person === person) {
      // In two accounts that an operator merged, or under two roofs in one: one person all the same.
      state.parts[state.parts.length - 1] = { ...mergeParts(last, part), person };
    } else {
      state.parts.push({ person, ...part });
    }
    states.set(account, state);
  }
  await attachFacts(db, states, lookup);
  return states;
}

export async function loadScores(db: Db | Tx, account: string): Promise<StoredScore[]> {
  const rows = await db.query<{
    model: string;
    version: string;
    computed_at: Date;
    data_through: Date;
    evaluation: Evaluation;
    standing: Standing;
    route: Json;
  }>(
    'SELECT model, version, computed_at, data_through, evaluation, standing, route FROM scores WHERE account = $1',
    [account],
  );
  return rows.rows.map((row) => ({
    model: row.model,
    version: row.version,
    computedAt: row.computed_at.toISOString(),
    dataThrough: row.data_through.toISOString(),
    evaluation: row.evaluation,
    standing: row.standing,
    route: row.route,
  }));
}
