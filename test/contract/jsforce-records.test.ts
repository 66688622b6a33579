import type { Connection } from 'jsforce';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { duplicateRule, type SalesforceSandbox, SfError } from '../../src/sandbox/salesforce/index.ts';
import { connected, org } from './jsforce-world.ts';

let sandbox: SalesforceSandbox;
let conn: Connection;

beforeEach(async () => {
  sandbox = await org();
  conn = await connected(sandbox);
});
afterEach(() => sandbox.close());

const upsert = (records: object[], options = {}) =>
  conn.sobject('Account').upsert(records as never, 'Key__c', options) as Promise<unknown> as Promise<
    { id?: string; success: boolean; created?: boolean; errors: { statusCode: string; message: string }[] }[]
  >;

describe('collections under jsforce itself', () => {
  it('answer in the order of the call, with HTTP 200 also when records fail, codes in statusCode', async () => {
    const results = await upsert([{ Key__c: 'a', Name: 'A' }, { Key__c: 'b' }, { Key__c: 'c', Name: 'C' }]);
    expect(results.map(({ success }) => success)).toEqual([true, false, true]);
    expect(results[1]?.errors[0]?.statusCode).toBe('REQUIRED_FIELD_MISSING');
    expect(sandbox.calls().filter(({ method }) => method === 'PATCH')).toMatchObject([{ status: 200 }]);
  });

  it('null clears a field, an absent one is left', async () => {
    await upsert([{ Key__c: 'a', Name: 'A', Score__c: 5, Website: 'a.example' }]);
    await upsert([{ Key__c: 'a', Score__c: null }]);
    expect(sandbox.records('Account')).toMatchObject([{ Score__c: null, Website: 'a.example' }]);
  });

  it('more than 200 records in one call are refused whole', async () => {
    const many = Array.from({ length: 201 }, (_, i) => ({ Key__c: `k${i}`, Name: 'N' }));
    await expect(upsert(many)).rejects.toMatchObject({ errorCode: 'EXCEEDED_ID_LIMIT' });
    expect(await upsert(many, { allowRecursive: true })).toHaveLength(201);
    expect(sandbox.calls().filter(({ method }) => method === 'PATCH')).toHaveLength(3);
  });

  it('allOrNone takes back what was good', async () => {
    const results = await upsert([{ Key__c: 'a', Name: 'A' }, { Key__c: 'b' }], { allOrNone: true });
    expect(results.map(({ errors }) => errors[0]?.statusCode)).toEqual([
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'REQUIRED_FIELD_MISSING',
    ]);
    expect(sandbox.records('Account')).toHaveLength(0);
  });

  it('an external id twice in one call is refused both times', async () => {
    const results = await upsert([
      { Key__c: 'a', Name: 'A' },
      { Key__c: 'a', Name: 'B' },
    ]);
    expect(results.map(({ errors }) => errors[0]?.statusCode)).toEqual([
      'DUPLICATE_VALUE',
      'DUPLICATE_VALUE',
    ]);
  });

  it('a unique value that another record has is refused for its own record', async () => {
    await upsert([{ Key__c: 'a', Name: 'A' }]);
    const other = sandbox.seed('Account', { Name: 'B' });
    const [result] = (await conn
      .sobject('Account')
      .update([{ Id: other.Id, Key__c: 'a' }] as never)) as unknown as Awaited<ReturnType<typeof upsert>>;
    expect(result?.errors[0]).toMatchObject({
      statusCode: 'DUPLICATE_VALUE',
      message: /Key__c duplicates value/,
    });
  });

  it('destroy, retrieve and update of several, with null for what is gone', async () => {
    const made = await upsert([
      { Key__c: 'a', Name: 'A' },
      { Key__c: 'b', Name: 'B' },
    ]);
    const ids = made.map(({ id }) => id ?? '');
    expect((await conn.sobject('Account').destroy([ids[0] ?? ''])).map(({ success }) => success)).toEqual([
      true,
    ]);
    const [gone, kept] = await conn.sobject('Account').retrieve(ids, { fields: ['Name'] } as never);
    expect([gone, kept]).toEqual([null, expect.objectContaining({ Name: 'B' })]);
    const updated = await conn.sobject('Account').update(ids.map((Id) => ({ Id, Name: 'X' })) as never);
    expect((updated as never as { success: boolean }[]).map(({ success }) => success)).toEqual([false, true]);
  });

  it('a field that is hidden does not exist: not in describe, not in a write, not in a query', async () => {
    const names = (await conn.describe('Account')).fields.map(({ name }) => name);
    expect(names).toContain('Score__c');
    expect(names).not.toContain('Hidden__c');
    await expect(upsert([{ Key__c: 'a', Name: 'A', Hidden__c: 'x' }])).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await expect(conn.query('SELECT Hidden__c FROM Account')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
  });
});

describe('single records under jsforce itself', () => {
  it('an upsert by an external id that several records hold is MULTIPLE_CHOICES', async () => {
    sandbox.seed('Account', { Name: 'A', Loose__c: 'x' });
    sandbox.seed('Account', { Name: 'B', Loose__c: 'x' });
    await expect(
      conn.sobject('Account').upsert({ Loose__c: 'x', Name: 'C' } as never, 'Loose__c'),
    ).rejects.toMatchObject({ errorCode: 'MULTIPLE_CHOICES' });
  });

  it('a missing id is NOT_FOUND when read and INVALID_CROSS_REFERENCE_KEY when written, both 404', async () => {
    const id = '001000000000999AAA';
    await expect(conn.sobject('Account').retrieve(id)).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
    await expect(conn.sobject('Account').update({ Id: id, Name: 'X' })).rejects.toMatchObject({
      errorCode: 'INVALID_CROSS_REFERENCE_KEY',
    });
    await expect(conn.sobject('Account').destroy(id)).rejects.toMatchObject({
      errorCode: 'INVALID_CROSS_REFERENCE_KEY',
    });
    expect(sandbox.calls().map(({ status }) => status)).toEqual([200, 404, 404, 404]);
  });

  it('a converted lead is read-only', async () => {
    const { Id } = sandbox.seed('Lead', { LastName: 'L', Company: 'C', IsConverted: true });
    await expect(conn.sobject('Lead').update({ Id, Title: 'T' })).rejects.toMatchObject({
      errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD',
    });
  });

  it('a duplicate rule that alerts gives way to the header, one that blocks does not', async () => {
    const first = sandbox.seed('Account', { Name: 'Same' });
    const same = ({ Name }: Record<string, unknown>) => (Name === 'Same' ? first.Id : null);
    const create = () =>
      conn.sobject('Account').create({ Name: 'Same' }, {
        headers: { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' },
      } as never);
    sandbox.refuse(duplicateRule('Account', 'Alert', same));
    await expect(conn.sobject('Account').create({ Name: 'Same' })).rejects.toMatchObject({
      errorCode: 'DUPLICATES_DETECTED',
      data: { duplicateResult: { matchResults: [{ matchRecords: [{ record: { Id: first.Id } }] }] } },
    });
    expect(await create()).toMatchObject({ success: true });
    sandbox.refuse(duplicateRule('Account', 'Block', same));
    await expect(create()).rejects.toMatchObject({ errorCode: 'DUPLICATES_DETECTED' });
  });

  it('a person joins a campaign once', async () => {
    const campaign = await conn.sobject('Campaign').create({ Name: 'C' });
    const contact = sandbox.seed('Contact', { LastName: 'L' });
    const join = () =>
      conn.sobject('CampaignMember').create({ CampaignId: campaign.id ?? '', ContactId: contact.Id });
    expect(await join()).toMatchObject({ success: true });
    await expect(join()).rejects.toMatchObject({
      errorCode: 'DUPLICATE_VALUE',
      message: 'Already a campaign member.',
    });
  });

  it('a rule of the org refuses one record of a collection and no other', async () => {
    sandbox.refuse((_object, { Name }) =>
      Name === 'B' ? new SfError('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'no Bs', ['Name']) : null,
    );
    const results = await upsert([
      { Key__c: 'a', Name: 'A' },
      { Key__c: 'b', Name: 'B' },
    ]);
    expect(results.map(({ errors }) => errors[0]?.statusCode)).toEqual([
      undefined,
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    ]);
  });
});
