import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { salesforceConnector } from '../../src/crm/salesforce/index.ts';
import {
  duplicateRule,
  type SalesforceSandbox,
  SfError,
  startSalesforceSandbox,
} from '../../src/sandbox/salesforce/index.ts';
import type { AccountChange, CrmConnector, PersonChange } from '../../src/sync/crm.ts';
import { connected } from './jsforce-world.ts';
import { connectorTo, FIELDS, membership as member, task } from './salesforce-world.ts';

let sandbox: SalesforceSandbox;
let crm: CrmConnector;

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

beforeEach(async () => {
  sandbox = await startSalesforceSandbox({ publicKey });
  crm = connectorTo(sandbox);
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

  it('neither takes over an account that another key owns nor makes one beside it: a person gives it one', async () => {
    const theirs = { Name: 'Initech', Website: 'initech.example', PQL_Account_Id__c: 'acct-8' };
    const { Id } = sandbox.seed('Account', theirs);
    expect((await crm.writeAccounts([account()])).get('acct-7')).toEqual({
      state: 'parked',
      code: 'company_taken',
      reason: `account ${Id} (initech.example) belongs to account acct-8`,
      remedy:
        'if they are one company: pql accounts merge acct-7 acct-8; if not, write acct-7 into PQL_Account_Id__c of the record that it shall have; then: pql errors retry',
    });
    expect(sandbox.records('Account')).toHaveLength(1);
    sandbox.seed('Account', { Name: 'By hand', PQL_Account_Id__c: 'acct-7' });
    expect((await crm.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'done',
      how: 'unique',
    });
  });

  it('an account that would get no record of its own yet is passed over, and not parked, where another key owns the web site', async () => {
    sandbox.seed('Account', { Name: 'Initech', Website: 'initech.example', PQL_Account_Id__c: 'acct-8' });
    const outcomes = await crm.writeAccounts([account({ create: false })]);
    expect(outcomes.get('acct-7')).toMatchObject({
      state: 'skipped',
      code: 'no_match',
      reason: expect.stringMatching(/belongs to account acct-8, and none is to be created/),
    });
  });

  it('of two accounts of one domain that the org does not have, one is made and the other parked, in one batch and later', async () => {
    const both = [account(), account({ key: 'acct-8' })];
    const outcomes = await crm.writeAccounts(both);
    expect(outcomes.get('acct-7')).toMatchObject({ state: 'done', created: true });
    expect(outcomes.get('acct-8')).toMatchObject({
      state: 'parked',
      code: 'company_taken',
      reason: 'web site initech.example belongs to account acct-7',
    });
    expect((await crm.writeAccounts(both)).get('acct-8')).toMatchObject({ code: 'company_taken' });
    expect(sandbox.records('Account')).toHaveLength(1);
  });

  describe('that would be made, though a lead of its people was converted to an account that nobody has', () => {
    const emails = ['Ada@initech.example', 'bob@initech.example'];
    const converted = (email: string, accountId: string) => {
      const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'Initech', Email: email.toLowerCase() });
      return sandbox.convertLead(lead.Id, accountId);
    };
    const ownAccount = (more: object = {}) => sandbox.seed('Account', { Name: 'By a rep', ...more }).Id;
    const write = async (over: Partial<AccountChange> = {}) =>
      (await crm.writeAccounts([account({ emails, ...over })])).get('acct-7');

    it('is that account: with our key and every field, and none is made beside it', async () => {
      const theirs = ownAccount({ Website: 'holding.example' });
      const [ada, bob] = emails.map((email) => converted(email, theirs));
      expect(await write()).toMatchObject({
        state: 'done',
        crmId: theirs,
        how: 'conversion',
        note: expect.stringContaining(`to contact ${ada?.Id} of account ${theirs}`),
      });
      expect(bob?.AccountId).toBe(theirs);
      expect(sandbox.records('Account')).toMatchObject([{ PQL_Account_Id__c: 'acct-7', PQL_Tier__c: 'mql' }]);
    });

    it('is where the contact stands today, not where it was converted to', async () => {
      const contact = converted('ada@initech.example', ownAccount());
      const moved = ownAccount();
      sandbox.touch('Contact', contact.Id, { AccountId: moved });
      expect(await write()).toMatchObject({ crmId: moved });
    });

    it('is made where two are named, where it stands for another account of ours, or where none may be written', async () => {
      emails.forEach((email) => void converted(email, ownAccount()));
      expect(await write()).toMatchObject({ created: true });
      converted('cy@other.example', ownAccount({ PQL_Account_Id__c: 'acct-8' }));
      const other = { key: 'acct-9', domain: 'other.example', emails: ['cy@other.example'] };
      expect((await crm.writeAccounts([account(other)])).get('acct-9')).toMatchObject({ created: true });
      converted('dee@third.example', ownAccount());
      const third = { key: 'acct-10', domain: 'third.example', emails: ['dee@third.example'], create: false };
      expect((await crm.writeAccounts([account(third)])).get('acct-10')).toMatchObject({ code: 'no_match' });
    });

    it('goes to the first of two accounts of ours whose people name it', async () => {
      const theirs = ownAccount();
      emails.forEach((email) => void converted(email, theirs));
      const outcomes = await crm.writeAccounts([
        account({ emails: emails.slice(0, 1) }),
        account({ key: 'acct-8', domain: 'two.example', emails: emails.slice(1) }),
      ]);
      expect(outcomes.get('acct-7')).toMatchObject({ crmId: theirs });
      expect(outcomes.get('acct-8')).toMatchObject({ created: true });
    });

    it('is made in an org that hides leads', async () => {
      const body = [{ errorCode: 'INVALID_TYPE', message: "sObject type 'Lead' is not supported." }];
      // After the queries by key and by web site.
      sandbox.faults.add({ path: '*/query', skip: 2, reply: { status: 400, body } });
      expect(await write()).toMatchObject({ created: true });
      expect(sandbox.calls().filter(({ status }) => status === 400)).toHaveLength(1);
    });
  });

  it('where the mapping does not go by the domain, each account gets its own', async () => {
    const ours = { account: { key: 'PQL_Account_Id__c', order: ['link', 'unique'] } };
    const outcomes = await connectorTo(sandbox, { ours }).writeAccounts([
      account(),
      account({ key: 'acct-8' }),
    ]);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done']);
    expect(sandbox.records('Account')).toHaveLength(2);
  });

  it('takes over the account of its own earlier form, which had the domain as its key', async () => {
    const own = sandbox.seed('Account', {
      Name: 'Initech',
      Website: 'initech.example',
      PQL_Account_Id__c: 'initech.example',
    });
    expect((await crm.writeAccounts([account()])).get('acct-7')).toMatchObject({
      crmId: own.Id,
      how: 'domain',
    });
    expect(sandbox.records('Account')).toMatchObject([{ PQL_Account_Id__c: 'acct-7' }]);
  });

  it.each([
    ['lost', { reset: 'after' as const }],
    ['refused by a server in trouble', { reply: { status: 503, body: '<html>' } }],
    ['empty', { reply: { status: 200, body: '' } }],
  ])('a query among many that is %s is asked for once more, and nobody waits for it', async (_, fault) => {
    sandbox.faults.add({ path: '*/query', skip: 3, ...fault });
    const outcomes = await crm.writeAccounts(
      Array.from({ length: 1000 }, (_, i) => account({ key: `k${i}`, domain: `d${i}.example` })),
    );
    expect(new Set([...outcomes.values()].map(({ state }) => state))).toEqual(new Set(['done']));
    expect(sandbox.records('Account')).toHaveLength(1000);
  });

  it('creates nothing that is not to be created', async () => {
    expect((await crm.writeAccounts([account({ create: false })])).get('acct-7')).toMatchObject({
      state: 'skipped',
      code: 'no_match',
    });
    expect(sandbox.writes()).toEqual([]);
  });

  it('I9: one bad record in a collection of 200 is parked with the words of the org, the others go through', async () => {
    const words = 'Names of accounts have four letters or less';
    sandbox.refuse((_, { Name }) =>
      String(Name).length > 4 ? new SfError('FIELD_CUSTOM_VALIDATION_EXCEPTION', words, ['Name']) : null,
    );
    const changes = Array.from({ length: 200 }, (_, i) =>
      account({ key: `k${i}`, domain: null, createFields: { Name: i === 77 ? 'Initech' : `N${i}` } }),
    );
    const outcomes = await crm.writeAccounts(changes);
    expect(outcomes.get('k77')).toEqual({
      state: 'parked',
      code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      field: 'Name',
      reason: `${words} [Name]`,
      remedy: 'correct the value in the product data or the mapping, then: pql errors retry',
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
    const conn = await connected(sandbox);
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

  it('a duplicate is never taken from another key of ours: it is parked with the words of the org', async () => {
    const owned = sandbox.seed('Account', { Name: 'Initech Ltd', PQL_Account_Id__c: 'acct-8' });
    sandbox.refuse(
      duplicateRule('Account', 'Block', (record) => (record.Name === 'Initech' ? owned.Id : null)),
    );
    expect((await crm.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'parked',
      code: 'DUPLICATES_DETECTED',
      reason: 'Use one of these records?',
    });
    expect(sandbox.records('Account')).toMatchObject([{ PQL_Account_Id__c: 'acct-8' }]);
  });

  it('I9: a value that the org cannot even read refuses its own record only, not the 199 beside it', async () => {
    const changes = Array.from({ length: 200 }, (_, i) => {
      const key = `k${i}`;
      const score = i === 123 ? 'many' : 85;
      return account({ key, domain: null, allFields: { PQL_Account_Id__c: key, PQL_Score__c: score } });
    });
    const outcomes = await crm.writeAccounts(changes);
    expect(outcomes.get('k123')).toMatchObject({ state: 'parked', code: 'JSON_PARSER_ERROR' });
    expect([...outcomes.values()].filter(({ state }) => state === 'done')).toHaveLength(199);
    expect(sandbox.records('Account')).toHaveLength(199);
  });

  it('I9: a field that is gone refuses the whole call, and then its own records only, with its name', async () => {
    const made = await crm.writeAccounts(
      Array.from({ length: 200 }, (_, i) => account({ key: `k${i}`, domain: null })),
    );
    sandbox.dropField('Account', 'PQL_Tier__c');
    const idOf = (key: string) => {
      const outcome = made.get(key);
      return outcome?.state === 'done' ? outcome.crmId : null;
    };
    sandbox.forgetLog();
    const outcomes = await crm.writeAccounts(
      Array.from({ length: 200 }, (_, i) => {
        const key = `k${i}`;
        const tier = i === 7 || i === 150 ? { PQL_Tier__c: 'mql' } : {};
        return account({ key, crmId: idOf(key), fields: { PQL_Score__c: 90, ...tier } });
      }),
    );
    expect(sandbox.calls().map(({ status }) => status)).toEqual([400, 200]);
    const parked = [...outcomes].filter(([, { state }]) => state === 'parked');
    expect(parked.map(([key, outcome]) => [key, outcome])).toEqual(
      ['k7', 'k150'].map((key) => [
        key,
        expect.objectContaining({ code: 'INVALID_FIELD', reason: expect.stringContaining('PQL_Tier__c') }),
      ]),
    );
    expect(sandbox.records('Account').filter(({ PQL_Score__c }) => PQL_Score__c === 90)).toHaveLength(198);
  });

  it('a refusal that is the same for all costs three calls, not one for each record', async () => {
    const body = [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY', message: 'insufficient access rights' }];
    sandbox.faults.add({ path: '*/composite/*', times: 'always', reply: { status: 400, body } });
    const changes = Array.from({ length: 64 }, (_, i) => account({ key: `k${i}`, domain: null }));
    const outcomes = await crm.writeAccounts(changes);
    expect([...outcomes.values()].every(({ state }) => state === 'parked')).toBe(true);
    expect(calls(/composite/)).toBe(3);
  });

  it('a field that is gone from all costs one call', async () => {
    const changes = Array.from({ length: 64 }, (_, i) =>
      account({ key: `k${i}`, domain: null, allFields: { PQL_Account_Id__c: `k${i}`, Gone__c: 1 } }),
    );
    const outcomes = await crm.writeAccounts(changes);
    expect([...outcomes.values()].every(({ state }) => state === 'parked')).toBe(true);
    expect(calls(/composite/)).toBe(1);
  });

  it('two keys that lead to one record are written one after the other: an id may stand once in a call', async () => {
    const own = sandbox.seed('Account', { Name: 'Initech' });
    const outcomes = await crm.writeAccounts([
      account({ key: 'a', crmId: own.Id }),
      account({ key: 'b', crmId: own.Id, fields: { PQL_Tier__c: 'mql' } }),
    ]);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done']);
    expect(sandbox.records('Account')).toMatchObject([{ PQL_Score__c: 85, PQL_Tier__c: 'mql' }]);
  });

  it('somebody who was quicker with the same key is found at the next attempt', async () => {
    let quicker = true;
    sandbox.refuse((object) =>
      object === 'Account' && quicker
        ? new SfError(
            'DUPLICATE_VALUE',
            'duplicate value found: PQL_Account_Id__c duplicates value on record with id: 001',
          )
        : null,
    );
    expect((await crm.writeAccounts([account()])).get('acct-7')?.state).toBe('retry');
    quicker = false;
    expect((await crm.writeAccounts([account()])).get('acct-7')?.state).toBe('done');
  });

  it('the mapping says by which field and in which order accounts are matched', async () => {
    await crm.setup([{ object: 'Account', field: 'Own__c', type: 'text', unique: true }], [], true);
    const bySite = sandbox.seed('Account', { Name: 'x', Website: 'initech.example' });
    const mapped = connectorTo(sandbox, {
      ours: { account: { key: 'Own__c', order: ['link', 'unique'] }, people: { key: null, order: ['link'] } },
    });
    const change = account({ allFields: { Own__c: 'acct-7' } });
    expect((await mapped.writeAccounts([change])).get('acct-7')).toMatchObject({ created: true });
    expect(sandbox.records('Account').map(({ Own__c }) => Own__c)).toEqual([undefined, 'acct-7']);
    sandbox.seed('Contact', { LastName: 'L', Email: 'ada@initech.example' });
    expect((await mapped.writePeople([person({ create: false })])).get('u:ada')?.state).toBe('skipped');
    expect(bySite.Own__c).toBeUndefined();
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

  it('a mapping that names a unique field of people finds the contact by it, whatever its e-mail', async () => {
    await crm.setup([{ object: 'Contact', field: 'Own__c', type: 'text', unique: true }], [], true);
    const contact = sandbox.seed('Contact', { LastName: 'L', Email: 'old@initech.example', Own__c: 'ada' });
    const mapped = connectorTo(sandbox, {
      ours: { people: { key: 'Own__c', order: ['link', 'unique', 'email'] } },
    });
    const change = person({ allFields: { Own__c: 'ada', PQL_Score__c: 85 } });
    expect((await mapped.writePeople([change])).get('u:ada')).toMatchObject({
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
      state: 'done',
      crmId: contact.Id,
      how: 'conversion',
    });
    expect(sandbox.records('Lead')[0]?.PQL_Score__c).toBeUndefined();
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

  it('people who share an e-mail share one new contact', async () => {
    const own = sandbox.seed('Account', { Name: 'Initech' });
    const twin = (key: string) => person({ key, accountCrmId: own.Id, allFields: { PQL_Score__c: 85 } });
    const outcomes = await crm.writePeople([twin('u:ada'), twin('u:twin')]);
    const [contact] = sandbox.records('Contact');
    expect(sandbox.records('Contact')).toHaveLength(1);
    expect([...outcomes.values()]).toMatchObject([
      { state: 'done', crmId: contact?.Id },
      { state: 'done', crmId: contact?.Id },
    ]);
  });

  it("whom the org's duplicate rule names is linked: a contact, or a lead, or what the lead became", async () => {
    const own = sandbox.seed('Account', { Name: 'Initech' });
    const contact = sandbox.seed('Contact', { LastName: 'L' });
    const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'C' });
    const converted = sandbox.seed('Lead', {
      LastName: 'L',
      Company: 'C',
      IsConverted: true,
      ConvertedContactId: contact.Id,
    });
    const named: Record<string, string> = { a: contact.Id, b: lead.Id, c: converted.Id };
    sandbox.refuse(duplicateRule('Contact', 'Block', (record) => named[String(record.FirstName)] ?? null));
    const change = (key: string) =>
      person({
        key,
        email: `${key}@initech.example`,
        accountCrmId: own.Id,
        createFields: { LastName: 'L', FirstName: key },
      });
    const outcomes = await crm.writePeople(['a', 'b', 'c'].map(change));
    expect([...outcomes.values()].map((one) => (one.state === 'done' ? one.crmId : one))).toEqual([
      contact.Id,
      lead.Id,
      contact.Id,
    ]);
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

  it('a member status that the campaign lacks is made first, once', async () => {
    const [one, two] = ['a', 'b'].map((LastName) => sandbox.seed('Contact', { LastName }));
    const status = 'Qualified';
    await crm.addMembers([member(one?.Id ?? '', { status })]);
    await crm.addMembers([member(two?.Id ?? '', { status })]);
    expect(sandbox.records('CampaignMember')).toMatchObject([{ Status: status }, { Status: status }]);
    expect(sandbox.records('CampaignMemberStatus').map(({ Label, SortOrder }) => [Label, SortOrder])).toEqual(
      [
        ['Sent', 1],
        ['Responded', 2],
        ['Qualified', 3],
      ],
    );
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
    const conn = await connected(sandbox);
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
    sandbox.faults.add({ path: '/services/data*', times: 'always', reply });
    expect((await crm.writeAccounts([account()])).get('acct-7')?.state).toBe(state);
  });

  it('no answer at all ends with the time limit', async () => {
    const quick = connectorTo(sandbox, { timeoutMs: 200 });
    await quick.connect();
    sandbox.faults.add({ path: '/services/data/*', times: 'always', hang: true });
    expect((await quick.writeAccounts([account()])).get('acct-7')).toMatchObject({
      state: 'retry',
      code: 'TIMEOUT',
    });
  });

  it('an answer that breaks off in the middle fails its call, not the process', async () => {
    const broken = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"access_token":');
      setTimeout(() => request.socket.destroy(), 20);
    });
    const url = await listen(broken);
    await expect(elsewhere(url).connect()).rejects.toMatchObject({
      name: 'CrmUnreachable',
      permanent: false,
    });
    broken.close();
  });

  it('an answer whose end never comes ends with the time limit', async () => {
    const endless = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"access_token":');
    });
    const url = await listen(endless);
    await expect(elsewhere(url).connect()).rejects.toMatchObject({ message: /TIMEOUT/ });
    endless.closeAllConnections();
    endless.close();
  });

  it('a redirect is not followed: the token would go with it', async () => {
    const seen: string[] = [];
    const moved = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    const url = await listen(moved);
    await expect(elsewhere(url).connect()).rejects.toMatchObject({ permanent: true, message: /REDIRECTED/ });
    expect(seen).toEqual(['POST /services/oauth2/token']);
    moved.close();
  });

  it('a status that jsforce repeats by itself is asked for once', async () => {
    await crm.connect();
    sandbox.forgetLog();
    sandbox.faults.add({ path: '/services/data*', times: 'always', reply: { status: 420, body: [] } });
    await expect(crm.connect()).rejects.toMatchObject({ name: 'CrmUnreachable' });
    expect(sandbox.calls()).toHaveLength(1);
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

  it('a private key that cannot sign is a matter of the settings, not of the network', async () => {
    const auth = { kind: 'jwt', clientId: sandbox.clientId, username: 'u', privateKey: 'no key' } as const;
    const wrong = salesforceConnector({ loginUrl: sandbox.url, apiVersion: '64.0', auth });
    await expect(wrong.connect()).rejects.toMatchObject({ permanent: true, message: /invalid_private_key/ });
  });

  it('is idempotent and shows before it makes', async () => {
    const fresh = await startSalesforceSandbox();
    const first = connectorTo(fresh);
    expect(await first.checkSchema(FIELDS)).toHaveLength(FIELDS.length);
    expect((await first.setup(FIELDS, ['PQL MQL'], false)).every(({ state }) => state === 'missing')).toBe(
      true,
    );
    const made = await first.setup(FIELDS, ['PQL MQL'], true);
    expect(made.map(({ state }) => state)).toEqual(
      Array.from({ length: FIELDS.length + 3 }, () => 'created'),
    );
    expect(await first.checkSchema(FIELDS)).toEqual([]);
    expect((await first.setup(FIELDS, ['PQL MQL'], true)).every(({ state }) => state === 'present')).toBe(
      true,
    );
    await fresh.close();
  });

  it('an object that the org hides is a problem of every field of it, beside the others', async () => {
    const problems = await crm.checkSchema([
      { object: 'Nope', field: 'A__c', type: 'text', unique: false },
      { object: 'Account', field: 'Nope__c', type: 'text', unique: false },
    ]);
    expect(problems.map(({ object, field }) => `${object}.${field}`)).toEqual([
      'Nope.A__c',
      'Account.Nope__c',
    ]);
    expect(problems[0]?.problem).toMatch(/no object Nope/);
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

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function elsewhere(loginUrl: string): CrmConnector {
  const auth = { kind: 'client_credentials', clientId: 'x', clientSecret: 'y' } as const;
  return salesforceConnector({ loginUrl, apiVersion: '64.0', auth, timeoutMs: 1000 });
}

describe('the stand-in under jsforce itself', () => {
  it('create, update, retrieve, upsert, query, describe and destroy', async () => {
    const conn = await connected(sandbox);
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
    const conn = await connected(sandbox);
    const many = Array.from({ length: 201 }, (_, i) => ({ Name: `N${i}` }));
    await conn.sobject('Account').create(many, { allowRecursive: true });
    const first = await conn.query('SELECT Id FROM Account', {
      headers: { 'Sforce-Query-Options': 'batchSize=200' },
    } as never);
    expect([first.done, first.records.length, first.totalSize]).toEqual([false, 200, 201]);
    expect((await conn.queryMore(first.nextRecordsUrl ?? '')).records).toHaveLength(1);
    const rolled = await conn.sobject('Account').create([{ Name: 'ok' }, { Name: '' }], { allOrNone: true });
    expect(rolled.map(({ success }) => success)).toEqual([false, false]);
    expect(sandbox.records('Account').some(({ Name }) => Name === 'ok')).toBe(false);
    await expect(conn.query('SELECT Nope FROM Account')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await expect(conn.query('SELECT Id FROM Nope')).rejects.toMatchObject({ errorCode: 'INVALID_TYPE' });
    await expect(conn.query('SELEC Id')).rejects.toMatchObject({ errorCode: 'MALFORMED_QUERY' });
  });
});

describe('reading Accounts back', () => {
  it('in few queries, whoever is not there being missing', async () => {
    const { Id } = sandbox.seed('Account', { Name: 'Initech', NumberOfEmployees: 240 });
    const others = Array.from({ length: 300 }, (_, i) => `001${String(i).padStart(12, '0')}AAA`);
    sandbox.forgetLog();
    const read = await crm.reads.records('account', [...others, Id], {
      needed: ['NumberOfEmployees', 'Industry'],
      optional: ['Gone__c'],
    });
    expect(read.state === 'read' && [...read.records]).toEqual([
      [Id, expect.objectContaining({ NumberOfEmployees: 240, Industry: null })],
    ]);
    expect(sandbox.calls().filter(({ path }) => path.includes('/query')).length).toBeLessThanOrEqual(2);
  });

  it('a field that is gone is for a person to mend: asked again in an hour, and the connection goes on', async () => {
    const read = await crm.reads.records('account', ['001000000000001AAA'], {
      needed: ['Gone__c'],
      optional: [],
    });
    expect(read).toMatchObject({ state: 'failed', pause: false, afterMs: 3_600_000, code: 'INVALID_FIELD' });
  });
});
