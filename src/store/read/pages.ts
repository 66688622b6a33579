import type { AccountState } from '../../accounts/state.ts';
import type { Db } from '../db.ts';
import { loadStates } from './accounts.ts';

export interface AccountPart {
  key: string;
  name: string | null;
  state: AccountState;
}

const PAGE = 200;

/** Every account with its state, page by page in the order of ids, so that memory holds one page at a time. */
export async function* accountPages(db: Db): AsyncGenerator<AccountPart[]> {
  for (let after: string | null = null; ; ) {
    const rows: { rows: { id: string; key: string; name: string | null }[] } = await db.query(
      'SELECT id, key, name FROM accounts WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2',
      [after, PAGE],
    );
    const last = rows.rows.at(-1);
    if (last === undefined) {
      return;
    }
    const states = await loadStates(
      db,
      rows.rows.map(({ id }) => id),
    );
    yield rows.rows.map(({ id, key, name }) => ({
      key,
      name,
      state: states.get(id) ?? { key, parts: [] },
    }));
    after = last.id;
  }
}

export async function countAccounts(db: Db): Promise<number> {
  const rows = await db.query<{ count: number }>('SELECT count(*) AS count FROM accounts');
  return rows.rows[0]?.count ?? 0;
}
