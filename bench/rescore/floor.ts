import { isoInstant } from '../../src/shared/time.ts';
import { type Db, inTransaction, type Tx } from '../../src/store/db.ts';

/** Accounts in one transaction, as a rescore takes them. */
const BATCH = 200;

/**
 * What a rescore cannot avoid, and nothing else: every row of `dirty_accounts` is taken off the list in batches, and what a
 * rescore reads of it is read and what it writes is written back as it was, through the same client: people's parts, the
 * score, its history and the desired fields of both CRMs. Nothing is looked at.
 *
 * @returns how many accounts
 */
export async function readAndWriteBack(db: Db): Promise<number> {
  let done = 0;
  for (let batch = -1; batch !== 0; done += batch) {
    batch = await inTransaction(db, oneBatch);
  }
  return done;
}

type Row = Record<string, unknown>;

async function oneBatch(tx: Tx): Promise<number> {
  const claimed = await tx.query<{ account: string }>({
    name: 'floor-claim',
    text: 'SELECT account FROM dirty_accounts ORDER BY urgent DESC, due_at LIMIT $1 FOR UPDATE SKIP LOCKED',
    values: [BATCH],
  });
  const ids = claimed.rows.map(({ account }) => account);
  if (ids.length === 0) {
    return 0;
  }
  await read(
    tx,
    'parts',
    `SELECT accounts.key, people.ref, part FROM parts JOIN accounts ON accounts.id = parts.account
     JOIN people ON people.id = parts.person WHERE parts.account = ANY($1::uuid[])`,
    ids,
  );
  const accounts = await read(tx, 'accounts', 'SELECT * FROM accounts WHERE id = ANY($1::uuid[])', ids);
  const scores = await read(tx, 'scores', 'SELECT * FROM scores WHERE account = ANY($1::uuid[])', ids);
  const acts = await read(
    tx,
    'acts',
    `SELECT * FROM actions WHERE account = ANY($1::uuid[]) AND kind = 'fields'`,
    ids,
  );
  await write(tx, 'write-accounts', WRITE_ACCOUNTS, accounts);
  await write(tx, 'write-scores', WRITE_SCORES, scores);
  await write(tx, 'write-history', WRITE_HISTORY, scores);
  await write(tx, 'write-acts', WRITE_ACTS, acts);
  await tx.query({
    name: 'floor-leave',
    text: 'DELETE FROM dirty_accounts WHERE account = ANY($1::uuid[])',
    values: [ids],
  });
  return ids.length;
}

async function read(tx: Tx, name: string, text: string, ids: readonly string[]): Promise<Row[]> {
  const found = await tx.query<Row>({ name: `floor-${name}`, text, values: [ids] });
  return found.rows;
}

async function write(tx: Tx, name: string, text: string, rows: readonly Row[]): Promise<void> {
  await tx.query({ name: `floor-${name}`, text, values: [JSON.stringify(rows), isoInstant(Date.now())] });
}

const WRITE_ACCOUNTS = `UPDATE accounts SET name = row.name, domain = row.domain, people = row.people,
    first_seen = row.first_seen, last_seen = $2
  FROM json_populate_recordset(NULL::accounts, $1) AS row WHERE accounts.id = row.id`;

const WRITE_SCORES = `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, valid_until,
    evaluation, standing, route)
  SELECT account, model, version, value, tier, $2, data_through, changed_at, valid_until, evaluation, standing, route
  FROM json_populate_recordset(NULL::scores, $1)
  ON CONFLICT (account, model) DO UPDATE SET version = excluded.version, value = excluded.value, tier = excluded.tier,
    computed_at = excluded.computed_at, data_through = excluded.data_through, changed_at = excluded.changed_at,
    valid_until = excluded.valid_until, evaluation = excluded.evaluation, standing = excluded.standing, route = excluded.route`;

const WRITE_HISTORY = `INSERT INTO score_history (account, at, model, version, value, tier, crossing, note, evaluation)
  SELECT account, $2, model, version, value, tier, NULL, NULL, evaluation FROM json_populate_recordset(NULL::scores, $1)`;

const WRITE_ACTS = `INSERT INTO actions (id, key, connection, crm, kind, account, person, crossing, state, why, reason, payload,
    next_at, created_at, updated_at)
  SELECT id, key, connection, crm, kind, account, person, crossing, state, why, reason, payload, $2, $2, $2
  FROM json_populate_recordset(NULL::actions, $1)
  ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, state = 'waiting', rev = actions.rev + 1,
    next_at = excluded.next_at, attempts = 0, why = excluded.why, reason = excluded.reason, updated_at = excluded.updated_at`;
