import { hash } from 'node:crypto';
import pg from 'pg';
import { MINUTE } from '../shared/time.ts';

export type Tx = pg.ClientBase;
export type Db = pg.Pool;

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

/** The longest that any of our statements may take (ms). */
const STATEMENT = 120_000;

/**
 * `statement`: after so many milliseconds without an answer a connection is given up. A connection can fall silent (a
 * failover, a firewall that forgot it) and then never fails by itself: without a limit whoever waits for it waits for ever.
 */
export function openPool(url: string, max: number, statement = STATEMENT): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5000,
    query_timeout: statement,
    keepAlive: true,
    application_name: 'pql-bridge',
  });
  // An idle connection that breaks (the database restarts) must not end the process; the next query reconnects.
  pool.on('error', () => {});
  // Nor may one that breaks while it is checked out and between two queries: the pool listens to idle ones only.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** So long a statement about everybody may take (ms). */
const MASSIVE = 30 * 60_000;

/** A statement about all rows of a large table: with the limit of the others it would be cut off and tried again for ever. */
export function massive(query: pg.QueryConfig, most = MASSIVE): pg.QueryConfig {
  const patient = { ...query, query_timeout: most };
  return patient;
}

/** `retryable` codes: deadlock, serialisation failure. The transaction has been rolled back whole, so a repeat is safe. */
export const RETRYABLE: ReadonlySet<string> = new Set(['40P01', '40001']);
const ATTEMPTS = 5;

/**
 * Runs `work` in one transaction. Repeats it when PostgreSQL chose it as a deadlock's victim; `work` must
 * therefore have no effect outside the transaction.
 */
export function inTransaction<T>(pool: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return retried(async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await rollBack(client, error);
      throw error;
    }
  });
}

/** Repeats a transaction, or a statement that is one by itself, when PostgreSQL chose it as a deadlock's victim. */
export async function retried<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || !RETRYABLE.has((error as { code?: string }).code ?? '')) {
        throw error;
      }
    }
  }
}

/** SQLSTATE classes of errors that lie in the data and not in the moment: values, constraints, limits of the program. */
const IN_THE_DATA = new Set(['21', '22', '23', '54']);

/** The same work would fail again: what it was given cannot be stored or computed. A database that is away is no such thing. */
export function isInTheData(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
    ? IN_THE_DATA.has(code.slice(0, 2))
    : error instanceof TypeError || error instanceof RangeError;
}

/** A connection that cannot even roll back is broken, and so is one that has not answered: it leaves the pool. */
async function rollBack(client: pg.PoolClient, cause: unknown): Promise<void> {
  if (cause instanceof Error && cause.message === 'Query read timeout') {
    client.release(cause);
    return;
  }
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}

/** A stable uuid for any text: the first 128 bits of its SHA-256. */
export function hashId(text: string): string {
  const known = HASHES.get(text);
  if (known !== undefined) {
    return known;
  }
  const id = newHashId(text);
  if (HASHES.size >= HASHES_MAX || performance.now() > hashesUntil) {
    HASHES.clear();
    hashesUntil = performance.now() + MINUTE;
  }
  HASHES.set(text, id);
  return id;
}

/** Of people and accounts, who are asked for a dozen times in one fold; for a minute, since one may be forgotten (I12). */
const HASHES = new Map<string, string>();
const HASHES_MAX = 10_000;
let hashesUntil = 0;

/** `hashId` of what is not asked for again. */
function newHashId(text: string): string {
  const hex = hash('sha256', text, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/**
 * PostgreSQL's form of an array whose items need no quotes: ids, numbers, dates, true and false, NULL. The client writes any
 * array item by item, escaped, at 30 times the cost.
 */
export function plainArray(items: readonly (string | number | boolean | null)[]): string {
  return `{${items.map((item) => item ?? 'NULL').join(',')}}`;
}

/**
 * JSON documents, as texts, for `string_to_table($n, E'\\n')`: a document has no line break in it, and none of it must be
 * escaped.
 */
export function lines(documents: readonly string[]): string {
  return documents.join('\n');
}

/**
 * All hashes in slices of about the same size, so that no statement is about too many rows.
 *
 * @param digits hexadecimal digits that a slice has in common: one gives 16 slices, two 256
 */
export function slicesOfIds(digits: number): { first: string; last: string }[] {
  return Array.from({ length: 16 ** digits }, (_, slice) => {
    const start = slice.toString(16).padStart(digits, '0');
    return {
      first: `${start.padEnd(8, '0')}-0000-0000-0000-000000000000`,
      last: `${start.padEnd(8, 'f')}-ffff-ffff-ffff-ffffffffffff`,
    };
  });
}

/** Under which an event counts once (I2): by its vendor and message id, whatever the route. */
export function eventKey(vendor: string, id: string): string {
  return newHashId(`${vendor}\n${id}`);
}
