import type { DesiredFields, DesiredRecord } from '../../src/decide/desired.ts';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { postgresBulkJobs } from '../../src/store/bulk-jobs.ts';
import { noteConnection } from '../../src/store/connections.ts';
import type { Db } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import type { WithBulk } from '../../src/sync/bulk.ts';
import { deliver } from '../../src/sync/deliver.ts';
import type { DeliverDeps } from '../../src/sync/settle.ts';
import { connectorTo, FIELDS } from '../contract/salesforce-world.ts';
import { queueActs } from '../support/acts.ts';
import type { TestDatabase } from '../support/database.ts';

export interface BulkWorld {
  db: Db;
  sandbox: SalesforceSandbox;
  connection: string;
  /** A moment of real time, moved by drain(). */
  now: number;
  /** A worker of its own, as another process would be one. */
  worker(over?: Partial<DeliverDeps>): DeliverDeps;
  /** Delivers until nothing is due within an hour. */
  drain(deps?: DeliverDeps): Promise<void>;
  calls(method: string, path: RegExp): number;
  states(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** An org that was set up, and a database with a connection to it. */
export async function bulkWorld(
  { db }: TestDatabase,
  small: { above: number; fewest: number } | null = { above: 20, fewest: 5 },
): Promise<BulkWorld> {
  await db.query('TRUNCATE actions, bulk_jobs, bulk_acts, crm_records, accounts, connections');
  const sandbox = await startSalesforceSandbox();
  const connector = () => connectorTo(sandbox);
  // Far below the real limits, so that a test is quick; null: as shipped.
  const limited = (one: ReturnType<typeof connector>): WithBulk =>
    small === null ? one : { ...one, bulk: { ...one.bulk, ...small } };
  const first = connector();
  const { connection } = await first.connect();
  await first.setup(FIELDS, [], true);
  sandbox.forgetLog();
  const open: BulkWorld = {
    db,
    sandbox,
    connection,
    now: Date.now(),
    worker: (over = {}) => ({
      outbox: postgresOutbox(
        db,
        () => open.now,
        () => open.now,
      ),
      jobs: postgresBulkJobs(
        db,
        () => open.now,
        () => open.now,
      ),
      connector: limited(connector()),
      connection,
      realNow: () => open.now,
      random: () => 0,
      ...over,
    }),
    drain: async (deps = open.worker()) => {
      for (let i = 0; i < 400; i++) {
        const wait = await deliver(deps);
        if (wait === null || wait > 3_600_000) {
          return;
        }
        open.now += wait;
      }
      throw new Error('never at rest');
    },
    calls: (method, path) =>
      sandbox.calls().filter((call) => call.method === method && path.test(call.path)).length,
    states: async () => {
      const rows = await db.query<{ state: string; count: number }>(
        'SELECT state, count(*) AS count FROM actions GROUP BY state',
      );
      return Object.fromEntries(rows.rows.map(({ state, count }) => [state, count]));
    },
    close: () => sandbox.close(),
  };
  await noteConnection(db, 'salesforce', connection, open.now);
  return open;
}

export interface Wanted {
  /** Account key. */
  key: string;
  score?: number;
  tier?: string;
  /** How fields of a record that exists are written. */
  rules?: DesiredRecord['rules'];
  create?: boolean;
  domain?: string | null;
  people?: { ref: string; email: string; create?: boolean }[];
  name?: string;
}

/** What the account should hold, waiting to be delivered. A second time: changed since. */
export async function want({ db, connection, now }: BulkWorld, accounts: readonly Wanted[]): Promise<void> {
  const acts = accounts.map((one) => ({
    key: `fields:${one.key}`,
    account: one.key,
    kind: 'fields',
    payload: payloadOf(one),
  }));
  await queueActs(db, { crm: 'salesforce', connection }, acts, now);
}

function payloadOf({
  key,
  score = 85,
  tier = 'mql',
  rules,
  create = true,
  domain = null,
  people = [],
  name,
}: Wanted): DesiredFields {
  return {
    account: {
      ref: key,
      lookup: domain,
      create,
      fields: { PQL_Account_Id__c: key, PQL_Score__c: score, PQL_Tier__c: tier },
      onCreate: { Name: name ?? `Company ${key}` },
      stamps: [],
      ...(rules === undefined ? {} : { rules }),
    },
    people: people.map((person) => ({
      ref: person.ref,
      lookup: person.email,
      create: person.create ?? true,
      fields: { PQL_Score__c: score },
      onCreate: { LastName: person.ref, Email: person.email },
      stamps: [],
    })),
  };
}

export function keys(count: number, prefix = 'acct'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}
