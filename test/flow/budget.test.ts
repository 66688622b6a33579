import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hubspotConnector } from '../../src/crm/hubspot/index.ts';
import type { DesiredFields } from '../../src/decide/desired.ts';
import { isIdle } from '../../src/read-model/status.ts';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type Logger, silentLogger } from '../../src/shared/log.ts';
import { postgresBulkJobs } from '../../src/store/bulk-jobs.ts';
import { noteConnection } from '../../src/store/connections.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { planWrites } from '../../src/store/read/plan.ts';
import { storeStatus } from '../../src/store/read/status.ts';
import type { WithBulk } from '../../src/sync/bulk.ts';
import type { CrmConnector, CrmName, MappedField } from '../../src/sync/crm.ts';
import { deliver } from '../../src/sync/deliver.ts';
import type { DeliverDeps } from '../../src/sync/settle.ts';
import { type Budgets, openBudgets } from '../../src/wiring/budgets.ts';
import { readFromCrms } from '../../src/wiring/crm-reads.ts';
import { connectorTo } from '../contract/salesforce-world.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { shippedMappings } from '../support/policy.ts';

let database: TestDatabase;
let budgets: Budgets;
let said: { level: string; message: string; data: object }[];

const LIMITS = { HUBSPOT_API_RESERVE: 5, SALESFORCE_API_RESERVE: 20, SALESFORCE_CALLS_AT_ONCE: 5 };
const now = () => Date.now();

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  said = [];
  const note = (level: string) => (data: object, message: string) => said.push({ level, message, data });
  const logger = { info: note('info'), warn: note('warn') } as unknown as Logger;
  budgets = openBudgets(LIMITS, { db: database.db, logger });
  await database.db.query(
    'TRUNCATE actions, bulk_jobs, bulk_acts, crm_records, accounts, connections, crm_budgets, rate_limits, dirty_accounts',
  );
});
afterEach(() => budgets.close());

const SCORE = { hubspot: 'pql_score', salesforce: 'PQL_Score__c' };
const NAME = { hubspot: 'name', salesforce: 'Name' };

/** Accounts to be made, each with a task if it has just crossed. */
async function want(
  crm: CrmName,
  connection: string,
  keys: readonly string[],
  crossed: (key: string) => boolean,
): Promise<void> {
  const acts = keys.flatMap((key) => {
    const made = (kind: string, payload: object) => ({ key: `${kind}:${key}`, account: key, kind, payload });
    const fields: DesiredFields = {
      account: {
        ref: key,
        lookup: null,
        create: true,
        fields: { [SCORE[crm]]: 85 },
        stamps: [],
        onCreate: { [NAME[crm]]: key },
      },
      people: [],
    };
    const task = {
      subject: key,
      body: 'b',
      dueAt: now(),
      priority: 'high',
      person: null,
      crmKey: `pql-${key}`,
    };
    return [made('fields', fields), ...(crossed(key) ? [made('task', task)] : [])];
  });
  await queueActs(database.db, { crm, connection }, acts, now());
}

const keys = (count: number) => Array.from({ length: count }, (_, i) => `a-${i}`);
const none = () => false;
const each = () => true;

async function drain(crm: CrmName, connector: CrmConnector, connection: string, identity: string) {
  const deps: DeliverDeps = {
    outbox: postgresOutbox(database.db, now, now),
    jobs: postgresBulkJobs(database.db, now, now),
    connector,
    budget: budgets.of(crm, identity),
    connection,
    realNow: now,
    random: () => 0,
  };
  // What was held back in the middle of a round is due again a moment later.
  for (let wait: number | null = 0; wait !== null && wait < 3000; wait = await deliver(deps)) {
    await new Promise((resolve) => setTimeout(resolve, wait ?? 0));
  }
}

const states = async () =>
  (
    await database.db.query<{ kind: string; state: string; count: number }>(
      'SELECT kind, state, count(*) AS count FROM actions GROUP BY kind, state ORDER BY kind, state',
    )
  ).rows.map(({ kind, state, count }) => `${count} ${kind} ${state}`);
const status = () => storeStatus(database.db, new Date(), null);
/** As if the minutes had passed after which one worker asks again. */
const laterOn = () => database.db.query("DELETE FROM rate_limits WHERE key LIKE '%:ask:%'");

describe("HubSpot's day is nearly used up", () => {
  const FIELDS: MappedField[] = [
    { object: 'company', field: 'pql_account_id', type: 'text', unique: true },
    { object: 'company', field: 'pql_score', type: 'number', unique: false },
    { object: 'task', field: 'pql_key', type: 'text', unique: true },
  ];
  let sandbox: HubspotSandbox;
  let connector: CrmConnector;
  let connection: string;

  beforeEach(async () => {
    sandbox = await startHubspotSandbox({ settings: { burstLimit: 10_000 } });
    const make = (calls = budgets.of('hubspot', sandbox.url)) =>
      hubspotConnector({ accessToken: 'pat', baseUrl: sandbox.url, clock: systemClock, calls });
    await make().setup(FIELDS, [], true);
    connector = make();
    ({ connection } = await connector.connect());
    await noteConnection(database.db, 'hubspot', connection, now());
  });
  afterEach(() => sandbox.close());

  /** Calls of others, until so many of the day are used; then the day is so long that they are this share of it. */
  async function used(share: number): Promise<void> {
    const call = () =>
      fetch(`${sandbox.url}/account-info/v3/details`, { headers: { authorization: 'Bearer x' } });
    await Promise.all(Array.from({ length: 200 }, call));
    const left = (await call()).headers.get('x-hubspot-ratelimit-daily-remaining');
    sandbox.settings.dailyLimit = Math.ceil((sandbox.settings.dailyLimit - Number(left)) / share);
    await connector.askBudget();
  }

  it('tasks and the records they need go out, the mass waits and says until when, and goes on with the new day, once each', async () => {
    await used(0.92);
    await want('hubspot', connection, keys(30), (key) => key === 'a-0' || key === 'a-1');
    await drain('hubspot', connector, connection, sandbox.url);
    expect(await states()).toEqual(['2 fields done', '28 fields waiting', '2 task done']);
    const { crm, ...rest } = await status();
    expect(crm.hubspot).toMatchObject({
      waiting: 28,
      held: 28,
      paused: null,
      budget: { held: ['mass', 'hot'] },
    });
    expect(crm.hubspot?.budget.waits).toMatch(
      /wait until 20\d\d-.* at the latest, when the count starts anew/,
    );
    expect(isIdle({ crm, ...rest, accounts: { ...rest.accounts, dirty: 0 } })).toBe(true);
    const plan = await planWrites(database.db, now());
    expect(plan.calls.hubspot).toEqual({ write: 1, lookUp: 2 });
    expect(plan.budget.hubspot).toMatchObject({
      dailyMax: sandbox.settings.dailyLimit,
      held: ['mass', 'hot'],
    });
    expect(said).toMatchObject([{ level: 'warn', message: 'over the budget of calls' }]);

    sandbox.settings.dailyLimit = 100_000;
    await laterOn();
    await drain('hubspot', connector, connection, sandbox.url);
    expect(await states()).toEqual(['30 fields done', '2 task done']);
    const names = sandbox.records('companies').map(({ properties }) => properties.name);
    expect(new Set(names).size).toBe(30);
    expect(names).toHaveLength(30);
    expect(sandbox.records('tasks')).toHaveLength(2);
    expect((await status()).crm.hubspot).toMatchObject({ held: 0, budget: { held: [], waits: null } });
    expect(said.at(-1)).toMatchObject({ level: 'info' });
    // Not one call was refused, and no act counts an attempt for having waited.
    const attempts = await database.db.query('SELECT 1 FROM actions WHERE attempts > 1');
    expect(attempts.rows).toHaveLength(0);
  });

  it('when nothing is left but the reserve, everything waits, and no call goes out but the one that asks', async () => {
    await used(0.97);
    await want('hubspot', connection, ['c-1'], each);
    sandbox.forgetLog();
    await drain('hubspot', connector, connection, sandbox.url);
    expect(sandbox.calls()).toHaveLength(1);
    await drain('hubspot', connector, connection, sandbox.url);
    expect(sandbox.calls()).toHaveLength(1);
    expect(await states()).toEqual(['1 fields waiting', '1 task waiting']);
  });

  it('two workers on a portal that counts the second and any ten seconds are never refused', async () => {
    Object.assign(sandbox.settings, { limits: 'enforced', burstLimit: 60 });
    const { url } = sandbox;
    const others = openBudgets(LIMITS, { db: database.db, logger: silentLogger() });
    const calls = others.of('hubspot', url);
    const second = hubspotConnector({ accessToken: 'pat', baseUrl: url, clock: systemClock, calls });
    await connector.askBudget();
    sandbox.forgetLog();
    const read = (one: CrmConnector) => Promise.all(Array.from({ length: 12 }, () => one.askBudget()));
    await Promise.all([read(connector), read(second)]);
    expect(sandbox.calls().map((call) => call.status)).toEqual(Array.from({ length: 24 }, () => 200));
    await others.close();
  });

  it('a refusal for the day in spite of it pauses the connection until midnight, as ever', async () => {
    await want('hubspot', connection, ['c-1'], each);
    sandbox.settings.dailyLimit = 1;
    await drain('hubspot', connector, connection, sandbox.url);
    expect((await status()).crm.hubspot).toMatchObject({
      pausedBy: 'daily_limit',
      budget: { dailyRemaining: 0 },
    });
    expect(await states()).toEqual(['1 fields waiting', '1 task waiting']);
  });

  it('after a refused token nothing of the same round goes out any more, though a task is ready', async () => {
    await want('hubspot', connection, ['c-1'], each);
    await drain('hubspot', connector, connection, sandbox.url);
    await database.db.query(`UPDATE actions SET state = 'waiting', next_at = now() WHERE kind = 'task'`);
    await want('hubspot', connection, ['c-2'], each);
    sandbox.settings.accessToken = 'renewed';
    sandbox.forgetLog();
    await drain('hubspot', connector, connection, sandbox.url);
    expect(sandbox.calls().map(({ status }) => status)).toEqual([401]);
    expect(await states()).toEqual(['1 fields done', '1 fields waiting', '2 task waiting']);
  });
});

describe("Salesforce's last 24 hours are nearly used up", () => {
  const FIELDS: MappedField[] = [
    { object: 'Account', field: 'PQL_Account_Id__c', type: 'text', unique: true },
    { object: 'Account', field: 'PQL_Score__c', type: 'number', unique: false },
    { object: 'Task', field: 'PQL_Key__c', type: 'text', unique: true },
  ];
  let sandbox: SalesforceSandbox;
  let connector: CrmConnector;
  let connection: string;

  beforeEach(async () => {
    sandbox = await startSalesforceSandbox({ dailyMax: 10_000 });
    const calls = budgets.of('salesforce', sandbox.url);
    const make = () => connectorTo(sandbox, { calls });
    await make().setup(FIELDS, [], true);
    connector = make();
    ({ connection } = await connector.connect());
    await noteConnection(database.db, 'salesforce', connection, now());
  });
  afterEach(() => sandbox.close());

  it('the reserve is not touched: the mass stops first, tasks at the reserve, and all goes on when hours leave the count', async () => {
    await want('salesforce', connection, keys(900), none);
    sandbox.day.used = 7197;
    await connector.askBudget();
    await drain('salesforce', connector, connection, sandbox.url);
    // 8,000 are ours, of which the mass leaves a tenth; the one call beyond asked whether there is more.
    expect(sandbox.day.used).toBeLessThanOrEqual(7201);
    const [done, waiting] = await states();
    expect([done, waiting]).toEqual([
      expect.stringMatching(/fields done/),
      expect.stringMatching(/fields waiting/),
    ]);

    await want('salesforce', connection, ['b-1'], each);
    await drain('salesforce', connector, connection, sandbox.url);
    expect((await states()).at(-1)).toBe('1 task done');
    expect((await status()).crm.salesforce?.budget).toMatchObject({ held: ['mass'], reserved: 2000 });
    expect((await status()).crm.salesforce?.budget.waits).toContain('it is asked every 5 minutes');

    sandbox.day.used = 7999;
    await connector.askBudget();
    const before = sandbox.day.used;
    await want('salesforce', connection, ['b-2'], each);
    await drain('salesforce', connector, connection, sandbox.url);
    expect(sandbox.day.used).toBe(before);
    expect((await status()).crm.salesforce?.budget.held).toEqual(['mass', 'hot', 'act']);

    sandbox.day.used = 10;
    await laterOn();
    await drain('salesforce', connector, connection, sandbox.url);
    expect(await states()).toEqual(['902 fields done', '2 task done']);
    expect(sandbox.records('Account')).toHaveLength(902);
    expect(sandbox.records('Task')).toHaveLength(2);
  });

  it('reading waits with the mass, and goes on when hours leave the count', async () => {
    const crm = {
      name: 'salesforce' as const,
      mapping: shippedMappings().salesforce,
      connector,
      budget: budgets.of('salesforce', sandbox.url),
      sandbox: false,
    };
    const life = { stopping: false };
    const deps = { db: database.db, logger: silentLogger(), now, realNow: now, life };
    const read = async () => {
      sandbox.forgetLog();
      await readFromCrms(deps, [{ crm, connection }]);
      return sandbox.calls().filter(({ path }) => path.includes('/query')).length;
    };
    sandbox.day.used = 7300;
    await connector.askBudget();
    expect(await read()).toBe(0);
    sandbox.day.used = 10;
    await laterOn();
    expect(await read()).toBeGreaterThan(0);
  });

  it('a bulk job under way is not given up for want of calls', async () => {
    const { bulk } = connector as WithBulk;
    const jobs = { ...connector, ...(bulk === undefined ? {} : { bulk: { ...bulk, above: 20, fewest: 5 } }) };
    await want('salesforce', connection, keys(60), none);
    // Enough to plan and open a job, not to end it.
    sandbox.day.used = 7195;
    await connector.askBudget();
    await drain('salesforce', jobs, connection, sandbox.url);
    expect(sandbox.day.used).toBeLessThanOrEqual(7201);
    expect(await states()).toEqual(['60 fields waiting']);
    expect(sandbox.bulkJobs()).toHaveLength(1);
    sandbox.day.used = 0;
    await laterOn();
    await database.db.query('UPDATE bulk_jobs SET next_at = now()');
    await drain('salesforce', jobs, connection, sandbox.url);
    await database.db.query('UPDATE bulk_jobs SET next_at = now()');
    await drain('salesforce', jobs, connection, sandbox.url);
    expect(await states()).toEqual(['60 fields done']);
    expect(sandbox.records('Account')).toHaveLength(60);
    expect(sandbox.bulkJobs()).toHaveLength(1);
  });
});
