import type { Part } from '../../accounts/state.ts';
import { replacedIn } from '../../events/forgotten.ts';
import { isJsonObject, type Json } from '../../shared/json.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { markDirty } from '../fold/accounts.ts';
import type { FoldDeps } from '../fold/index.ts';
import { partText } from '../fold/part-text.ts';
import { isOwnElement, parsedOf } from './admit.ts';
import { asText, type TableText, tablesOf } from './columns.ts';
import type { Replacing } from './replacing.ts';
import { refsOf, type Who } from './resolve.ts';

/**
 * Replaces the person in the states of others, whose people are folded again from the journal. The person row is locked:
 * a fold that had read the state before has written it by then. So is the dirty row of the account: an assessment too.
 */
export async function cleanStates(db: Db, deps: FoldDeps, one: Replacing): Promise<number> {
  if (one.pattern === null) {
    return 0;
  }
  const people = await db.query<{ person: string }>(
    'SELECT DISTINCT person FROM parts WHERE part::text ~* $1 ORDER BY person',
    [one.pattern],
  );
  for (const { person } of people.rows) {
    await inTransaction(db, (tx) => cleanPerson(tx, deps, one, person));
  }
  return people.rows.length;
}

async function cleanPerson(tx: Tx, deps: FoldDeps, { replace }: Replacing, person: string): Promise<void> {
  await tx.query('SELECT 1 FROM people WHERE id = $1 FOR UPDATE', [person]);
  const rows = await tx.query<{ at: string; account: string; part: Part }>(
    'SELECT ctid::text AS at, account, part FROM parts WHERE person = $1 FOR UPDATE',
    [person],
  );
  const accounts = [...new Set(rows.rows.map(({ account }) => account))];
  const touched = accounts.map((account) => ({ account, triggers: [], act: false, joined: [] }));
  await markDirty(tx, touched, deps.realNow(), deps.waits);
  for (const { at, part } of rows.rows) {
    const clean = replacedIn(part as unknown as Json, replace) as unknown as Part;
    await tx.query('UPDATE parts SET part = $2 WHERE ctid = $1::tid', [at, partText(clean)]);
  }
  await tx.query(`UPDATE people SET plan = '' WHERE id = $1`, [person]);
}

/** Tables that are cleaned in another way, or hold nothing of anybody. */
const NOT_HERE = /^(events(_.*)?|parts|base_states|forgettings|migrations|settings|event_keys|forgotten)$/;

/** Names by which rows are found, mostly of accounts: an account that is called like the person keeps its key. */
const KEYS = new Set([
  'accounts.key',
  'former_keys.key',
  'account_merges.key',
  'account_merges.into_key',
  'account_merges.root',
  'actions.key',
  'crm_records.ref',
  'crm_drift.ref',
  'fact_rows.name',
  'suppressions.key',
  'domains.domain',
  'domain_evidence.domain',
  'bulk_acts.account_key',
]);

/** Replaces the person in all other tables, whatever they are. Gives how many rows named them. */
export async function cleanOthers(db: Db, one: Replacing): Promise<number> {
  let cleaned = 0;
  for (const table of await tablesOf(db)) {
    if (!NOT_HERE.test(table.name)) {
      cleaned += await cleanTable(db, table, one);
    }
  }
  return cleaned;
}

async function cleanTable(db: Db, { table, name, columns }: TableText, one: Replacing): Promise<number> {
  const written = columns.filter(
    ({ name: column, type }) => !/^(uuid|bytea)/.test(type) && !KEYS.has(`${name}.${column}`),
  );
  if (written.length === 0) {
    return 0;
  }
  const finds = written.map((column) => `${asText(column)} ~* $1`).join(' OR ');
  const list = written.map((column, i) => `${asText(column)} AS "${i}"`).join(', ');
  const rows = await db.query<Record<string, string | null> & { at: string }>(
    `SELECT ctid::text AS at, ${list} FROM ${table} WHERE ${finds}`,
    [one.ours],
  );
  for (const { at, ...row } of rows.rows) {
    const texts = written.map((_, i) => row[String(i)] ?? null);
    if (name === 'quarantine' && isOwn(one.who, texts)) {
      await db.query(`DELETE FROM ${table} WHERE ctid = $1::tid`, [at]);
    } else {
      await cleanRow(db, table, at, written, texts, one);
    }
  }
  return rows.rows.length;
}

/** An element in quarantine that names the person as its own. */
function isOwn({ users, anonymous }: Who, texts: readonly (string | null)[]): boolean {
  return texts.some(
    (text) =>
      text?.startsWith('{') &&
      isOwnElement(parsedOf(text), (id) => users.includes(id) || anonymous.includes(id)),
  );
}

/** A row that changed meanwhile is left to the next round: it is looked for until nothing is found. */
async function cleanRow(
  db: Db,
  table: string,
  at: string,
  columns: TableText['columns'],
  texts: readonly (string | null)[],
  one: Replacing,
): Promise<void> {
  const sets: string[] = [];
  const values: (string | null)[] = [at];
  const unchanged: string[] = [];
  for (const [i, column] of columns.entries()) {
    const text = texts[i] ?? null;
    const next = text === null ? null : cleanText(text, column.type, one);
    if (next !== text && text !== null) {
      values.push(next, text);
      sets.push(`"${column.name.replaceAll('"', '""')}" = $${values.length - 1}::${column.type}`);
      unchanged.push(`${asText(column)} = $${values.length}`);
    }
  }
  if (sets.length > 0) {
    await db.query(
      `UPDATE ${table} SET ${sets.join(', ')} WHERE ctid = $1::tid AND ${unchanged.join(' AND ')}`,
      values,
    );
  }
}

function cleanText(text: string, type: string, one: Replacing): string {
  if (!/^jsonb?$/.test(type)) {
    return one.replace(text);
  }
  const parsed = JSON.parse(text) as Json;
  const refs = refsOf(one.who);
  const next = replacedIn(withoutRecords(parsed, refs), one.replace);
  return next === parsed ? text : JSON.stringify(next);
}

/**
 * Leaves out entries of lists that are the person's own records, such as what a CRM shall hold of them: a record
 * under a hash would be written as a person of that name.
 */
function withoutRecords(value: Json, refs: readonly string[]): Json {
  if (Array.isArray(value)) {
    const kept = value.filter(
      (one) => !isJsonObject(one) || !refs.includes(String(one.ref ?? one.key ?? '')),
    );
    return kept.map((one) => withoutRecords(one, refs));
  }
  return isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutRecords(one, refs)]))
    : value;
}
