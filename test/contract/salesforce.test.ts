import { generateKeyPairSync } from 'node:crypto';
import { Connection, OAuth2 } from 'jsforce';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { salesforceConnector } from '../../src/crm/salesforce/index.ts';
import {
  duplicateRule,
  type SalesforceSandbox,
  SfError,
  startSalesforceSandbox,
} from '../../src/sandbox/salesforce/index.ts';
import type {
  AccountChange,
  CrmConnector,
  MappedField,
  MembershipChange,
  PersonChange,
  TaskChange,
} from '../../src/sync/crm.ts';

let sandbox: SalesforceSandbox;
let crm: CrmConnector;

const FIELDS: MappedField[] = [
  { object: 'Account', field: 'PQL_Account_Id__c', type: 'text', unique: true },
  { object: 'Account', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'Account', field: 'PQL_Tier__c', type: 'text', unique: false },
  { object: 'Contact', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'Lead', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'CampaignMember', field: 'PQL_Key__c', type: 'text', unique: true },
  { object: 'Task', field: 'PQL_Key__c', type: 'text', unique: true },
];

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

function connector(over: { timeoutMs?: number } = {}): CrmConnector {
  const { url, clientId, clientSecret } = sandbox;
  return salesforceConnector({
    loginUrl: url,
    apiVersion: '64.0',
    auth: { kind: 'client_credentials', clientId, clientSecret },
    ...over,
  });
}

beforeEach(async () => {
  sandbox = await startSalesforceSandbox({ publicKey });
  crm = connector();
  await crm.setup(FIELDS, ['PQL MQL'], true);
  sandbox.forgetLog();
});
afterEach(() => sandbox.close());

const account = (over: Partial<AccountChange> = {}): AccountChange => ({
  key: 'acct-7',
  crmId: null,
  domain: 'initech.example',
  create: true,
  fields: { PQL_Score__c: 85 },
  allFields: { PQL_Account_Id__c: over.key ?? 'acct-7', PQL_Score__c: 85, PQL_Tier__c: 'mql' },
  createFields: { Name: 'Initech' },
  ...over,
});

const person = (over: Partial<PersonChange> = {}): PersonChange => ({
  key: 'u:ada',
  crmId: null,
  email: 'ada@initech.example',
  accountCrmId: null,
  create: true,
  fields: { PQL_Score__c: 85 },
  allFields: { PQL_Score__c: 85 },
  createFields: { LastName: 'Lovelace', Email: over.email ?? 'ada@initech.example' },
  ...over,
});

const task = (over: Partial<TaskChange> = {}): TaskChange => ({
  key: 'pql-t1',
  subject: 'Initech: 4 teammates invited',
  body: 'why',
  dueAt: Date.UTC(2026, 2, 3, 12),
  priority: 'high',
  accountCrmId: null,
  personCrmId: null,
  ownerId: null,
  firstTriedAt: null,
  uncertain: false,
  ...over,
});

const member = (personCrmId: string, over: Partial<MembershipChange> = {}): MembershipChange => ({
  key: `pql-${personCrmId}`,
  campaign: 'PQL MQL',
  personCrmId,
  status: 'Sent',
  lifecycleStage: null,
  uncertain: false,
  ...over,
});

const calls = (path: RegExp) => sandbox.calls().filter((call) => path.test(call.path)).length;

describe('accounts', () => {
  it('creates by external-id upsert, and a repeat finds what was made', async () => {
    const first = await crm.writeAccounts([account()]);
    const second = await crm.writeAccounts([account()]);
    expect(first.get('acct-7')).toMatchObject({ state: 'done', created: true });
    expect(second.get('acct-7')).toMatchObject({ state: 'done', created: false });
    expect(sandbox.records('Account')).toMatchObject([
      { Name: 'Initech', PQL_Account_Id__c: 'acct-7', PQL_Score__c: 85 },
    ]);
  });

  it('S0: an account that the org holds under its web site is linked, the oldest of several', async () => {
    const old = sandbox.seed('Account', {
      Name: 'Initech',
      Website: 'http://www.initech.example/about',
      CreatedDate: '2020-01-01T00:00:00.000+0000',
    });
    sandbox.seed('Account', { Name: 'Initech copy', Website: 'initech.example' });
    sandbox.seed('Account', { Name: 'Other', Website: 'https://notinitech.example' });
    const outcome = (await crm.writeAccounts([account()])).get('acct-7');
    expect(outcome).toMatchObject({
      state: 'done',
      crmId: old.Id,
      note: '2 accounts have this web site; the oldest was taken',
    });
    expect(sandbox.records('Account')).toHaveLength(3);
  });

  it('never takes over an account that another key owns', async () => {
    sandbox.seed('Account', { Name: 'Initech', Website: 'initech.example', PQL_Account_Id__c: 'acct-8' });
    expect((await crm.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'done',
      created: true,
    });
  });

  it('creates nothing that is not to be created', async () => {
    expect((await crm.writeAccounts([account({ create: false })])).get('acct-7')).toMatchObject({
      state: 'skipped',
      code: 'no_match',
    });
    expect(sandbox.writes()).toEqual([]);
  });

  it('I9: one bad record in a collection of 200 is parked with the words of the org, the others go through', async () => {
    const changes = Array.from({ length: 200 }, (_, i) =>
      account({ key: `k${i}`, domain: null, createFields: { Name: i === 77 ? '' : `N${i}` } }),
    );
    const outcomes = await crm.writeAccounts(changes);
    expect(outcomes.get('k77')).toEqual({
      state: 'parked',
      code: 'REQUIRED_FIELD_MISSING',
      reason: 'Required fields are missing: [Name] [Name]',
      remedy: 'map the required field in salesforce.yaml, then: pql errors retry',
    });
    expect([...outcomes.values()].filter((outcome) => outcome.state === 'done')).toHaveLength(199);
  });

  it('I8: 200 linked accounts cost one write call', async () => {
    const made = await crm.writeAccounts(
      Array.from({ length: 200 }, (_, i) => account({ key: `k${i}`, domain: null })),
    );
    sandbox.forgetLog();
    await crm.writeAccounts(
      [...made].map(([key, outcome]) =>
        account({ key, crmId: outcome.state === 'done' ? outcome.crmId : '' }),
      ),
    );
    expect(sandbox.calls().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PATCH /services/data/v64.0/composite/sobjects',
    ]);
  });

  it('a deleted record is matched again', async () => {
    const made = (await crm.writeAccounts([account()])).get('acct-7');
    const id = made?.state === 'done' ? made.crmId : '';
    const conn = await connected();
    await conn.sobject('Account').destroy(id);
    expect((await crm.writeAccounts([account({ crmId: id })])).get('acct-7')).toMatchObject({
      state: 'rematch',
      code: 'ENTITY_IS_DELETED',
    });
  });

  it("an account that the org's duplicate rule names is linked, not made twice", async () => {
    const known = sandbox.seed('Account', { Name: 'Initech Ltd' });
    sandbox.refuse(
      duplicateRule('Account', 'Alert', (record) => (record.Name === 'Initech' ? known.Id : null)),
    );
    expect((await crm.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'done',
      crmId: known.Id,
    });
    expect(sandbox.records('Account')).toHaveLength(1);
  });

  it('names with quotes and wildcards cannot break out of a query', async () => {
    sandbox.seed('Account', { Name: 'x', Website: 'victim.example' });
    const outcomes = await crm.writeAccounts([
      account({ key: "a' OR Name != '", domain: "x' OR Website LIKE '%" }),
    ]);
    expect([...outcomes.values()]).toMatchObject([{ state: 'done', created: true }]);
    expect(
      sandbox.records('Account').find((one) => one.Website === 'victim.example')?.PQL_Account_Id__c,
    ).toBeUndefined();
  });
});

describe('people', () => {
  it('a contact of the account comes before another, and before a lead', async () => {
    const own = sandbox.seed('Account', { Name: 'Initech' });
    sandbox.seed('Contact', { LastName: 'L', Email: 'ADA@initech.example' });
    const contact = sandbox.seed('Contact', {
      LastName: 'L',
      Email: 'ada@initech.example',
      AccountId: own.Id,
    });
    sandbox.seed('Lead', { LastName: 'L', Company: 'Initech', Email: 'ada@initech.example' });
    expect((await crm.writePeople([person({ accountCrmId: own.Id })])).get('u:ada')).toMatchObject({
      state: 'done',
      crmId: contact.Id,
    });
  });

  it('an unconverted lead is written as a lead', async () => {
    const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'Initech', Email: 'ada@initech.example' });
    expect((await crm.writePeople([person()])).get('u:ada')).toMatchObject({ state: 'done', crmId: lead.Id });
    expect(sandbox.records('Lead')).toMatchObject([{ PQL_Score__c: 85 }]);
  });

  it('a converted lead is followed to its contact and never written', async () => {
    const contact = sandbox.seed('Contact', { LastName: 'L' });
    const lead = sandbox.seed('Lead', {
      LastName: 'L',
      Company: 'Initech',
      Email: 'ada@initech.example',
      IsConverted: true,
      ConvertedContactId: contact.Id,
    });
    expect((await crm.writePeople([person()])).get('u:ada')).toMatchObject({
      state: 'done',
      crmId: contact.Id,
    });
    expect((await crm.writePeople([person({ crmId: lead.Id })])).get('u:ada')).toMatchObject({
      state: 'rematch',
      code: 'CANNOT_UPDATE_CONVERTED_LEAD',
    });
  });

  it('nobody matches: a new contact under the account, or none', async () => {
    const own = sandbox.seed('Account', { Name: 'Initech' });
    expect((await crm.writePeople([person({ create: false })])).get('u:ada')).toMatchObject({
      state: 'skipped',
      code: 'no_match',
    });
    expect((await crm.writePeople([person({ accountCrmId: own.Id })])).get('u:ada')).toMatchObject({
      state: 'done',
      created: true,
    });
    expect(sandbox.records('Contact')).toMatchObject([{ AccountId: own.Id, LastName: 'Lovelace' }]);
  });

  it('a contact whose creation was answered by a broken connection is found at the repeat', async () => {
    const own = sandbox.seed('Account', { Name: 'Initech' });
    sandbox.faults.add({ method: 'POST', path: '*/composite/sobjects', reset: 'after' });
    expect((await crm.writePeople([person({ accountCrmId: own.Id })])).get('u:ada')?.state).toBe('retry');
    expect((await crm.writePeople([person({ accountCrmId: own.Id })])).get('u:ada')).toMatchObject({
      state: 'done',
    });
    expect(sandbox.records('Contact')).toHaveLength(1);
  });
});

describe('campaign members', () => {
  it('makes the campaign once and takes each person once, also twice in one batch', async () => {
    const contact = sandbox.seed('Contact', { LastName: 'L' });
    const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'C' });
    const outcomes = await crm.addMembers([
      member(contact.Id),
      member(contact.Id, { key: 'pql-again' }),
      member(lead.Id),
    ]);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect((await crm.addMembers([member(contact.Id)])).get(`pql-${contact.Id}`)).toMatchObject({
      state: 'done',
      note: 'a member already',
    });
    expect(sandbox.records('Campaign')).toHaveLength(1);
    expect(sandbox.records('CampaignMember')).toMatchObject([
      { ContactId: contact.Id, Status: 'Sent' },
      { LeadId: lead.Id },
    ]);
  });

  it('"Already a campaign member." is success', async () => {
    const contact = sandbox.seed('Contact', { LastName: 'L' });
    sandbox.refuse((object) =>
      object === 'CampaignMember' ? new SfError('DUPLICATE_VALUE', 'Already a campaign member.') : null,
    );
    expect((await crm.addMembers([member(contact.Id)])).get(`pql-${contact.Id}`)?.state).toBe('done');
  });
});

describe('I6: a task exists once', () => {
  it('when the write was done and its answer lost', async () => {
    sandbox.faults.add({ method: 'PATCH', path: '*/composite/sobjects/Task/*', reset: 'after' });
    expect((await crm.createTasks([task()])).get('pql-t1')?.state).toBe('uncertain');
    expect((await crm.createTasks([task({ uncertain: true, firstTriedAt: 1 })])).get('pql-t1')).toMatchObject(
      { state: 'done', note: 'there already' },
    );
    expect(sandbox.records('Task')).toHaveLength(1);
  });

  it('a repeat leaves alone what the rep edited', async () => {
    await crm.createTasks([task()]);
    const [made] = sandbox.records('Task');
    const conn = await connected();
    await conn.sobject('Task').update({ Id: made?.Id ?? '', Status: 'Completed', Subject: 'mine' });
    await crm.createTasks([task()]);
    expect(sandbox.records('Task')).toMatchObject([{ Status: 'Completed', Subject: 'mine' }]);
  });

  it('due day, priority and status as the org has them; a lead stands without the account', async () => {
    const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'C' });
    const own = sandbox.seed('Account', { Name: 'Initech' });
    await crm.createTasks([task({ personCrmId: lead.Id, accountCrmId: own.Id })]);
    expect(sandbox.records('Task')).toMatchObject([
      { ActivityDate: '2026-03-03', Priority: 'High', Status: 'Not Started', WhoId: lead.Id },
    ]);
    expect(sandbox.records('Task')[0]?.WhatId).toBeUndefined();
  });
});

describe('when it goes wrong', () => {
  it('a session that ran out is renewed once and the call repeated', async () => {
    await crm.writeAccounts([account()]);
    sandbox.expireSessions();
    sandbox.forgetLog();
    expect((await crm.writeAccounts([account()])).get('acct-7')?.state).toBe('done');
    expect(calls(/oauth2\/token/)).toBe(1);
  });

  it('an endless 401 ends after two tries and pauses the connection', async () => {
    sandbox.faults.add({
      path: '/services/data/*',
      times: 'always',
      reply: {
        status: 401,
        body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
      },
    });
    expect((await crm.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'halt',
      code: 'INVALID_SESSION_ID',
    });
    expect(sandbox.calls().length).toBeLessThanOrEqual(4);
  });

  it.each([
    [
      'the daily limit',
      {
        status: 403,
        body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
      },
      'halt',
    ],
    [
      'a gateway page',
      { status: 503, body: '<html>down</html>', headers: { 'content-type': 'text/html' } },
      'retry',
    ],
  ] as const)('%s', async (_what, reply, state) => {
    sandbox.faults.add({ path: '/services/data/*', times: 'always', reply });
    expect((await crm.writeAccounts([account()])).get('acct-7')?.state).toBe(state);
  });

  it('no answer at all ends with the time limit', async () => {
    const quick = connector({ timeoutMs: 200 });
    await quick.connect();
    sandbox.faults.add({ path: '/services/data/*', times: 'always', hang: true });
    expect((await quick.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'retry',
      code: 'TIMEOUT',
    });
  });

  it('a row that somebody locked is tried again, its neighbours are not', async () => {
    sandbox.refuse((_object, record) =>
      record.PQL_Account_Id__c === 'b'
        ? new SfError('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access')
        : null,
    );
    const outcomes = await crm.writeAccounts([
      account({ key: 'a', domain: null }),
      account({ key: 'b', domain: null }),
    ]);
    expect([outcomes.get('a')?.state, outcomes.get('b')?.state]).toEqual(['done', 'retry']);
  });

  it('wrong credentials say so', async () => {
    const wrong = salesforceConnector({
      loginUrl: sandbox.url,
      apiVersion: '64.0',
      auth: { kind: 'client_credentials', clientId: 'x', clientSecret: 'y' },
    });
    await expect(wrong.connect()).rejects.toMatchObject({
      name: 'CrmUnreachable',
      permanent: true,
      message: /invalid_client_id/,
    });
  });
});

describe('set-up and schema', () => {
  it('JWT bearer logs in; an assertion of another key does not', async () => {
    const jwt = (key: string) =>
      salesforceConnector({
        loginUrl: sandbox.url,
        apiVersion: '64.0',
        auth: { kind: 'jwt', clientId: sandbox.clientId, username: 'u', privateKey: key },
      });
    expect((await jwt(privateKey).connect()).connection).toMatch(/^salesforce:00D/);
    const other = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await expect(jwt(other.privateKey).connect()).rejects.toMatchObject({ name: 'CrmUnreachable' });
  });

  it('is idempotent and shows before it makes', async () => {
    const fresh = await startSalesforceSandbox();
    const { url: loginUrl, clientId, clientSecret } = fresh;
    const first = salesforceConnector({
      loginUrl,
      apiVersion: '64.0',
      auth: { kind: 'client_credentials', clientId, clientSecret },
    });
    expect(await first.checkSchema(FIELDS)).toHaveLength(FIELDS.length);
    expect((await first.setup(FIELDS, ['PQL MQL'], false)).every(({ state }) => state === 'missing')).toBe(
      true,
    );
    const made = await first.setup(FIELDS, ['PQL MQL'], true);
    expect(made.map(({ state }) => state)).toEqual(
      Array.from({ length: FIELDS.length + 2 }, () => 'created'),
    );
    expect(await first.checkSchema(FIELDS)).toEqual([]);
    expect((await first.setup(FIELDS, ['PQL MQL'], true)).every(({ state }) => state === 'present')).toBe(
      true,
    );
    await fresh.close();
  });

  it('names a field that is missing, of another type, read-only or not unique', async () => {
    const problems = await crm.checkSchema([
      { object: 'Account', field: 'PQL_Scor__c', type: 'number', unique: false },
      { object: 'Account', field: 'Name', type: 'number', unique: false },
      { object: 'Account', field: 'CreatedDate', type: 'datetime', unique: false },
      { object: 'Account', field: 'PQL_Tier__c', type: 'text', unique: true },
    ]);
    expect(problems.map(({ problem }) => problem)).toEqual([
      'Account has no field PQL_Scor__c, or it is hidden from the integration user (did you mean "PQL_Score__c"?)',
      'Name is of type string',
      'CreatedDate is read-only',
      'PQL_Tier__c is not a unique external id',
    ]);
  });
});

/** jsforce as anybody would use it, with no line of ours between. */
async function connected(): Promise<Connection> {
  const { url, clientId, clientSecret } = sandbox;
  const oauth2 = new OAuth2({ loginUrl: url, clientId, clientSecret });
  const conn = new Connection({ oauth2, instanceUrl: url, version: '64.0' });
  await conn.authorize({ grant_type: 'client_credentials' });
  return conn;
}

describe('the stand-in under jsforce itself', () => {
  it('create, update, retrieve, upsert, query, describe and destroy', async () => {
    const conn = await connected();
    const made = await conn.sobject('Account').create([{ Name: 'A' }, { Name: "O'Brien" }]);
    expect(made.map(({ success }) => success)).toEqual([true, true]);
    expect((await conn.query("SELECT Id, Name FROM Account WHERE Name = 'O\\'Brien'")).records).toMatchObject(
      [{ Name: "O'Brien" }],
    );
    const upserted = await conn
      .sobject('Account')
      .upsert([{ PQL_Account_Id__c: 'k', Name: 'K' }], 'PQL_Account_Id__c', { allOrNone: false });
    expect(upserted).toMatchObject([{ success: true, created: true }]);
    expect(
      (await conn.describe('Account')).fields.find(({ name }) => name === 'PQL_Account_Id__c'),
    ).toMatchObject({ externalId: true, unique: true });
    const first = made[0]?.id ?? '';
    await conn.sobject('Account').update({ Id: first, Name: 'B' });
    expect(await conn.sobject('Account').retrieve(first)).toMatchObject({ Name: 'B' });
    await conn.sobject('Account').destroy(first);
    await expect(conn.sobject('Account').update({ Id: first, Name: 'C' })).rejects.toMatchObject({
      errorCode: 'ENTITY_IS_DELETED',
    });
    expect(conn.limitInfo.apiUsage?.limit).toBe(100_000);
  });

  it('pages, caps, rolls back, and refuses as the platform does', async () => {
    const conn = await connected();
    const many = Array.from({ length: 201 }, (_, i) => ({ Name: `N${i}` }));
    await conn.sobject('Account').create(many, { allowRecursive: true });
    const first = await conn.query('SELECT Id FROM Account', {
      headers: { 'Sforce-Query-Options': 'batchSize=200' },
    } as never);
    expect([first.done, first.records.length, first.totalSize]).toEqual([false, 200, 201]);
    expect((await conn.queryMore(first.nextRecordsUrl ?? '')).records).toHaveLength(1);
    const rolled = await conn.sobject('Account').create([{ Name: 'ok' }, { Name: '' }], { allOrNone: true });
    expect(rolled.map(({ success }) => success)).toEqual([false, false]);
    await expect(conn.query('SELECT Nope FROM Account')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await expect(conn.query('SELECT Id FROM Nope')).rejects.toMatchObject({ errorCode: 'INVALID_TYPE' });
    await expect(conn.query('SELEC Id')).rejects.toMatchObject({ errorCode: 'MALFORMED_QUERY' });
  });
});
