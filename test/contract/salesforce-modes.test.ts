import { afterEach, describe, expect, it } from 'vitest';
import type { Ours } from '../../src/crm/salesforce/index.ts';
import {
  duplicateRule,
  type SalesforceSandbox,
  type SalesforceSandboxOptions,
  startSalesforceSandbox,
} from '../../src/sandbox/salesforce/index.ts';
import type { AccountChange, CrmConnector, MappedField, Outcome, PersonChange } from '../../src/sync/crm.ts';
import { guard } from '../support/field-spec.ts';
import { connectorTo, membership } from './salesforce-world.ts';

let sandbox: SalesforceSandbox;
let crm: CrmConnector;

const field = (object: string, name: string, type: MappedField['type'] = 'text', more = {}): MappedField => ({
  object,
  field: name,
  type,
  unique: false,
  ...more,
});

const FIELDS: MappedField[] = [
  field('Account', 'PQL_Account_Id__c', 'text', { unique: true }),
  field('Account', 'PQL_Score__c', 'number'),
  field('Account', 'PQL_Tier__c'),
  field('Account', 'Name', 'text', { createOnly: true }),
  field('Contact', 'PQL_Score__c', 'number'),
  field('Contact', 'LastName', 'text', { createOnly: true }),
  field('Lead', 'PQL_Score__c', 'number'),
  field('CampaignMember', 'PQL_Key__c', 'text', { unique: true }),
];

/** An org as a service finds it after its start: fields made, schema checked. */
async function open(options: SalesforceSandboxOptions = {}, ours: Partial<Ours> = {}): Promise<void> {
  sandbox = await startSalesforceSandbox(options);
  crm = connectorTo(sandbox, { ours });
  await crm.setup(FIELDS, [], true);
  expect(await crm.checkSchema(FIELDS, ['Account', 'Contact'])).toEqual([]);
  sandbox.forgetLog();
}
afterEach(() => sandbox.close());

const account = (over: Partial<AccountChange> = {}): AccountChange => {
  const fields = { PQL_Score__c: 85, ...over.fields };
  const allFields = { PQL_Account_Id__c: 'acct-7', ...fields };
  const createFields = { Name: 'Initech' };
  return { key: 'acct-7', crmId: null, domain: null, create: true, createFields, allFields, ...over, fields };
};

const person = (over: Partial<PersonChange> = {}): PersonChange => {
  const fields = { PQL_Score__c: 85 };
  const email = 'ada@initech.example';
  const createFields = { LastName: 'Lovelace', Email: email };
  const base = { key: 'u:ada', crmId: null, email, accountCrmId: null, create: true };
  return { ...base, fields, allFields: fields, createFields, ...over };
};

const write = async (change: AccountChange): Promise<Outcome | undefined> =>
  (await crm.writeAccounts([change])).get(change.key);
const writePerson = async (change: PersonChange): Promise<Outcome | undefined> =>
  (await crm.writePeople([change])).get(change.key);
const calls = () => sandbox.calls().map(({ method, path }) => `${method} ${path.split('?')[0]}`);

describe('fields whose present value decides', () => {
  it('fill_if_empty, only_increase and leave keep what is there; the rest goes through in one write', async () => {
    await open();
    const held = { Industry: 'Paper', NumberOfEmployees: 500, Website: 'rep.example', PQL_Tier__c: 'Hot' };
    const { Id } = sandbox.seed('Account', { Name: 'Initech', ...held });
    const fields = { PQL_Score__c: 85, Industry: 'IT', NumberOfEmployees: 240, Website: 'initech.example' };
    const rules = guard(
      {
        PQL_Score__c: { type: 'number' },
        PQL_Tier__c: {},
        Industry: { write: 'fill_if_empty' },
        NumberOfEmployees: { type: 'number', write: 'only_increase' },
        Website: { by_hand: 'leave' },
      },
      { Website: 'old.example', PQL_Tier__c: 'mql' },
    );
    const allFields = { ...fields, PQL_Tier__c: 'mql' };
    const outcome = await write(account({ crmId: Id, fields, allFields, guard: rules }));
    expect(outcome).toMatchObject({
      state: 'done',
      held: {
        Industry: { why: 'not_empty', theirs: 'Paper' },
        NumberOfEmployees: { why: 'not_higher', theirs: 500 },
        Website: { why: 'by_hand', theirs: 'rep.example', wrote: 'old.example' },
      },
      restored: { PQL_Tier__c: 'Hot' },
    });
    expect(sandbox.records('Account')).toMatchObject([{ ...held, PQL_Score__c: 85, PQL_Tier__c: 'mql' }]);
  });

  it('I8: 200 such records cost one read and one write, and without such a field no read at all', async () => {
    await open();
    const ids = Array.from({ length: 200 }, (_, i) => sandbox.seed('Account', { Name: `N${i}` }).Id);
    const rules = guard({ Industry: { write: 'fill_if_empty' } });
    const change = (id: string, more: Partial<AccountChange>) => account({ key: id, crmId: id, ...more });
    const filling = { fields: { Industry: 'IT' }, allFields: { Industry: 'IT' }, guard: rules };
    await crm.writeAccounts(ids.map((id) => change(id, filling)));
    expect(calls()).toEqual([
      'GET /services/data/v64.0/query',
      'PATCH /services/data/v64.0/composite/sobjects',
    ]);
    sandbox.forgetLog();
    await crm.writeAccounts(ids.map((id) => change(id, {})));
    expect(calls()).toEqual(['PATCH /services/data/v64.0/composite/sobjects']);
  });

  it('a record with nothing left to write is not written', async () => {
    await open();
    const { Id } = sandbox.seed('Account', { Name: 'Initech', Industry: 'Paper' });
    const rules = guard({ Industry: { write: 'fill_if_empty' } });
    const fields = { Industry: 'IT', PQL_Score__c: 85 };
    const change = { ...account({ crmId: Id, guard: rules }), fields: { Industry: 'IT' }, allFields: fields };
    expect(await write(change)).toMatchObject({ state: 'done', crmId: Id });
    expect(calls()).toEqual(['GET /services/data/v64.0/query']);
  });

  it('an address that is too long leaves what is there, and says so; a new record goes without it', async () => {
    await open();
    const Website = `https://initech.example/${'a'.repeat(300)}`;
    const { Id } = sandbox.seed('Account', { Name: 'Initech', Website: 'old.example' });
    const fields = { PQL_Score__c: 85, Website };
    const long = { why: 'too_long' };
    expect(await write(account({ crmId: Id, fields }))).toMatchObject({
      state: 'done',
      held: { Website: long },
    });
    const rules = guard({ Website: { by_hand: 'leave' } }, { Website: 'old.example' });
    expect(await write(account({ crmId: Id, fields, guard: rules }))).toMatchObject({
      held: { Website: { ...long, theirs: 'old.example', wrote: 'old.example' } },
      restored: {},
    });
    const made = await write(account({ key: 'acct-8', fields }));
    expect(made).toMatchObject({ state: 'done', created: true, held: { Website: long } });
    expect(sandbox.records('Account')).toMatchObject([
      { Website: 'old.example', PQL_Score__c: 85 },
      { PQL_Account_Id__c: 'acct-8', PQL_Score__c: 85 },
    ]);
    expect(sandbox.records('Account')[1]?.Website).toBeUndefined();
  });

  it('what a person left in a record that is matched just now is kept too', async () => {
    await open();
    sandbox.seed('Account', { Name: 'Initech', Website: 'https://initech.example', Industry: 'Paper' });
    const rules = guard({ Industry: { write: 'fill_if_empty' }, Website: { write: 'fill_if_empty' } });
    const allFields = { Industry: 'IT', PQL_Score__c: 85 };
    expect(await write(account({ domain: 'initech.example', allFields, guard: rules }))).toMatchObject({
      how: 'domain',
      held: { Industry: { theirs: 'Paper' } },
    });
    expect(sandbox.records('Account')).toMatchObject([
      { Industry: 'Paper', PQL_Score__c: 85, PQL_Account_Id__c: 'acct-7' },
    ]);
  });
});

describe('values in the form that the org keeps', () => {
  it('text is cut at the length that the org describes, addresses are never cut, numbers keep their scale', async () => {
    await open();
    sandbox.addField('Account', { name: 'Short__c', type: 'string', length: 10 });
    sandbox.addField('Account', { name: 'Link__c', type: 'url', length: 20 });
    await crm.checkSchema(FIELDS);
    const long = `https://${'x'.repeat(40)}.example`;
    const fields = { Short__c: 'abcdefghijklm', Link__c: long, NumberOfEmployees: 85.5, PQL_Score__c: 1.005 };
    expect(await write(account({ fields }))).toMatchObject({ state: 'done', created: true });
    expect(sandbox.records('Account')).toMatchObject([
      { Short__c: 'abcdefgh …', NumberOfEmployees: 86, PQL_Score__c: 1.01 },
    ]);
    expect(sandbox.records('Account')[0]?.Link__c).toBeUndefined();
  });

  it('the time zone of the org is asked for only where a field is a date', async () => {
    await open({ timeZone: 'America/New_York' });
    expect(crm.zone()).toBe('UTC');
    sandbox.addField('Account', { name: 'Day__c', type: 'date', length: 0 });
    await crm.checkSchema([...FIELDS, field('Account', 'Day__c', 'date')]);
    expect(crm.zone()).toBe('America/New_York');
  });
});

describe('the schema check', () => {
  it('refuses formulas, fields without updates, unlisted values and unfilled required fields', async () => {
    await open();
    sandbox.addField('Account', {
      name: 'Sum__c',
      type: 'double',
      length: 0,
      calculated: true,
      readOnly: true,
    });
    const values = ['Hot', 'Warm'];
    sandbox.addField('Account', {
      name: 'Grade__c',
      type: 'picklist',
      length: 255,
      values,
      restricted: true,
    });
    sandbox.addField('Contact', { name: 'Region__c', type: 'string', length: 20, required: true });
    const mapped = [
      ...FIELDS.filter(({ field: name }) => name !== 'LastName'),
      field('Account', 'Sum__c', 'number'),
      field('Account', 'IsDeleted', 'boolean'),
      field('Account', 'Grade__c', 'picklist', { values: ['Hot', 'Wram'] }),
    ];
    const told = await crm.checkSchema(mapped, ['Account', 'Contact']);
    expect(told.map(({ object, field: name, problem }) => `${object}.${name}: ${problem}`)).toEqual([
      'Account.Sum__c: Sum__c is a formula',
      'Account.IsDeleted: IsDeleted is read-only',
      'Account.Grade__c: the picklist Grade__c has no value Wram',
      'Contact.LastName: nothing for LastName, without which the org makes no Contact',
      'Contact.Region__c: nothing for Region__c, without which the org makes no Contact',
    ]);
    expect(told[2]?.remedy).toContain('did you mean "Warm"');
    expect((await crm.checkSchema(mapped, [])).map(({ object }) => object)).not.toContain('Contact');
  });

  it('a new record that would lack a required field is refused before the call', async () => {
    await open();
    expect(await write(account({ createFields: {} }))).toMatchObject({
      state: 'parked',
      code: 'required_missing',
      reason: expect.stringContaining('a new Account needs Name'),
    });
    const owner = sandbox.seed('Account', { Name: 'Initech' });
    const change = person({ accountCrmId: owner.Id, createFields: {} });
    expect(await writePerson(change)).toMatchObject({ state: 'parked', code: 'required_missing' });
    expect(sandbox.writes()).toHaveLength(1);
  });
});

describe('finding the record', () => {
  it('several: refuse chooses none of several, and names them', async () => {
    const account_ = { key: 'PQL_Account_Id__c', order: ['domain'], several: 'refuse' } as const;
    await open({}, { account: account_, people: { key: null, order: ['email'], several: 'refuse' } });
    const ids = ['a', 'b'].map((Name) => sandbox.seed('Account', { Name, Website: 'initech.example' }).Id);
    expect(await write(account({ domain: 'initech.example' }))).toMatchObject({
      state: 'parked',
      code: 'several_match',
      reason: `2 accounts have the web site initech.example: ${ids.join(', ')}`,
    });
    const Email = 'ada@initech.example';
    for (const AccountId of ids) {
      sandbox.seed('Contact', { LastName: 'L', Email, AccountId });
    }
    expect(await writePerson(person())).toMatchObject({ state: 'parked', code: 'several_match' });
    expect((await writePerson(person({ accountCrmId: ids[0] ?? '' })))?.state).toBe('done');
  });

  it('a lead that was converted since is followed to its contact, in the same pass, with the hop in the note', async () => {
    await open();
    const owner = sandbox.seed('Account', { Name: 'Initech' });
    const contact = sandbox.seed('Contact', { LastName: 'L', AccountId: owner.Id });
    const lead = sandbox.seed('Lead', {
      LastName: 'L',
      Company: 'C',
      IsConverted: true,
      ConvertedContactId: contact.Id,
      ConvertedAccountId: owner.Id,
    });
    expect(await writePerson(person({ crmId: lead.Id }))).toEqual({
      state: 'done',
      crmId: contact.Id,
      created: false,
      how: 'conversion',
      note: `lead ${lead.Id} was converted to contact ${contact.Id} of account ${owner.Id}`,
    });
    expect(sandbox.records('Contact')).toMatchObject([{ PQL_Score__c: 85 }]);
  });

  it('what hangs on a lead that was converted since hangs on its contact, which the person is linked to from then on', async () => {
    await open();
    const owner = sandbox.seed('Account', { Name: 'Initech' });
    const contact = sandbox.seed('Contact', { LastName: 'L', AccountId: owner.Id });
    const lead = sandbox.seed('Lead', {
      LastName: 'L',
      Company: 'C',
      Email: 'ada@initech.example',
      IsConverted: true,
      ConvertedContactId: contact.Id,
      ConvertedAccountId: owner.Id,
    });
    const member = membership(lead.Id, { key: 'm', status: null });
    expect((await crm.addMembers([member])).get('m')).toMatchObject({ state: 'done' });
    expect(sandbox.records('CampaignMember')).toMatchObject([{ ContactId: contact.Id }]);
    expect(await writePerson(person({ accountCrmId: owner.Id }))).toMatchObject({
      crmId: contact.Id,
      how: 'conversion',
    });
  });

  it('a converted lead whose contact is gone is nobody: a new contact is made, if one may be', async () => {
    await open();
    const owner = sandbox.seed('Account', { Name: 'Initech' });
    const contact = sandbox.seed('Contact', { LastName: 'L', IsDeleted: true });
    sandbox.seed('Lead', {
      LastName: 'L',
      Company: 'C',
      Email: 'ada@initech.example',
      IsConverted: true,
      ConvertedContactId: contact.Id,
    });
    expect(await writePerson(person({ accountCrmId: owner.Id }))).toMatchObject({
      created: true,
      how: 'created',
    });
  });

  it('an account and a contact that were merged away are followed, not made again', async () => {
    await open();
    const [winner, loser] = ['a', 'b'].map((Name) => sandbox.seed('Account', { Name }).Id) as [
      string,
      string,
    ];
    const [kept, gone] = ['a', 'b'].map((LastName) => sandbox.seed('Contact', { LastName }).Id) as [
      string,
      string,
    ];
    sandbox.merge('Account', winner, loser);
    sandbox.merge('Contact', kept, gone);
    expect(await write(account({ crmId: loser }))).toMatchObject({
      state: 'done',
      crmId: winner,
      how: 'merge',
      note: `account ${loser} was merged into ${winner}`,
    });
    expect(await writePerson(person({ crmId: gone }))).toMatchObject({ state: 'done', crmId: kept });
    expect(sandbox.records('Account')).toMatchObject([{ Id: winner, PQL_Account_Id__c: 'acct-7' }]);
  });

  it('an account that was merged into one of another key is parked: a person must say whose it is', async () => {
    await open();
    const winner = sandbox.seed('Account', { Name: 'a', PQL_Account_Id__c: 'acct-8' });
    const loser = sandbox.seed('Account', { Name: 'b' });
    sandbox.merge('Account', winner.Id, loser.Id);
    expect(await write(account({ crmId: loser.Id }))).toMatchObject({
      state: 'parked',
      code: 'merged_away',
      reason: expect.stringContaining('acct-8'),
    });
    expect(sandbox.records('Account')).toMatchObject([{ PQL_Account_Id__c: 'acct-8' }]);
    const own = sandbox.seed('Account', { Name: 'c', PQL_Account_Id__c: 'acct-7' });
    expect(await write(account({ crmId: loser.Id }))).toMatchObject({
      state: 'done',
      crmId: own.Id,
      how: 'unique',
    });
  });

  it("a duplicate that the org's rule names is linked, and what is in it is kept", async () => {
    await open();
    const known = sandbox.seed('Account', { Name: 'Initech Ltd', Industry: 'Paper' });
    sandbox.refuse(duplicateRule('Account', 'Alert', ({ Name }) => (Name === 'Initech' ? known.Id : null)));
    const rules = guard({ Industry: { write: 'fill_if_empty' } });
    expect(await write(account({ allFields: { Industry: 'IT' }, guard: rules }))).toMatchObject({
      crmId: known.Id,
      how: 'duplicate rule',
      held: { Industry: { theirs: 'Paper' } },
    });
  });
});

describe('person accounts', () => {
  const ada = {
    FirstName: 'Ada',
    LastName: 'L',
    PersonEmail: 'ada@initech.example',
    Website: 'initech.example',
  };

  it('are no company, and their contact half is linked and left alone', async () => {
    await open({ personAccounts: true });
    const { contact } = sandbox.seedPerson(ada);
    expect(await writePerson(person())).toMatchObject({
      state: 'done',
      crmId: contact.Id,
      note: expect.stringContaining('person account'),
    });
    expect(sandbox.writes().filter(({ op }) => op === 'update')).toEqual([]);
    const change = account({ domain: 'initech.example', create: false });
    expect(await write(change)).toMatchObject({ state: 'skipped', code: 'no_match' });
  });

  it('are written through the account where the mapping says so', async () => {
    await open(
      { personAccounts: true },
      { people: { key: null, order: ['email'], personAccounts: 'write' } },
    );
    sandbox.addField('Account', { name: 'PQL_Score__pc', type: 'double', length: 0 });
    await crm.checkSchema(FIELDS);
    const { contact } = sandbox.seedPerson(ada);
    const fields = { PQL_Score__c: 85, Title: 'CTO' };
    expect(await writePerson(person({ allFields: fields }))).toMatchObject({
      state: 'done',
      crmId: contact.Id,
    });
    expect(sandbox.records('Account')).toMatchObject([{ PQL_Score__pc: 85, PersonTitle: 'CTO' }]);
  });
});
