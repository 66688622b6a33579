import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hubspotConnector } from '../src/crm/hubspot/index.ts';
import { salesforceConnector } from '../src/crm/salesforce/index.ts';
import { systemClock } from '../src/shared/clock.ts';
import { silentLogger } from '../src/shared/log.ts';
import { sideBySide } from '../src/shared/side-by-side.ts';
import { postgresBulkJobs } from '../src/store/bulk-jobs.ts';
import { actionId, noteConnection } from '../src/store/connections.ts';
import { type Db, hashId, openPool } from '../src/store/db.ts';
import { migrate } from '../src/store/migrate.ts';
import { postgresOutbox } from '../src/store/outbox.ts';
import type { WithBulk } from '../src/sync/bulk.ts';
import type { CallBudget, Calls } from '../src/sync/calls.ts';
import type { CrmName, MappedField } from '../src/sync/crm.ts';
import { deliver } from '../src/sync/deliver.ts';
import { openBudgets } from '../src/wiring/budgets.ts';
import { startPostgres } from './postgres.ts';
import { table, whole } from './timing.ts';

/** As configured by default. */
const LIMITS = { HUBSPOT_API_RESERVE: 5, SALESFORCE_API_RESERVE: 20, SALESFORCE_CALLS_AT_ONCE: 5 };
/** Of every answer, ms. */
const LATENCY = 150;
/** Changed accounts. The large one takes minutes. */
const SIZES = [100, 10_000];
const LARGE = 200_000;
/** Records of the sample for one call per record. */
const SAMPLE = 200;

/** The stand-in takes any. */
const HUBSPOT_TOKEN = 'pat-bench';

/** What the vendors allow and what we keep under way at a time. */
const CRMS = {
  hubspot: {
    batch: 100,
    atOnce: 3,
    perSecond: 19,
    field: 'pql_score',
    object: 'company',
    key: 'pql_account_id',
  },
  salesforce: {
    batch: 200,
    atOnce: 4,
    perSecond: Number.POSITIVE_INFINITY,
    field: 'PQL_Score__c',
    object: 'Account',
    key: 'PQL_Account_Id__c',
  },
} as const;

interface Running {
  url: string;
  ids: string[];
  clientId: string;
  clientSecret: string;
  child: ChildProcess;
}

/**
 * Calls and seconds from "so many linked accounts have another score" to "every one is acknowledged", through the real
 * delivery loop and PostgreSQL, against a sandbox that answers after 150 ms and refuses what the vendor refuses (HubSpot:
 * 190 calls in ten seconds, 5 searches a second). Beside the floor (full batches, and nothing else, at the same
 * concurrency) and one call per record (measured on a sample of 200, the rest is arithmetic).
 */
export async function sync({ large }: { large: boolean }): Promise<void> {
  const server = await startPostgres(['fsync=off']);
  const db = openPool(server.url, 5);
  try {
    await migrate(db);
    const rows = [HEADER];
    for (const crm of ['hubspot', 'salesforce'] as const) {
      for (const count of large ? [...SIZES, LARGE] : SIZES) {
        rows.push(await measured(db, crm, count));
      }
    }
    console.log(table(rows));
    console.log(NOTES);
  } finally {
    await db.end();
    await server.stop();
  }
}

const NOTES = `floor: full batches (100, 200) and nothing else, as many under way as we have, within the rate limit; no database.
one by one: one call per record, as many under way; measured on ${SAMPLE} records and scaled.
Salesforce above 2,000 goes by bulk jobs of up to 50,000 rows: fewer calls than the floor, and waiting for the job.`;

const HEADER = [
  'changed accounts',
  'calls',
  'refused',
  'floor calls',
  'seconds',
  'floor seconds',
  'seconds : floor',
  'one by one: calls',
  'seconds',
  'one by one : ours',
];

async function measured(db: Db, crm: CrmName, count: number): Promise<string[]> {
  await db.query('TRUNCATE actions, bulk_jobs, bulk_acts, crm_records, accounts, connections');
  const running = await start(crm, count);
  try {
    const budgets = openBudgets(LIMITS, { db, logger: silentLogger() });
    const budget = budgets.of(crm, running.url);
    const connector = connectorTo(crm, running, budget);
    const { connection } = await connector.connect();
    await connector.setup(fieldsOf(crm), [], true);
    await changed(db, crm, connection, running.ids);
    await fetch(`${running.url}/__sandbox/log`, { method: 'DELETE' });
    running.child.send('latency');
    const began = performance.now();
    await drain(db, connector, budget, connection);
    const seconds = (performance.now() - began) / 1000;
    const calls = (await (await fetch(`${running.url}/__sandbox/calls`)).json()) as { status: number }[];
    await allDone(db, count);
    const each = await oneByOne(crm, running);
    const { batch, atOnce, perSecond } = CRMS[crm];
    const floor = Math.ceil(count / batch);
    const floorSeconds = Math.max(Math.ceil(floor / atOnce) * (LATENCY / 1000), floor / perSecond - 10);
    return [
      `${crm} ${whole(count)}`,
      whole(calls.length),
      whole(calls.filter(({ status }) => status === 429).length),
      whole(floor),
      seconds.toFixed(1),
      floorSeconds.toFixed(1),
      (seconds / floorSeconds).toFixed(2),
      whole(count),
      whole(each * count),
      ((each * count) / seconds).toFixed(1),
    ];
  } finally {
    running.child.kill();
  }
}

function start(crm: CrmName, count: number): Promise<Running> {
  const file = fileURLToPath(new URL('sync-crm.ts', import.meta.url));
  const child = fork(file, [crm, String(count), String(LATENCY)], { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (told) => resolve({ ...(told as Omit<Running, 'child'>), child }));
    child.once('exit', () => reject(new Error(`the ${crm} sandbox ended`)));
  });
}

function connectorTo(crm: CrmName, { url, clientId, clientSecret }: Running, calls: Calls): WithBulk {
  return crm === 'hubspot'
    ? hubspotConnector({ accessToken: HUBSPOT_TOKEN, baseUrl: url, clock: systemClock, calls })
    : salesforceConnector({
        loginUrl: url,
        apiVersion: '64.0',
        calls,
        auth: { kind: 'client_credentials', clientId, clientSecret },
      });
}

function fieldsOf(crm: CrmName): MappedField[] {
  const { object, field, key } = CRMS[crm];
  return [
    { object, field: key, type: 'text', unique: true },
    { object, field, type: 'number', unique: false },
  ];
}

/** Linked accounts of which the CRM acknowledged another score than the one they have now. */
async function changed(db: Db, crm: CrmName, connection: string, ids: readonly string[]): Promise<void> {
  await noteConnection(db, crm, connection, Date.now());
  const { field } = CRMS[crm];
  for (let from = 0; from < ids.length; from += 10_000) {
    const rows = ids.slice(from, from + 10_000).map((crmId, i) => {
      const key = `acct-${from + i}`;
      const record = {
        ref: key,
        lookup: null,
        create: false,
        fields: { [field]: 85 },
        onCreate: {},
        stamps: [],
      };
      const payload = { account: record, people: [] };
      return { id: actionId(connection, key), account: hashId(key), key, crm_id: crmId, payload };
    });
    await db.query(
      `WITH row AS (SELECT * FROM json_to_recordset($1) AS row (id uuid, account uuid, key text, crm_id text, payload json)),
         made AS (INSERT INTO accounts (id, key) SELECT account, key FROM row),
         linked AS (INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
           SELECT $2, 'account', account, account, key, crm_id, $4, now() FROM row)
       INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at)
       SELECT id, key, $2, $3, 'fields', account, 'waiting', '', '', payload, now(), now(), now() FROM row`,
      [JSON.stringify(rows), connection, crm, JSON.stringify({ [field]: 20 })],
    );
  }
  await db.query('ANALYZE');
}

async function drain(db: Db, connector: WithBulk, budget: CallBudget, connection: string): Promise<void> {
  const now = () => Date.now();
  const outbox = postgresOutbox(db, now, now);
  const jobs = postgresBulkJobs(db, now, now);
  const deps = { outbox, jobs, connector, budget, connection, realNow: now, random: Math.random };
  for (let wait = await deliver(deps); wait !== null; wait = await deliver(deps)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** A benchmark of work that was not done would be worth nothing. */
async function allDone(db: Db, count: number): Promise<void> {
  const done = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM actions WHERE state = 'done'`,
  );
  if (done.rows[0]?.count !== count) {
    throw new Error(`${done.rows[0]?.count} of ${count} accounts were delivered`);
  }
}

/** Seconds that one account takes with a call of its own, as many under way as we have batches. */
async function oneByOne(crm: CrmName, running: Running): Promise<number> {
  const { url, ids } = running;
  const { atOnce, perSecond } = CRMS[crm];
  const token = crm === 'hubspot' ? HUBSPOT_TOKEN : await salesforceToken(running);
  const write = (id: string) =>
    fetch(
      crm === 'hubspot'
        ? `${url}/crm/v3/objects/companies/${id}`
        : `${url}/services/data/v64.0/sobjects/Account/${id}`,
      {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(crm === 'hubspot' ? { properties: { pql_score: '85' } } : { PQL_Score__c: 85 }),
      },
    ).then((answer) => answer.arrayBuffer());
  const sample = Array.from({ length: SAMPLE }, (_, i) => ids[i % ids.length] ?? '');
  const began = performance.now();
  await sideBySide(atOnce, sample, write);
  return Math.max((performance.now() - began) / 1000 / SAMPLE, 1 / perSecond);
}

async function salesforceToken({ url, clientId, clientSecret }: Running): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const answer = await fetch(`${url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return access_token;
}
