import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeStatus } from '../../src/store/read/status.ts';
import { deliver } from '../../src/sync/deliver.ts';
import type { DeliverDeps } from '../../src/sync/settle.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type BulkWorld, bulkWorld, keys, want } from './bulk-world.ts';

/** One more than what the ordinary way carries here. */
const MANY = 21;
let database: TestDatabase;
let open: BulkWorld;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  open = await bulkWorld(database);
});
afterEach(() => open.close());

const INGEST = /\/jobs\/ingest/;
const COLLECTIONS = /\/composite\/sobjects/;
const jobs = () => open.sandbox.bulkJobs();
const kinds = () => jobs().map(({ object, operation }) => `${operation} ${object}`);
const everyAccountRight = (score: number) =>
  expect(new Set(open.sandbox.records('Account').map((one) => one.PQL_Score__c))).toEqual(new Set([score]));

describe('more than 2,000 changed accounts', () => {
  it('go by one upsert job and no collection; changed again, by one update job; nothing changed costs nothing', async () => {
    const all = keys(MANY).map((key) => ({ key }));
    await want(open, all);
    await open.drain();
    expect(kinds()).toEqual(['upsert Account']);
    expect(open.calls('PATCH', COLLECTIONS)).toBe(0);
    expect(open.sandbox.records('Account')).toHaveLength(MANY);
    await want(
      open,
      all.map((one) => ({ ...one, score: 20 })),
    );
    await open.drain();
    expect(kinds()).toEqual(['upsert Account', 'update Account']);
    everyAccountRight(20);
    expect(jobs()[1]?.content?.split('\n')[0]).toBe('Id,PQL_Score__c');
    open.sandbox.forgetLog();
    await want(
      open,
      all.map((one) => ({ ...one, score: 20 })),
    );
    await open.drain();
    expect(open.sandbox.calls()).toEqual([]);
    expect(await open.states()).toEqual({ done: MANY });
  });

  it('2,000 and no more go by collections of 200', async () => {
    await open.close();
    open = await bulkWorld(database, null);
    await want(
      open,
      keys(2000).map((key) => ({ key })),
    );
    await open.drain();
    expect([jobs().length, open.calls('PATCH', COLLECTIONS)]).toEqual([0, 10]);
    await want(
      open,
      keys(2001).map((key) => ({ key, score: 20 })),
    );
    await open.drain();
    expect([kinds(), open.calls('PATCH', COLLECTIONS)]).toEqual([['update Account'], 11]);
    everyAccountRight(20);
  });

  it('of 2,500, those whose field is only_increase are read first and go by collections; the others by the job', async () => {
    await open.close();
    open = await bulkWorld(database, null);
    const rules = { PQL_Score__c: { type: 'number', write: 'only_increase', byHand: 'restore' } } as const;
    const all = keys(2500).map((key) => ({ key, rules, score: 50, tier: 'lead' }));
    await want(open, all);
    await open.drain();
    open.sandbox.forgetLog();
    const byKey = new Map(open.sandbox.records('Account').map((one) => [one.PQL_Account_Id__c, one.Id]));
    open.sandbox.touch('Account', String(byKey.get('acct-0')), { PQL_Score__c: 99 });
    const wanted = (i: number) => (i === 0 ? 80 : i === 1 ? 40 : i < 300 ? 80 : 50);
    await want(
      open,
      all.map((one, i) => ({ ...one, tier: 'mql', score: wanted(i) })),
    );
    await open.drain();
    expect([kinds(), open.calls('PATCH', COLLECTIONS)]).toEqual([['upsert Account', 'update Account'], 2]);
    expect(jobs()[1]?.content?.trim().split('\n')).toHaveLength(1 + 2200);
    const found = new Map(open.sandbox.records('Account').map((one) => [one.PQL_Account_Id__c, one]));
    expect(keys(2500).map((key) => found.get(key)?.PQL_Score__c)).toEqual(
      all.map((_, i) => (i === 0 ? 99 : i === 1 ? 50 : wanted(i))),
    );
    expect(new Set([...found.values()].map((one) => one.PQL_Tier__c))).toEqual(new Set(['mql']));
    expect(await open.states()).toEqual({ done: 2500 });
  });

  it('are found as ever: by web site, by key, and not created against the mapping', async () => {
    const old = open.sandbox.seed('Account', { Name: 'Old', Website: 'https://www.acct0.example' });
    const own = open.sandbox.seed('Account', { Name: 'Own', PQL_Account_Id__c: 'acct-1' });
    await want(
      open,
      keys(MANY).map((key, i) => ({ key, create: i !== 2, domain: i === 0 ? 'acct0.example' : null })),
    );
    await open.drain();
    const byId = new Map(open.sandbox.records('Account').map((one) => [one.Id, one]));
    expect(byId.get(old.Id)).toMatchObject({ Name: 'Old', PQL_Account_Id__c: 'acct-0', PQL_Score__c: 85 });
    expect(byId.get(own.Id)).toMatchObject({ Name: 'Own', PQL_Score__c: 85 });
    expect(byId.size).toBe(MANY - 1);
    expect(await open.states()).toEqual({ done: MANY - 1, skipped: 1 });
  });

  it('of two that have one web site, one is made and the other parked', async () => {
    await want(
      open,
      keys(MANY + 1).map((key, i) => ({ key, domain: i < 2 ? 'shared.example' : null })),
    );
    await open.drain();
    const parked = await open.db.query("SELECT code, reason FROM actions WHERE state = 'parked'");
    expect(parked.rows).toEqual([
      { code: 'company_taken', reason: expect.stringMatching(/^web site shared.example belongs to/) },
    ]);
    expect([kinds(), open.sandbox.records('Account').length]).toEqual([['upsert Account'], MANY]);
  });

  it('I9: a refused row is parked with its code, a locked one is tried again, the others are done', async () => {
    await want(
      open,
      keys(MANY).map((key, i) => ({ key, ...(i === 3 ? { name: 'x'.repeat(300) } : {}) })),
    );
    open.sandbox.faults.add({
      path: '*/jobs/ingest/*',
      method: 'GET',
      vendor: 'lock_rows',
      detail: ['acct-5'],
      skip: 1,
    });
    await open.drain();
    const parked = await open.db.query("SELECT code, reason FROM actions WHERE state = 'parked'");
    expect(parked.rows).toEqual([
      { code: 'STRING_TOO_LONG', reason: expect.stringMatching(/data value too large.*\[Name\]/) },
    ]);
    expect(await open.states()).toEqual({ done: MANY - 1, parked: 1 });
  });

  it('values with quotes, separators, line breaks and nothing at all arrive as they are', async () => {
    const names = ['a,b', 'say "hi"', 'two\nlines', 'pipe|semi;tab\there', ' spaced ', 'ünï', '#N/A'];
    await want(
      open,
      keys(MANY).map((key, i) => ({ key, name: names[i] ?? `N ${i}` })),
    );
    await open.drain();
    const made = new Map(open.sandbox.records('Account').map((one) => [one.PQL_Account_Id__c, one.Name]));
    expect(names.map((_, i) => made.get(`acct-${i}`))).toEqual(names);
    expect(await open.states()).toEqual({ done: MANY });
  });

  it('an account that a task waits for does not wait for a job', async () => {
    await want(
      open,
      keys(MANY + 1).map((key) => ({ key })),
    );
    const payload = { subject: 's', body: 'b', dueAt: 0, priority: 'high', person: null, crmKey: 'k' };
    const of = { crm: 'salesforce', connection: open.connection };
    await queueActs(open.db, of, [{ key: 't', account: 'acct-7', kind: 'task', payload }], open.now);
    open.sandbox.bulk.checks = Number.POSITIVE_INFINITY;
    await deliver(open.worker());
    expect(open.sandbox.records('Task')).toHaveLength(1);
    expect(jobs()).toHaveLength(1);
    expect(open.sandbox.records('Account')).toHaveLength(1);
  });

  it('a change that comes while the job runs is written after it', async () => {
    const all = keys(MANY).map((key) => ({ key }));
    await want(open, all);
    await deliver(open.worker());
    await want(open, [{ key: 'acct-9', score: 99 }]);
    await open.drain();
    const [ninth] = open.sandbox.records('Account').filter((one) => one.PQL_Account_Id__c === 'acct-9');
    expect(ninth?.PQL_Score__c).toBe(99);
    expect(await open.states()).toEqual({ done: MANY });
  });
});

describe('their people', () => {
  it('changed together with fewer accounts than a job is for, go by jobs too: they are more than 2,000', async () => {
    const all = keys(8).map((key, i) => ({
      key,
      people: [0, 1, 2].map((n) => ({ ref: `${key}-p${n}`, email: `p${n}@c${i}.example` })),
    }));
    for (const { people } of all.slice(0, 7)) {
      people.forEach(({ email }) => void open.sandbox.seed('Contact', { LastName: 'L', Email: email }));
    }
    await want(open, all);
    await open.drain();
    expect(kinds()).toEqual(['upsert Account', 'update Contact']);
    expect(await open.states()).toEqual({ done: 8 });
    expect(open.sandbox.records('Contact')).toHaveLength(24);
    expect(new Set(open.sandbox.records('Contact').map((one) => one.PQL_Score__c))).toEqual(new Set([85]));
  });

  it('with a job for accounts: contacts go after them', async () => {
    const all = keys(MANY).map((key, i) => ({
      key,
      people: [{ ref: `p-${key}`, email: `p@c${i}.example` }],
    }));
    for (const { people } of all) {
      open.sandbox.seed('Contact', { LastName: 'L', Email: people[0]?.email });
    }
    await want(open, all);
    await open.drain();
    expect(kinds()).toEqual(['upsert Account', 'update Contact']);
    expect(open.calls('PATCH', COLLECTIONS)).toBe(0);
    expect(new Set(open.sandbox.records('Contact').map((one) => one.PQL_Score__c))).toEqual(new Set([85]));
    expect(await open.states()).toEqual({ done: MANY });
  });
});

describe('when a job goes wrong', () => {
  const wanted = () =>
    want(
      open,
      keys(MANY).map((key) => ({ key })),
    );

  it('one that failed half-way keeps what it did, and the rest goes by collections with the reason', async () => {
    open.sandbox.bulk.fails = { message: 'InternalServerError : too long', after: 11 };
    await wanted();
    await open.drain();
    expect(jobs()).toHaveLength(1);
    expect(open.calls('PATCH', COLLECTIONS)).toBe(1);
    expect(await open.states()).toEqual({ done: MANY });
    const ended = await open.db.query('SELECT state, message FROM bulk_jobs');
    expect(ended.rows).toEqual([{ state: 'ended', message: 'InternalServerError : too long' }]);
  });

  it('one whose results the org does not give has its rows written again by collections', async () => {
    const body = [{ errorCode: 'INVALIDJOBSTATE', message: 'no results', fields: [] }];
    open.sandbox.faults.add({
      method: 'GET',
      path: '*/successfulResults',
      times: 'always',
      reply: { status: 400, body },
    });
    await wanted();
    await open.drain();
    expect(await open.states()).toEqual({ done: MANY });
    expect(open.sandbox.records('Account')).toHaveLength(MANY);
    expect(open.calls('PATCH', COLLECTIONS)).toBe(1);
  });

  it('rows that were left unprocessed go by collections', async () => {
    open.sandbox.bulk.unprocessed = 7;
    await wanted();
    await open.drain();
    expect([jobs().length, open.calls('PATCH', COLLECTIONS)]).toEqual([1, 1]);
    expect(await open.states()).toEqual({ done: MANY });
  });

  it('an org that refuses jobs gets collections', async () => {
    const body = [{ errorCode: 'FEATURENOTENABLED', message: 'Bulk API is not enabled' }];
    open.sandbox.faults.add({
      method: 'POST',
      path: '*/jobs/ingest',
      reply: { status: 400, body },
      times: 'always',
    });
    await wanted();
    await open.drain();
    expect([jobs().length, open.calls('PATCH', COLLECTIONS)]).toEqual([0, 1]);
    expect(await open.states()).toEqual({ done: MANY });
  });

  it('a limit of the day pauses the connection and the job goes on after it', async () => {
    const body = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }];
    open.sandbox.faults.add({ method: 'PUT', path: '*/batches', reply: { status: 403, body } });
    await wanted();
    const began = open.now;
    await open.drain();
    expect(open.now - began).toBeGreaterThan(15 * 60_000);
    expect(jobs().map(({ state }) => state)).toEqual(['JobComplete']);
    expect(await open.states()).toEqual({ done: MANY });
  });

  it('a slow one is looked at ever more rarely, and never deleted or aborted', async () => {
    open.sandbox.bulk.checks = 40;
    await wanted();
    const began = open.now;
    await open.drain();
    expect(open.now - began).toBeGreaterThan(30 * 60_000);
    expect(jobs()).toMatchObject([{ state: 'JobComplete', deletedIn: null }]);
    expect(open.calls('DELETE', INGEST)).toBe(0);
    expect(await open.states()).toEqual({ done: MANY });
  });

  it('one that has not ended stands in the status, under the id that the org knows it by', async () => {
    open.sandbox.bulk.checks = 5;
    await wanted();
    await deliver(open.worker());
    const shown = async () => (await storeStatus(open.db, new Date(open.now), null)).crm.salesforce?.bulkJobs;
    expect(await shown()).toEqual([
      {
        id: jobs()[0]?.id,
        object: 'account',
        operation: 'upsert',
        state: 'closed',
        rows: MANY,
        since: new Date(open.now).toISOString(),
        message: null,
      },
    ]);
    open.sandbox.faults.add({ method: 'GET', path: '*/jobs/ingest/*', reply: { status: 503, body: [] } });
    open.now += 1000;
    await deliver(open.worker());
    expect((await shown())?.[0]?.message).toMatch(/503|UNKNOWN|no_answer/);
    await open.drain();
    expect(await shown()).toEqual([]);
  });

  it('one that somebody aborted in the org leaves its rows to collections', async () => {
    await wanted();
    await deliver(open.worker());
    for (const job of jobs()) {
      job.state = 'Aborted';
    }
    await open.drain();
    expect(await open.states()).toEqual({ done: MANY });
    everyAccountRight(85);
  });
});

describe('I7: another process takes over', () => {
  /** Throws when `method` of the connector's jobs has been called, before or after it did its work. */
  function dying(
    method: 'open' | 'upload' | 'close' | 'check' | 'read',
    when: 'before' | 'after',
  ): DeliverDeps {
    const deps = open.worker();
    const writer = deps.connector.bulk;
    if (writer === undefined) {
      throw new Error('no jobs');
    }
    const die = async (...args: never[]) => {
      if (when === 'after') {
        await (writer[method] as (...all: never[]) => Promise<unknown>)(...args);
      }
      throw new Error('killed');
    };
    return { ...deps, connector: { ...deps.connector, bulk: { ...writer, [method]: die } } };
  }

  /** A process that works until it dies, and another one after its leases have ended. */
  async function survives(deps: DeliverDeps): Promise<void> {
    await want(
      open,
      keys(MANY).map((key) => ({ key })),
    );
    await expect(open.drain(deps)).rejects.toThrow('killed');
    const other = open.worker();
    await deliver(other);
    expect(open.calls('PATCH', COLLECTIONS)).toBe(0);
    open.now += 130_000;
    await open.drain(other);
    expect(await open.states()).toEqual({ done: MANY });
    expect(open.sandbox.records('Account')).toHaveLength(MANY);
    expect([open.calls('PATCH', COLLECTIONS), open.calls('DELETE', INGEST)]).toEqual([0, 0]);
  }

  it.each([
    ['created, its id not stored', 'open', 'after', 2],
    ['created, nothing uploaded', 'upload', 'before', 1],
    ['uploaded, which nobody noted', 'upload', 'after', 1],
    ['uploaded, not closed', 'close', 'before', 1],
    ['closed, which nobody noted', 'close', 'after', 1],
    ['running', 'check', 'before', 1],
    ['complete, no result read', 'read', 'before', 1],
  ] as const)('of a job that is %s', async (_what, method, when, made) => {
    await survives(dying(method, when));
    expect(jobs()).toHaveLength(made);
    expect(jobs().filter(({ state }) => state === 'JobComplete')).toHaveLength(1);
    expect(jobs().every(({ content, state }) => content !== null || state === 'Open')).toBe(true);
  });

  it('of a job whose results are half read', async () => {
    const deps = open.worker();
    const { jobs: port } = deps;
    let pages = 0;
    const settle: NonNullable<typeof port>['settle'] = async (...args) => {
      pages += 1;
      if (pages === 2) {
        throw new Error('killed');
      }
      await port?.settle(...args);
    };
    const acts: NonNullable<typeof port>['acts'] = async (job, page) =>
      (await port?.acts(job, page, 8)) ?? [];
    await survives({ ...deps, jobs: { ...(port as NonNullable<typeof port>), settle, acts } });
    expect(jobs()).toHaveLength(1);
  });

  it('of acts that were taken and not planned: they go back', async () => {
    const deps = open.worker();
    const plan = async () => {
      throw new Error('killed');
    };
    const bulk = { ...(deps.connector.bulk as NonNullable<typeof deps.connector.bulk>), plan };
    await survives({ ...deps, connector: { ...deps.connector, bulk } });
    expect(jobs()).toHaveLength(1);
  });

  it('two workers at a time make one job, and neither writes its records meanwhile', async () => {
    await want(
      open,
      keys(MANY).map((key) => ({ key })),
    );
    open.sandbox.bulk.checks = 3;
    const workers = [open.worker(), open.worker(), open.worker()];
    for (let i = 0; i < 30; i++) {
      await Promise.all(workers.map((deps) => deliver(deps)));
      open.now += 5000;
    }
    expect([jobs().length, open.calls('PATCH', COLLECTIONS)]).toEqual([1, 0]);
    expect(open.sandbox.writes().filter(({ object }) => object === 'Account')).toHaveLength(MANY);
    expect(await open.states()).toEqual({ done: MANY });
  });
});
