import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hubspotConnector } from '../../src/crm/hubspot/index.ts';
import type { DesiredFields } from '../../src/decide/desired.ts';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { postgresBulkJobs } from '../../src/store/bulk-jobs.ts';
import { noteConnection } from '../../src/store/connections.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import type { CrmConnector, CrmName, MappedField } from '../../src/sync/crm.ts';
import { deliver } from '../../src/sync/deliver.ts';
import { connectorTo } from '../contract/salesforce-world.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let sandbox: HubspotSandbox | SalesforceSandbox;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
afterEach(() => sandbox.close());

const VENDORS = {
  hubspot: { object: 'company', person: 'contact', key: 'pql_account_id', score: 'pql_score', batch: 100 },
  salesforce: {
    object: 'Account',
    person: 'Contact',
    key: 'PQL_Account_Id__c',
    score: 'PQL_Score__c',
    batch: 200,
  },
} as const;

interface Open {
  crm: CrmName;
  connector: CrmConnector;
  connection: string;
  /** Puts a person's record into the CRM. */
  seedPerson(email: string): void;
  /** Calls that wrote accounts, and those that wrote people. */
  writes(): { accounts: number; people: number };
}

async function open(crm: CrmName): Promise<Open> {
  await database.db.query('TRUNCATE actions, bulk_jobs, bulk_acts, crm_records, accounts, connections');
  const made = crm === 'hubspot' ? await hubspot() : await salesforce();
  const { connection } = await made.connector.connect();
  const { object, person, key, score } = VENDORS[crm];
  const fields: MappedField[] = [
    { object, field: key, type: 'text', unique: true },
    { object, field: score, type: 'number', unique: false },
    { object: person, field: score, type: 'number', unique: false },
  ];
  await made.connector.setup(fields, [], true);
  await made.connector.writePeople([]);
  await noteConnection(database.db, crm, connection, Date.now());
  return { crm, connection, ...made };
}

async function hubspot() {
  const portal = await startHubspotSandbox();
  sandbox = portal;
  const wrote = (object: string) =>
    portal
      .calls()
      .filter(({ path }) => path.includes(`/${object}/batch/`) && /(create|update|upsert)$/.test(path))
      .length;
  return {
    connector: hubspotConnector({ accessToken: 'pat', baseUrl: portal.url, clock: systemClock }),
    seedPerson: (email: string) => void portal.seed([{ object: 'contacts', properties: { email } }]),
    writes: () => ({ accounts: wrote('companies'), people: wrote('contacts') }),
  };
}

async function salesforce() {
  const org = await startSalesforceSandbox();
  sandbox = org;
  return {
    connector: connectorTo(org),
    seedPerson: (email: string) => void org.seed('Contact', { LastName: 'L', Email: email }),
    writes: () => {
      const writing = org
        .calls()
        .filter(({ method, path }) => method !== 'GET' && path.includes('/composite/'));
      const accounts = writing.filter(({ path }) => path.endsWith('/PQL_Account_Id__c')).length;
      // Updates say in their body what they are of: the writes in between do.
      return { accounts, people: writing.length - accounts };
    },
  };
}

/** Accounts with a score, one person each: waiting. */
async function want(of: Open, count: number, score: number): Promise<void> {
  const { crm } = of;
  const { score: field } = VENDORS[crm];
  const onCreate =
    crm === 'hubspot'
      ? { account: (i: number) => ({ name: `C${i}` }), person: () => ({}) }
      : {
          account: (i: number) => ({ Name: `C${i}` }),
          person: (i: number) => ({ LastName: `P${i}`, Email: `p@c${i}.example` }),
        };
  const acts = Array.from({ length: count }, (_, i) => {
    const record = { create: true, fields: { [field]: score }, stamps: [] };
    const payload: DesiredFields = {
      account: { ...record, ref: `acct-${i}`, lookup: null, onCreate: onCreate.account(i) },
      people: [{ ...record, ref: `u:${i}`, lookup: `p@c${i}.example`, onCreate: onCreate.person(i) }],
    };
    const key = `acct-${i}`;
    return { key, account: key, kind: 'fields', payload };
  });
  await queueActs(database.db, of, acts, Date.now());
}

/** One delivery, until nothing is due. */
function run({ connector, connection }: Open): Promise<number | null> {
  const now = () => Date.now();
  const outbox = postgresOutbox(database.db, now, now);
  const jobs = postgresBulkJobs(database.db, now, now);
  return deliver({ outbox, jobs, connector, connection, realNow: now, random: () => 0 });
}

/** Write calls that it takes until nothing waits, and every call beside them. */
async function delivered(world: Open) {
  const { writes } = world;
  sandbox.forgetLog();
  await run(world);
  const waiting = await database.db.query("SELECT 1 FROM actions WHERE state <> 'done'");
  expect(waiting.rows).toHaveLength(0);
  const { accounts, people } = writes();
  return { writes: accounts + people, others: sandbox.calls().length - accounts - people };
}

describe.each(['hubspot', 'salesforce'] as const)('calls that %s is asked for', (crm) => {
  const { batch } = VENDORS[crm];

  it.each([1, 100, 101, 1300])(
    '%i accounts and their people: full batches when made, when changed, and none when nothing changed',
    async (count) => {
      const world = await open(crm);
      await want(world, count, 85);
      // Accounts once and people once.
      expect((await delivered(world)).writes).toBe(2 * Math.ceil(count / batch));
      await want(world, count, 20);
      expect(await delivered(world)).toEqual({ writes: 2 * Math.ceil(count / batch), others: 0 });
      await want(world, count, 20);
      expect(await delivered(world)).toEqual({ writes: 0, others: 0 });
    },
  );

  const due = (count: number) =>
    database.db.query(
      `INSERT INTO dirty_accounts (account, due_at, act) SELECT gen_random_uuid(), now(), true FROM generate_series(1, $1::int)`,
      [count],
    );

  it('while many scores are being made, what is less than a round waits for more, and no longer than five seconds', async () => {
    const world = await open(crm);
    await want(world, 2, 85);
    await due(100);
    sandbox.forgetLog();
    expect(await run(world)).toBe(200);
    expect(sandbox.calls()).toHaveLength(0);
    await want(world, batch, 85);
    await database.db.query('DELETE FROM dirty_accounts');
    expect((await delivered(world)).writes).toBe(2);
    await want(world, 2, 20);
    await due(100);
    await database.db.query(`UPDATE actions SET next_at = now() - interval '6 seconds'`);
    expect((await delivered(world)).writes).toBe(2);
    await database.db.query('DELETE FROM dirty_accounts');
  });

  it('the few scores that a steady stream always has due keep nothing back', async () => {
    const world = await open(crm);
    await want(world, 2, 85);
    await due(99);
    expect((await delivered(world)).writes).toBeGreaterThan(0);
    await database.db.query('DELETE FROM dirty_accounts');
  });

  it('450 accounts of which some are linked, some new, some with contacts that the CRM knows: one open batch more per kind', async () => {
    const world = await open(crm);
    await want(world, 130, 85);
    await delivered(world);
    for (let i = 130; i < 300; i++) {
      world.seedPerson(`p@c${i}.example`);
    }
    await want(world, 450, 20);
    const { writes } = await delivered(world);
    const kinds = 130 / batch + 320 / batch + (130 + 170) / batch + 150 / batch;
    expect(writes).toBeLessThanOrEqual(Math.ceil(kinds) + 3);
  });
});
