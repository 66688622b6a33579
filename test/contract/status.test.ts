import { afterEach, beforeEach, expect, it } from 'vitest';
import { inFigures } from '../../src/cli/verbs/status.ts';
import { isIdle } from '../../src/read-model/status.ts';
import { type Db, openPool } from '../../src/store/db.ts';
import { COUNTED_UP_TO, storeStatus } from '../../src/store/read/status.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, NOON } from '../support/event.ts';
import { foldingOn } from '../support/folding.ts';
import { shippedRules } from '../support/shipped.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const statusOf = (cap?: number, db: Db = database.db) =>
  storeStatus(db, new Date(NOON), 'plan', new Date(NOON), cap);

/** Rows of everything that the status counts: few of them are work, and all of them would take long to count. */
async function grown(rows: number): Promise<void> {
  const numbers = `generate_series(1, ${rows}) AS n`;
  const id = `md5(n::text)::uuid`;
  for (const statement of [
    `INSERT INTO event_keys (key, day) SELECT ${id}, '2026-01-01' FROM ${numbers}`,
    `INSERT INTO accounts (id, key) SELECT ${id}, n::text FROM ${numbers}`,
    `INSERT INTO people (id, ref, facts, plan) SELECT ${id}, 'u:' || n, '{}', 'plan' FROM ${numbers}`,
    `INSERT INTO domains (domain) SELECT n::text FROM ${numbers}`,
    `INSERT INTO settings (name, value) VALUES ('models', 'champion')`,
    `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, valid_until, evaluation, standing)
     SELECT ${id}, model, 'v', 1, 't', now(), now(), now(), CASE model WHEN 'former' THEN '2020-01-01' ELSE '2090-01-01' END::timestamptz, '{}', '{}'
     FROM ${numbers}, unnest(ARRAY['champion', 'former']) AS model`,
    `INSERT INTO quarantine (received_at, vendor, route, code, reason, raw, raw_hash, state)
     SELECT now(), 'segment', 'r', 'no_group', 'why', '{}', ${id}, 'retried' FROM ${numbers}`,
    `INSERT INTO connections (crm, connection, seen_at) VALUES ('hubspot', 'hubspot:1', now())`,
    `INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at)
     SELECT ${id}, n::text, 'hubspot:1', 'hubspot', 'fields', ${id}, CASE WHEN n <= 7 THEN 'waiting' WHEN n <= 12 THEN 'parked' ELSE 'done' END,
       'why', 'why', '{}', now(), now(), now() FROM ${numbers}`,
    'ANALYZE',
  ]) {
    await database.db.query(statement);
  }
}

it('reads about as many rows as it may for one figure, however many there are', async () => {
  const [rows, cap] = [20_000, 100];
  await grown(rows);
  // One connection: what it has read is told to the statistics when it is asked for it.
  const db = openPool(database.url, 1);
  const read = async () => {
    await db.query('SELECT pg_stat_force_next_flush()');
    const found = await db.query<{ table: string; rows: number }>(
      `SELECT relname AS table, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer AS rows
       FROM pg_stat_user_tables`,
    );
    return new Map(found.rows.map(({ table, rows }) => [table, rows]));
  };
  try {
    await db.query('SELECT 1');
    const before = await read();
    const status = await statusOf(cap, db);
    const after = await read();
    const many = [...after]
      .map(([table, count]) => ({ table, rows: count - (before.get(table) ?? 0) }))
      .filter((one) => one.rows > 5 * cap && !one.table.startsWith('pg_'));
    expect(many).toEqual([]);
    expect(status).toMatchObject({
      countedUpTo: cap,
      journal: { events: cap, quarantined: 0 },
      accounts: { total: rows, dirty: 0, overdue: 0, refold: 0, contestedDomains: 0 },
      crm: { hubspot: { waiting: 7, parked: 5 } },
    });
    expect(isIdle(status)).toBe(false);
  } finally {
    await db.end();
  }
});

it('counts to the row below the limit, and tells by numbers how many events there are beyond it', async () => {
  const folding = foldingOn(database, shippedRules());
  await folding.arrive(Array.from({ length: 6 }, (_, i) => event({ userId: `u-${i}` })));
  await folding.receive(Array.from({ length: 5 }, (_, i) => event({ userId: `v-${i}` })));
  const { journal, accounts } = await statusOf();
  expect([journal.events, journal.unfolded, accounts.total]).toEqual([11, 5, 6]);
  expect(journal.oldestUnfolded).not.toBeNull();
  const few = await statusOf(3);
  expect(few.journal.events).toBeGreaterThanOrEqual(11);
  expect(few.journal.events).toBeLessThan(11 + 64 * 10);
  expect(few.journal.unfolded).toBeGreaterThanOrEqual(5);
  expect(few.accounts.total).toBeGreaterThanOrEqual(3);
});

it('pql status shows a count as what it is', () => {
  const shown = [COUNTED_UP_TO - 1, COUNTED_UP_TO, 98_000_000].map((count) =>
    inFigures(count, COUNTED_UP_TO),
  );
  expect(shown).toEqual(['99999', 'at least 100000', 'about 98000000']);
});
