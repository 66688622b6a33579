import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubspotConnector } from '../../src/crm/hubspot/index.ts';
import { badAnswers, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { HOUR } from '../../src/shared/time.ts';
import type { MappedField } from '../../src/sync/crm.ts';
import { connectorTo } from '../contract/salesforce-world.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { everyTenth, HUBSPOT, made, mailOf, type Vendor, WorstDay } from '../support/worst-day.ts';

/**
 * One run in which everything goes wrong: every tenth answer is broken, a record is deleted, a lead converted, a field
 * renamed, and the limit of the day is used up. Afterwards every record is right, or parked with its reason, and
 * nothing was done twice.
 */

const OLD = Array.from({ length: 8 }, (_, i) => `old-${i + 1}`);
const NEW = Array.from({ length: 8 }, (_, i) => `new-${i + 1}`);
const ALL = [...OLD, ...NEW];
/** Whose record is deleted, whose person is converted, and who alone has the field that is renamed. */
const [DELETED, CONVERTED, RENAMED] = ['old-1', 'old-2', 'old-3'];

const once = (keys: readonly string[], prefix = '') =>
  Object.fromEntries(keys.map((key) => [`${prefix}${key}`, 1]));

/** Each meets other calls with other faults. */
const SHIFTS = [0, 3];

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

async function first(day: WorstDay, vendor: Vendor): Promise<void> {
  for (const account of OLD) {
    await day.wants(account, 70, account === RENAMED ? { [vendor.reasons]: 'seats' } : {});
    await day.crosses(account);
  }
}

async function second(day: WorstDay, vendor: Vendor): Promise<void> {
  for (const account of ALL) {
    await day.wants(account, 90, account === RENAMED ? { [vendor.reasons]: 'seats, API' } : {});
  }
  for (const account of NEW) {
    await day.crosses(account);
  }
}

describe('I6, I9: HubSpot on its worst day', () => {
  const vendor = HUBSPOT;
  const fields: MappedField[] = [
    { object: 'company', field: vendor.key, type: 'text', unique: true },
    { object: 'company', field: vendor.score, type: 'number', unique: false },
    { object: 'company', field: vendor.reasons, type: 'text', unique: false },
    { object: 'contact', field: vendor.personKey, type: 'text', unique: false },
    { object: 'contact', field: vendor.score, type: 'number', unique: false },
    { object: 'task', field: 'pql_key', type: 'text', unique: true },
  ];
  const ways = [
    badAnswers.badGateway(),
    badAnswers.lostAfter(),
    badAnswers.tenSecondlyLimit(),
    badAnswers.emptySuccess(200),
    badAnswers.unavailableWithoutType(),
    { replyAfter: { status: 200, body: {} } },
    badAnswers.internalError(),
    badAnswers.lostBefore(),
  ];

  it.each(SHIFTS)('when it starts with way %i', async (shift) => {
    const batchErrors = shift % 2 === 0 ? 'per_record' : 'whole_batch';
    const day = new WorstDay(database.db, vendor);
    const sandbox = await startHubspotSandbox({ clock: day.clock, settings: { batchErrors } });
    const crm = hubspotConnector({
      accessToken: 'pat-test',
      baseUrl: sandbox.url,
      clock: day.clock,
      timeoutMs: 2_000,
    });
    await crm.setup(fields, ['PQL MQL'], true);
    await day.connect(crm);
    everyTenth(sandbox.faults, ways, 400, shift);
    await first(day, vendor);
    await day.drain();
    expect(await day.undone()).toEqual([]);

    const companyOf = (account: string) =>
      sandbox.records('companies').find(({ properties }) => properties[vendor.key] === account);
    sandbox.archive('companies', companyOf(DELETED ?? '')?.id ?? '');
    sandbox.dropProperty('companies', vendor.reasons);
    await second(day, vendor);
    sandbox.settings.dailyLimit = 8;
    const took = await day.drain(() => {
      sandbox.settings.dailyLimit = 625_000;
    });

    expect(took).toBeGreaterThan(10 * HOUR);
    expect(await day.undone()).toEqual([
      {
        key: `fields ${RENAMED}`,
        state: 'parked',
        code: 'property_doesnt_exist',
        field: vendor.reasons,
        ref: RENAMED,
      },
    ]);
    const scores = (object: string, key: string) =>
      Object.fromEntries(
        sandbox.records(object).map(({ properties }) => [properties[key], properties[vendor.score]]),
      );
    const expected = (prefix = '') =>
      Object.fromEntries(ALL.map((one) => [`${prefix}${one}`, one === RENAMED ? '70' : '90']));
    expect(scores('companies', vendor.key)).toEqual(expected());
    expect(scores('contacts', vendor.personKey)).toEqual(expected('u:'));
    expect(made(sandbox.writes(), 'companies', vendor.key)).toEqual({ ...once(ALL), [DELETED ?? '']: 2 });
    expect(made(sandbox.writes(), 'contacts', 'email')).toEqual(once(ALL.map(mailOf)));
    expect(made(sandbox.writes(), 'tasks', 'pql_key')).toEqual(once(ALL, 'task-'));
    const members = sandbox.records('lists').flatMap(({ associations }) => associations.contacts ?? []);
    expect(members.sort()).toEqual(
      sandbox
        .records('contacts')
        .map(({ id }) => id)
        .sort(),
    );
    await crm.close();
    await sandbox.close();
  });
});

describe('I6, I9: Salesforce on its worst day', () => {
  const vendor: Vendor = {
    key: 'PQL_Account_Id__c',
    personKey: 'PQL_Person_Id__c',
    score: 'PQL_Score__c',
    reasons: 'PQL_Reasons__c',
    onCreate: (account) => ({ Name: account, Website: `https://${account}.example` }),
    onCreatePerson: (account) => ({ LastName: 'Lovelace', Email: mailOf(account) }),
  };
  const field = (object: string, name: string, type: MappedField['type'], unique = false): MappedField => ({
    object,
    field: name,
    type,
    unique,
  });
  const fields = [
    field('Account', vendor.key, 'text', true),
    field('Account', vendor.score, 'number'),
    field('Account', vendor.reasons, 'text'),
    ...['Contact', 'Lead'].flatMap((object) => [
      field(object, vendor.personKey, 'text'),
      field(object, vendor.score, 'number'),
    ]),
    field('Task', 'PQL_Key__c', 'text', true),
    field('CampaignMember', 'PQL_Key__c', 'text', true),
  ];
  const html = { 'content-type': 'text/html' };
  const ways = [
    { reply: { status: 503, headers: html, body: '<html>Service Unavailable</html>' } },
    { reset: 'after' as const },
    { reply: { status: 429, headers: html, body: '' } },
    { reply: { status: 200, body: [] } },
    { reply: { status: 200, body: '' } },
    { replyAfter: { status: 200, body: [] } },
    { reply: { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired' }] } },
    { reply: { status: 500, body: [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'unexpected' }] } },
    { reply: { status: 400, body: [{ errorCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain' }] } },
    { reset: 'before' as const },
  ];
  const spent = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }];

  it.each(SHIFTS)('when it starts with way %i', async (shift) => {
    const day = new WorstDay(database.db, vendor);
    const sandbox = await startSalesforceSandbox({ clock: day.clock });
    const crm = connectorTo(sandbox, { timeoutMs: 2_000 });
    await crm.setup(fields, ['PQL MQL'], true);
    const lead = sandbox.seed('Lead', {
      LastName: 'Lovelace',
      Company: 'Old',
      Email: mailOf(CONVERTED ?? ''),
    });
    await day.connect(crm);
    everyTenth(sandbox.faults, ways, 400, shift);
    await first(day, vendor);
    await day.drain();
    expect(await day.undone()).toEqual([]);

    const accountOf = (account: string) =>
      sandbox.records('Account').find((record) => record[vendor.key] === account)?.Id ?? '';
    const contact = sandbox.convertLead(lead.Id, accountOf(CONVERTED ?? ''));
    sandbox.touch('Account', accountOf(DELETED ?? ''), { IsDeleted: true });
    sandbox.dropField('Account', vendor.reasons);
    await second(day, vendor);
    const limit = { path: '/services/data/*', times: 'always' as const, reply: { status: 403, body: spent } };
    let passes = 8;
    sandbox.faults.add({ ...limit, skip: passes });
    const took = await day.drain(() => {
      passes -= 1;
      if (passes === 0) {
        sandbox.faults.clear();
        everyTenth(sandbox.faults, ways, 400, shift);
      }
    });

    expect(took).toBeGreaterThan(HOUR / 4);
    expect(await day.undone()).toEqual([
      {
        key: `fields ${RENAMED}`,
        state: 'parked',
        code: 'INVALID_FIELD',
        field: vendor.reasons,
        ref: RENAMED,
      },
    ]);
    const scores = (object: string, key: string) =>
      Object.fromEntries(sandbox.records(object).map((record) => [record[key], record[vendor.score]]));
    const expected = (prefix = '') =>
      Object.fromEntries(ALL.map((one) => [`${prefix}${one}`, one === RENAMED ? 70 : 90]));
    expect(scores('Account', vendor.key)).toEqual(expected());
    expect(scores('Contact', vendor.personKey)).toEqual(expected('u:'));
    expect(sandbox.records('Contact').find(({ Id }) => Id === contact.Id)?.[vendor.score]).toBe(90);
    const writes = sandbox.writes();
    expect(made(writes, 'Account', vendor.key)).toEqual({ ...once(ALL), [DELETED ?? '']: 2 });
    expect(made(writes, 'Contact', 'Email')).toEqual(once(ALL.map(mailOf)));
    expect(made(writes, 'Task', 'PQL_Key__c')).toEqual(once(ALL, 'task-'));
    expect(made(writes, 'CampaignMember', 'PQL_Key__c')).toEqual(once(ALL, 'member-'));
    await crm.close();
    await sandbox.close();
  });
});
