import type { FactRow } from '../../accounts/fact-row.ts';
import { stableJson } from '../../shared/stable-json.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, hashId, inTransaction, type Tx } from '../db.ts';
import { knownToWriter } from '../forget/known.ts';
import { factsWithoutForgotten } from '../forget/settle.ts';
import { LOCKS } from '../locks.ts';
import { domainKey } from './attach.ts';

/** One CSV file, as the store takes it in. */
export interface FactFile {
  /** Id in facts.yaml. */
  source: string;
  key: 'domain' | 'account';
  /** Equal while neither the file nor how it is read has changed. */
  fingerprint(): Promise<string>;
  lines(): AsyncIterable<{ line: number; row: FactRow } | { line: number; wrong: string; last?: true }>;
}

/** What became of one file. */
export interface ImportReport {
  source: string;
  /** `broken`: the file ends in the middle; the rows that it had before are kept, and it is read again next time. */
  state: 'imported' | 'unchanged' | 'busy' | 'broken';
  /** Good rows; 0 when unchanged. */
  rows: number;
  /** Rows that are new or say something else than before, and rows that the file no longer has. */
  changed: number;
  removed: number;
  /** Accounts that will be scored again. */
  accounts: number;
  /** Lines that give no row, the first hundred of them, and how many there are. */
  bad: { line: number; why: string }[];
  badLines: number;
}

const BATCH = 1000;
const BAD_SHOWN = 100;

/**
 * Brings the rows of CSV files into the record, a thousand at a time. A file that has not changed is not read again.
 * An account whose row changed is scored again, and acts only with `act`: the operator told us more, nobody did
 * anything (decision 11). A run that dies half-way is done again by the next.
 */
export async function importFacts(
  db: Db,
  files: readonly FactFile[],
  options: { act: boolean; realNow: number },
): Promise<ImportReport[]> {
  const lock = await db.connect();
  try {
    const got = await lock.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LOCKS.facts]);
    if (got.rows[0]?.got !== true) {
      return files.map(({ source }) => ({ ...blank(source), state: 'busy' }));
    }
    await dropSources(db, files, options);
    const reports: ImportReport[] = [];
    for (const file of files) {
      reports.push(await importFile(db, file, options));
    }
    return reports;
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [LOCKS.facts]).catch(() => {});
    lock.release();
  }
}

function blank(source: string): ImportReport {
  return { source, state: 'unchanged', rows: 0, changed: 0, removed: 0, accounts: 0, bad: [], badLines: 0 };
}

type Options = Parameters<typeof importFacts>[2];

async function importFile(db: Db, file: FactFile, options: Options): Promise<ImportReport> {
  const report = blank(file.source);
  const setting = `facts:${file.source}`;
  const fingerprint = await file.fingerprint();
  const known = await db.query<{ value: string }>('SELECT value FROM settings WHERE name = $1', [setting]);
  if (known.rows[0]?.value === fingerprint) {
    return report;
  }
  const next = await db.query<{ run: number }>(`SELECT nextval('fact_runs') AS run`);
  const run = next.rows[0]?.run ?? 0;
  if (!(await takeLines(db, file, run, report, options))) {
    return { ...report, state: 'broken' };
  }
  return inTransaction(db, async (tx) => {
    const gone = await removeRows(tx, 'source = $1 AND run <> $2', [file.source, run]);
    const accounts = report.accounts + (await wake(tx, gone, options));
    await tx.query(
      'INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      [setting, fingerprint],
    );
    return { ...report, state: 'imported', removed: gone.length, accounts };
  });
}

/** Adds to `report`. False: the file could not be read to its end. */
async function takeLines(
  db: Db,
  file: FactFile,
  run: number,
  report: ImportReport,
  options: Options,
): Promise<boolean> {
  const batch = new Map<string, FactRow>();
  const flush = async () => {
    const rows = [...batch.values()];
    batch.clear();
    const { changed, accounts } = await inTransaction(db, async (tx) => {
      const rowsChanged = await saveRows(
        tx,
        file,
        factsWithoutForgotten(await knownToWriter(db, tx), rows),
        run,
      );
      return { changed: rowsChanged.length, accounts: await wake(tx, rowsChanged, options) };
    });
    report.changed += changed;
    report.accounts += accounts;
  };
  let whole = true;
  for await (const line of file.lines()) {
    if ('wrong' in line) {
      report.badLines += 1;
      report.bad.push(...(report.bad.length < BAD_SHOWN ? [{ line: line.line, why: line.wrong }] : []));
      whole &&= line.last !== true;
    } else {
      report.rows += 1;
      batch.set(line.row.name, line.row);
      if (batch.size >= BATCH) {
        await flush();
      }
    }
  }
  await flush();
  return whole;
}

/** A row that changed, by which accounts are found. */
interface Changed {
  key: string;
  name: string;
}

/** Gives the rows that are new or say something else. */
async function saveRows(tx: Tx, file: FactFile, rows: readonly FactRow[], run: number): Promise<Changed[]> {
  const values = rows.map(({ name, facts }) => ({
    key: file.key === 'domain' ? domainKey(name) : hashId(name),
    name,
    facts: stableJson(facts),
  }));
  const changed = await tx.query<Changed>({
    name: 'facts-save',
    text: `WITH new AS (
             SELECT key, name, facts::jsonb AS facts FROM json_to_recordset($1) AS row (key uuid, name text, facts text)
           ), before AS (
             SELECT key, facts FROM fact_rows WHERE source = $2 AND key IN (SELECT key FROM new)
           ), saved AS (
             INSERT INTO fact_rows (key, source, name, facts, run)
             SELECT key, $2, name, facts, $3 FROM new ORDER BY key
             ON CONFLICT (key, source) DO UPDATE
               SET name = excluded.name, facts = excluded.facts, run = excluded.run
           )
           SELECT new.key, new.name FROM new LEFT JOIN before USING (key)
           WHERE before.facts IS DISTINCT FROM new.facts`,
    values: [JSON.stringify(values), file.source, run],
  });
  return changed.rows;
}

async function removeRows(tx: Tx, where: string, values: unknown[]): Promise<Changed[]> {
  const gone = await tx.query<Changed>(`DELETE FROM fact_rows WHERE ${where} RETURNING key, name`, values);
  return gone.rows;
}

/** Files that facts.yaml no longer names say nothing any more. */
async function dropSources(db: Db, files: readonly FactFile[], options: Options): Promise<void> {
  const names = files.map(({ source }) => source);
  await inTransaction(db, async (tx) => {
    await wake(tx, await removeRows(tx, 'source <> ALL($1::text[])', [names]), options);
    await tx.query(`DELETE FROM settings WHERE name LIKE 'facts:%' AND substr(name, 7) <> ALL($1::text[])`, [
      names,
    ]);
  });
}

/** Marks the accounts of these rows dirty: by key, by a key they had before, by domain. */
async function wake(tx: Tx, changed: readonly Changed[], { act, realNow }: Options): Promise<number> {
  if (changed.length === 0) {
    return 0;
  }
  const woken = await tx.query({
    name: 'facts-wake',
    text: `INSERT INTO dirty_accounts (account, due_at, act)
           SELECT id, $3, $4 FROM accounts WHERE id IN (
             SELECT id FROM accounts WHERE id = ANY($1::uuid[]) OR domain = ANY($2::text[])
             UNION SELECT account FROM former_keys WHERE id = ANY($1::uuid[])
           ) ORDER BY id
           ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at),
             act = dirty_accounts.act OR excluded.act`,
    values: [changed.map(({ key }) => key), changed.map(({ name }) => name), isoInstant(realNow), act],
  });
  return woken.rowCount ?? 0;
}
