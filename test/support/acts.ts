import { actionId } from '../../src/store/connections.ts';
import { type Db, hashId } from '../../src/store/db.ts';

/** An act as scoring puts it into the outbox. */
export interface Act {
  key: string;
  /** Key of its account. */
  account: string;
  kind: string;
  payload: object;
  person?: string | null;
  why?: string;
}

/** Whose acts they are. */
export interface ActsOf {
  crm: string;
  connection: string;
}

/**
 * Acts that wait for delivery, and their accounts. An act that is there already has changed since, and waits again.
 *
 * @param at since when (ms) they are due
 */
export async function queueActs(
  db: Db,
  { crm, connection }: ActsOf,
  acts: readonly Act[],
  at = 0,
): Promise<void> {
  const rows = acts.map(({ account, person = null, why = '', ...act }) => ({
    ...act,
    id: actionId(connection, act.key),
    account: hashId(account),
    name: account,
    person,
    why,
  }));
  await db.query(
    `WITH row AS (SELECT * FROM json_to_recordset($1) AS row (id uuid, key text, account uuid, name text, kind text,
         person text, why text, payload json)),
       made AS (INSERT INTO accounts (id, key) SELECT DISTINCT account, name FROM row ON CONFLICT DO NOTHING)
     INSERT INTO actions (id, key, connection, crm, kind, account, person, state, why, reason, payload, next_at,
       created_at, updated_at)
     SELECT id, key, $2, $3, kind, account, person, 'waiting', why, '', payload, $4, now(), now() FROM row
     ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, state = 'waiting', rev = actions.rev + 1,
       attempts = 0, next_at = excluded.next_at`,
    [JSON.stringify(rows), connection, crm, new Date(at)],
  );
}
