import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import type { CrmConnector, Examination, MappedField, SetupStep } from '../../src/sync/crm.ts';
import { examination, red } from '../support/examination.ts';
import { connected } from './jsforce-world.ts';
import { connectorTo } from './salesforce-world.ts';

let sandbox: SalesforceSandbox;
let crm: CrmConnector;

const FIELDS: MappedField[] = [
  { object: 'Account', field: 'PQL_Account_Id__c', type: 'text', unique: true, length: 100 },
  { object: 'Account', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'Account', field: 'PQL_Tier__c', type: 'picklist', unique: false, values: ['mql', 'stage_1'] },
  { object: 'Account', field: 'PQL_Reasons__c', type: 'long_text', unique: false, length: 2000 },
  { object: 'Account', field: 'Name', type: 'text', unique: false, length: 255 },
  { object: 'Task', field: 'PQL_Key__c', type: 'text', unique: true, length: 64 },
];
const LOOK = examination({ fields: FIELDS, campaigns: ['PQL MQL'], deals: true, activities: true });

const connector = (over: { apiVersion?: string; timeoutMs?: number } = {}) => connectorTo(sandbox, over);
const admin = () => connected(sandbox);

beforeEach(async () => {
  sandbox = await startSalesforceSandbox();
  crm = connector();
});
afterEach(() => sandbox.close());

const stepOf = (steps: SetupStep[], what: string) => steps.find((step) => step.what.startsWith(what));
const describeOf = async (object: string, field: string) =>
  (await (await admin()).describe(object)).fields.find(({ name }) => name === field);

describe('setup of an org', () => {
  it('makes fields as long, and picklists with the values, that the mapping says', async () => {
    const steps = await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(steps.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'created'));
    expect(await describeOf('Account', 'PQL_Account_Id__c')).toMatchObject({
      length: 100,
      externalId: true,
      unique: true,
    });
    expect(await describeOf('Account', 'PQL_Reasons__c')).toMatchObject({ type: 'textarea', length: 2000 });
    expect(await describeOf('Account', 'PQL_Tier__c')).toMatchObject({
      type: 'picklist',
      picklistValues: [{ value: 'mql' }, { value: 'stage_1' }],
    });
  });

  it('a field of Activity is shown by its name on Task, which is the only one that permissions know', async () => {
    await crm.setup(FIELDS, [], true);
    expect(await describeOf('Task', 'PQL_Key__c')).toMatchObject({ unique: true });
    const set = await (await admin()).metadata.read('PermissionSet', 'PQL_Sync');
    expect(set.fieldPermissions.map(({ field }) => field)).toContain('Task.PQL_Key__c');
  });

  it('the right to read opportunities is given where deals are read back, and kept by a run without', async () => {
    const rights = async () =>
      [(await (await admin()).metadata.read('PermissionSet', 'PQL_Sync')).objectPermissions]
        .flat()
        .filter(({ object }) => object === 'Opportunity')
        .map(({ allowRead, allowEdit }) => [String(allowRead), String(allowEdit)]);
    await crm.setup(FIELDS, [], true);
    expect(await rights()).toEqual([]);
    const steps = await crm.setup(FIELDS, [], true, true);
    expect(stepOf(steps, 'permission set PQL_Sync')).toMatchObject({ state: 'changed' });
    expect(await rights()).toEqual([['true', 'false']]);
    const again = await crm.setup(FIELDS, [], true, true);
    expect(again.filter(({ state }) => state !== 'present')).toEqual([]);
  });

  it('without apply nothing is written, and the second run writes nothing either', async () => {
    await crm.setup(FIELDS, ['PQL MQL'], false);
    expect(sandbox.writes()).toEqual([]);
    await crm.setup(FIELDS, ['PQL MQL'], true);
    sandbox.forgetLog();
    const again = await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(again.filter(({ state }) => state !== 'present')).toEqual([]);
    expect(sandbox.writes()).toEqual([]);
  });

  it('a permission set that is there is read first: what an admin put into it stays', async () => {
    const conn = await admin();
    await conn.metadata.create('CustomField', [
      { fullName: 'Account.Theirs__c', label: 'Theirs', type: 'Text', length: 10 },
    ] as never);
    await conn.metadata.upsert('PermissionSet', {
      fullName: 'PQL_Sync',
      label: 'Our own label',
      fieldPermissions: [{ field: 'Account.Theirs__c', readable: true, editable: false }],
      objectPermissions: [{ object: 'Account', allowRead: true, allowDelete: true }],
    } as never);
    const steps = await crm.setup(FIELDS, [], true);
    expect(stepOf(steps, 'permission set PQL_Sync')).toMatchObject({ state: 'changed' });
    const set = await conn.metadata.read('PermissionSet', 'PQL_Sync');
    expect(set.label).toBe('Our own label');
    expect(set.fieldPermissions).toContainEqual(
      expect.objectContaining({ field: 'Account.Theirs__c', readable: true, editable: false }),
    );
    expect(set.objectPermissions.find(({ object }) => object === 'Account')).toMatchObject({
      allowDelete: true,
      allowEdit: true,
    });
    expect(await describeOf('Account', 'Theirs__c')).toBeDefined();
  });

  it('is assigned to the user that we run as, once', async () => {
    await crm.setup(FIELDS, [], true);
    await connector().setup(FIELDS, [], true);
    const [user] = sandbox.records('User');
    expect(sandbox.records('PermissionSetAssignment')).toMatchObject([{ AssigneeId: user?.Id }]);
  });

  it('a field that is there and hidden is shown, not made', async () => {
    await (await admin()).metadata.create('CustomField', [
      { fullName: 'Account.PQL_Score__c', label: 'Score', type: 'Number', precision: 5, scale: 0 },
    ] as never);
    const shown = stepOf(await crm.setup(FIELDS, [], false), 'Account.PQL_Score__c');
    expect(shown).toMatchObject({ state: 'missing', detail: expect.stringContaining('out of reach') });
    expect(stepOf(await crm.setup(FIELDS, [], true), 'Account.PQL_Score__c')).toMatchObject({
      state: 'present',
    });
    expect(await crm.checkSchema(FIELDS)).toEqual([]);
  });

  it('refuses to change a field that it did not make, also a hidden one, and says what differs', async () => {
    const conn = await admin();
    await conn.metadata.create('CustomField', [
      { fullName: 'Account.PQL_Score__c', label: 'Score', type: 'Text', length: 10 },
      { fullName: 'Account.PQL_Reasons__c', label: 'Reasons', type: 'LongTextArea', length: 300 },
    ] as never);
    await conn.metadata.upsert('PermissionSet', {
      fullName: 'Other',
      label: 'Other',
      fieldPermissions: [{ field: 'Account.PQL_Reasons__c', readable: true, editable: true }],
    } as never);
    const steps = await crm.setup(FIELDS, [], true);
    expect(stepOf(steps, 'Account.PQL_Score__c')).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/of type Text, not Number: correct/),
    });
    expect(stepOf(steps, 'Account.PQL_Reasons__c')).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/takes 300 characters.*2000.*length: 300/),
    });
    expect((await describeOf('Account', 'PQL_Reasons__c'))?.length).toBe(300);
  });

  it('a field of its own grows with the mapping: longer texts, more values', async () => {
    await crm.setup(FIELDS, [], true);
    const more = FIELDS.map((field) =>
      field.field === 'PQL_Tier__c'
        ? { ...field, values: ['stage_2'] }
        : field.field === 'PQL_Account_Id__c'
          ? { ...field, length: 200 }
          : field,
    );
    const steps = await crm.setup(more, [], true);
    expect(steps.filter(({ state }) => state === 'changed').map(({ what }) => what)).toEqual([
      'Account.PQL_Account_Id__c',
      'Account.PQL_Tier__c',
    ]);
    expect(await describeOf('Account', 'PQL_Account_Id__c')).toMatchObject({ length: 200, unique: true });
    const tier = await describeOf('Account', 'PQL_Tier__c');
    expect(tier?.picklistValues?.map(({ value }) => value)).toEqual(['mql', 'stage_1', 'stage_2']);
  });

  it('a user who may not use the Metadata API is told of the folder', async () => {
    const fault = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault><faultcode>sf:INSUFFICIENT_ACCESS</faultcode><faultstring>INSUFFICIENT_ACCESS: use of the Metadata API requires more</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`;
    sandbox.faults.add({
      path: '/services/Soap/*',
      times: 'always',
      reply: { status: 500, headers: { 'content-type': 'text/xml' }, body: fault },
    });
    const steps = await crm.setup(FIELDS, ['PQL MQL'], false);
    expect(stepOf(steps, 'permission set')).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/INSUFFICIENT_ACCESS.*--folder/),
    });
    expect(stepOf(steps, 'campaign PQL MQL')).toMatchObject({ state: 'missing' });
  });
});

describe('the version of the API', () => {
  it.each(['68.0', '20.0'])(
    '%s, which the org does not offer, ends the connection with the remedy',
    async (apiVersion) => {
      await expect(connector({ apiVersion }).connect()).rejects.toMatchObject({
        permanent: true,
        message: expect.stringMatching(/31.0 to 67.0.*SALESFORCE_API_VERSION/),
      });
    },
  );

  it('a version that is retired while we run halts with the remedy', async () => {
    await crm.setup(FIELDS, [], true);
    sandbox.faults.add({
      path: '/services/data/v64.0/*',
      times: 'always',
      reply: { status: 410, body: 'gone' },
    });
    const outcomes = await crm.writeAccounts([
      {
        key: 'a',
        crmId: '001000000000000AAA',
        domain: null,
        create: false,
        fields: { PQL_Score__c: 1 },
        allFields: {},
        createFields: {},
      },
    ]);
    expect(outcomes.get('a')).toMatchObject({
      state: 'halt',
      reason: expect.stringContaining('SALESFORCE_API_VERSION'),
    });
  });

  it('an org that lists none is taken at its word', async () => {
    sandbox.faults.add({
      path: '/services/data',
      reply: { status: 404, body: [{ errorCode: 'NOT_FOUND' }] },
    });
    expect(await crm.connect()).toMatchObject({ connection: expect.stringMatching(/^salesforce:00D/) });
  });
});

describe('the doctor on an org', () => {
  it('is green in every line, and has only read', async () => {
    await crm.setup(FIELDS, ['PQL MQL'], true);
    sandbox.forgetLog();
    const owners = [{ name: 'integration@sandbox.example', queue: false }];
    const findings = await connector().examine({ ...LOOK, owners });
    expect(red(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'credentials',
      'API version',
      'clock',
      'object Account',
      ...FIELDS.slice(0, 5).map(({ field }) => `field Account.${field}`),
      'object Task',
      'field Task.PQL_Key__c',
      'object Campaign',
      'object Opportunity',
      'object Event',
      'object EmailMessage',
      'owner integration@sandbox.example',
      'campaign PQL MQL',
      'daily limit',
    ]);
    const rest = sandbox.calls().filter(({ path }) => path !== '/services/oauth2/token');
    expect(new Set(rest.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(sandbox.writes()).toEqual([]);
  });

  it('shows every field that field-level security hides', async () => {
    const findings = red(await crm.examine(LOOK));
    expect(findings.map(({ check }) => check)).toEqual([
      ...FIELDS.slice(0, 4).map(({ field }) => `field Account.${field}`),
      'field Task.PQL_Key__c',
    ]);
    expect(findings[0]).toMatchObject({ remedy: expect.stringContaining('crm setup --apply') });
  });

  it('an org without EmailMessage is told of, and is no trouble', async () => {
    sandbox.withoutEmailMessages();
    const findings = await crm.examine(LOOK);
    expect(findings.find(({ check }) => check === 'object EmailMessage')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('count as sent by us'),
    });
  });

  it.each<[string, Partial<Examination>, string, RegExp]>([
    [
      'a text that is too short',
      { fields: [{ object: 'Account', field: 'Name', type: 'text', unique: false, length: 300 }] },
      'field Account.Name',
      /length: 255/,
    ],
    [
      'a value that a restricted picklist lacks',
      {
        fields: [{ object: 'Account', field: 'PQL_Tier__c', type: 'picklist', unique: false, values: ['x'] }],
      },
      'field Account.PQL_Tier__c',
      /picklist/,
    ],
    [
      'a field that takes no writes',
      { fields: [{ object: 'Account', field: 'CreatedDate', type: 'datetime', unique: false }] },
      'field Account.CreatedDate',
      /may edit/,
    ],
    [
      'what the org requires of a new record and nothing fills',
      { fields: FIELDS.filter(({ field }) => field !== 'Name'), creates: ['Account'] },
      'field Account.Name',
      /create: never/,
    ],
    [
      'an object that is hidden',
      { fields: [{ object: 'Contract', field: 'Name', type: 'text', unique: false }] },
      'object Contract',
      /permission set/,
    ],
    [
      'an owner nobody knows',
      { owners: [{ name: '005000000000ZZZAAA', queue: false }] },
      'owner 005000000000ZZZAAA',
      /another owner/,
    ],
  ])('shows %s', async (_what, look, check, remedy) => {
    await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(red(await crm.examine({ ...LOOK, ...look }))).toMatchObject([
      { check, remedy: expect.stringMatching(remedy) },
    ]);
  });

  it('shows an owner who is inactive', async () => {
    await crm.setup(FIELDS, ['PQL MQL'], true);
    const { Id } = sandbox.seed('User', { Username: 'gone@sandbox.example', IsActive: false });
    expect(red(await crm.examine({ ...LOOK, owners: [{ name: Id, queue: false }] }))).toMatchObject([
      { check: `owner ${Id}`, detail: expect.stringContaining('is inactive') },
    ]);
  });

  it.each<[string, Fault, string, RegExp]>([
    [
      'opportunities that may not be read',
      {
        path: '/services/data/v64.0/sobjects/Opportunity/describe',
        reply: { status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'not there' }] },
      },
      'object Opportunity',
      /deals: never/,
    ],
    [
      'what the user may not do to an object',
      {
        path: '/services/data/v64.0/sobjects/Campaign/describe',
        reply: { status: 200, body: { name: 'Campaign', queryable: false, fields: [] } },
      },
      'object Campaign',
      /right to read Campaign/,
    ],
    [
      'a day that is nearly used up',
      {
        path: '/services/data/v64.0/limits',
        reply: { status: 200, body: { DailyApiRequests: { Max: 100, Remaining: 5 } } },
      },
      'daily limit',
      /wait/,
    ],
    [
      'a clock that is wrong',
      {
        path: '/services/data/v64.0/query',
        replyAfter: {
          status: 200,
          headers: { date: new Date(Date.now() - 600_000).toUTCString() },
          body: { done: true, totalSize: 1, records: [{ Id: '00D000000000001AAA' }] },
        },
      },
      'clock',
      /NTP/,
    ],
  ])('shows %s', async (_what, fault, check, remedy) => {
    await crm.setup(FIELDS, ['PQL MQL'], true);
    sandbox.faults.add(fault);
    expect(red(await crm.examine(LOOK))).toMatchObject([{ check, remedy: expect.stringMatching(remedy) }]);
  });

  it('a user without the right to see limits is told what the last answer said', async () => {
    await crm.setup(FIELDS, ['PQL MQL'], true);
    const body = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'no' }];
    sandbox.faults.add({ path: '/services/data/v64.0/limits', reply: { status: 403, body } });
    const limit = (await crm.examine(LOOK)).at(-1);
    expect(limit).toMatchObject({
      check: 'daily limit',
      ok: true,
      detail: expect.stringMatching(/calls left; .*closed/),
    });
  });

  it.each<[string, Fault, string, RegExp]>([
    [
      'wrong credentials',
      {
        path: '/services/oauth2/token',
        reply: { status: 400, body: { error: 'invalid_client', error_description: 'bad' } },
      },
      'credentials',
      /SALESFORCE_/,
    ],
    ['a lost connection', { path: '*', reset: 'before', times: 'always' }, 'credentials', /network/],
    ['silence', { path: '*', hang: true, times: 'always' }, 'credentials', /network/],
  ])('%s: one red line, soon', async (_what, fault, check, remedy) => {
    sandbox.faults.add(fault);
    expect(await connector({ timeoutMs: 500 }).examine(LOOK)).toMatchObject([
      { check, ok: false, remedy: expect.stringMatching(remedy) },
    ]);
  });

  it('a version that the org does not offer is the only line: with it everything would look absent', async () => {
    expect(await connector({ apiVersion: '68.0' }).examine(LOOK)).toMatchObject([
      { check: 'API version', ok: false },
    ]);
  });
});
