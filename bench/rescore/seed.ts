import type { ProductEvent } from '../../src/events/event.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { noteConnection } from '../../src/store/connections.ts';
import type { Db } from '../../src/store/db.ts';
import { foldInbox } from '../../src/store/fold/index.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { eventsOf, NOW } from '../account.ts';
import { foldDeps, mappingsOf, stagesOf } from './deps.ts';

/** Accounts that are really folded and scored; all others are copies of them. */
const REAL = 250;

/** Events per account, as freemium products have them: most are small, few are busy. */
const SIZES = [3, 4, 5, 6, 8, 10, 15, 20, 40, 80];

/** Fills an empty, migrated database with `count` scored and delivered accounts of three people each. */
export async function seed(db: Db, count: number): Promise<void> {
  const mappings = mappingsOf(false);
  for (const crm of ['hubspot', 'salesforce']) {
    await noteConnection(db, crm, `${crm}:bench`, Date.now());
  }
  const deps = foldDeps(db, mappings, NOW);
  const { stages } = stagesOf(db, mappings, NOW);
  for (let account = 0; account < REAL; account++) {
    const entries = eventsOfAccount(account).map((event) => ({ type: 'event' as const, event }));
    await appendEntries(postgresJournal(db), entries);
  }
  while ((await foldInbox(deps, 500)).folded > 0) {
    // until all is folded
  }
  for (const name of ['refold', 'assess'] as const) {
    await stages.find((stage) => stage.name === name)?.drain();
  }
  await db.query(`UPDATE actions SET state = 'done'`);
  await multiply(db, count);
}

/** Three people: one told us who the company is, the others use the product. */
function eventsOfAccount(account: number): ProductEvent[] {
  const key = `base-${account}-`;
  const size = SIZES[account % SIZES.length] ?? 0;
  const at = NOW - 91 * 86_400_000;
  const people = [0, 1, 2].map((i): ProductEvent => {
    const [first] = eventsOf(1) as [ProductEvent];
    const traits = {
      email: `p${i}@${key}.example`,
      name: `Person ${i}`,
      department: ['Sales', 'IT', 'HR'][i] ?? '',
    };
    return {
      ...first,
      id: `${key}identify-${i}`,
      kind: 'group',
      name: null,
      at,
      receivedAt: at,
      userId: `${key}u-${i}`,
      accountId: key,
      declared: true,
      properties: {},
      personTraits: Object.entries(traits).map(([name, value]) => ({ op: 'set', name, value })),
      accountTraits: [
        { op: 'set', name: 'employees', value: 110 + account },
        { op: 'set', name: 'industry', value: account % 2 === 0 ? 'Software' : 'Retail' },
      ],
    };
  });
  const deeds = eventsOf(400)
    .filter((_, i) => (i * 31 + account * 7) % 400 < size)
    .map(
      (event, i): ProductEvent => ({
        ...event,
        id: `${key}${event.id}`,
        userId: `${key}u-${i % 3}`,
        accountId: key,
        name:
          i % 7 === 3
            ? (['API Integration Created', 'Workflow Configured', 'Invite Sent'][account % 3] ?? null)
            : event.name,
      }),
    );
  return [...people, ...deeds];
}

/** As `hashId` does it. */
const HASH = `CREATE OR REPLACE FUNCTION pg_temp.hash_id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT encode(substring(sha256(convert_to(name, 'UTF8')) FOR 16), 'hex')::uuid $$`;

/** Copies of the real accounts under keys of their own, in the database; the real ones go. */
async function multiply(db: Db, count: number): Promise<void> {
  const client = await db.connect();
  try {
    await client.query(HASH);
    await client.query('SET synchronous_commit = off');
    await client.query(
      `CREATE TEMP TABLE real AS SELECT id, key, row_number() OVER (ORDER BY key) - 1 AS n FROM accounts`,
    );
    for (let from = 0; from < count; from += STEP) {
      await client.query(`DROP TABLE IF EXISTS copies`);
      await client.query(
        `CREATE TEMP TABLE copies AS SELECT i, 'acct-' || i AS key, pg_temp.hash_id('acct-' || i) AS account,
           real.id AS original, real.key AS was
         FROM generate_series($1::int, $2::int) AS i JOIN real ON real.n = i % (SELECT count(*) FROM real)`,
        [from, Math.min(from + STEP, count) - 1],
      );
      await client.query('ANALYZE copies');
      for (const copy of COPIES) {
        await client.query(copy);
      }
    }
    for (const table of ['parts', 'scores', 'score_history', 'actions']) {
      await client.query(`DELETE FROM ${table} WHERE account IN (SELECT id FROM real)`);
    }
    await client.query('DELETE FROM accounts WHERE id IN (SELECT id FROM real)');
    await client.query(`DELETE FROM people WHERE ref LIKE 'u:base-%'`);
    await client.query('DROP TABLE real, copies');
  } finally {
    client.release();
  }
  await db.query('VACUUM ANALYZE');
  await db.query('CHECKPOINT');
}

const STEP = 20_000;

const COPIES = [
  `INSERT INTO accounts (id, key, name, domain, people, first_seen, last_seen)
     SELECT copies.account, copies.key, name, 'acct-' || i || '.example', people, first_seen, last_seen
     FROM copies JOIN accounts ON accounts.id = original`,
  `INSERT INTO people (id, ref, facts, plan)
     SELECT pg_temp.hash_id(replace(ref, was, copies.key || '-')), replace(ref, was, copies.key || '-'),
       replace(facts::text, was, copies.key)::json, plan
     FROM copies JOIN parts ON parts.account = original JOIN people ON people.id = parts.person`,
  `INSERT INTO parts (account, person, via, part)
     SELECT copies.account, pg_temp.hash_id(replace(ref, was, copies.key || '-')), via, replace(part::text, was, copies.key)::json
     FROM copies JOIN parts ON parts.account = original JOIN people ON people.id = parts.person`,
  `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, valid_until, evaluation,
       standing, route)
     SELECT copies.account, model, version, value, tier, computed_at, data_through, changed_at, valid_until, evaluation,
       standing, route FROM copies JOIN scores ON scores.account = original`,
  `INSERT INTO score_history (account, at, model, version, value, tier, crossing, note, evaluation)
     SELECT copies.account, at, model, version, value, tier, crossing, note, evaluation
     FROM copies JOIN score_history ON score_history.account = original`,
  `INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at)
     SELECT pg_temp.hash_id(connection || E'\\n' || replace(actions.key, was, copies.key)), replace(actions.key, was, copies.key),
       connection, crm, kind, copies.account, state, why, reason, replace(payload::text, was, copies.key)::json, next_at,
       created_at, updated_at
     FROM copies JOIN actions ON actions.account = original AND kind = 'fields'`,
];
