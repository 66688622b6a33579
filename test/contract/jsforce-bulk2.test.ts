import type { Connection } from 'jsforce';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { connected, org } from './jsforce-world.ts';

let sandbox: SalesforceSandbox;
let conn: Connection;

beforeEach(async () => {
  sandbox = await org();
  conn = await connected(sandbox);
});
afterEach(() => sandbox.close());

const upsert = () =>
  conn.bulk2.createJob({
    object: 'Account',
    operation: 'upsert',
    externalIdFieldName: 'Key__c',
    lineEnding: 'LF',
  });

/** A job of these lines, closed. */
async function closed(...lines: string[]) {
  const job = upsert();
  await job.open();
  await job.uploadData(`${lines.join('\n')}\n`);
  await job.close();
  return job;
}

async function ended(...lines: string[]) {
  const job = await closed(...lines);
  await job.poll(1, 5000);
  return job;
}

const raw = (result: unknown) => String(result).trim().split('\n');

describe('an ingest job under jsforce itself', () => {
  it('goes from Open over UploadComplete and InProgress to JobComplete, found again by its id', async () => {
    const job = upsert();
    const { id, state } = await job.open();
    expect(state).toBe('Open');
    await job.uploadData('Key__c,Name\na,A\n');
    await job.close();
    const again = conn.bulk2.job('ingest', { id: id ?? '' });
    expect(sandbox.bulkJobs()[0]?.state).toBe('UploadComplete');
    expect((await again.check()).state).toBe('InProgress');
    expect(await again.check()).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 1,
      numberRecordsFailed: 0,
    });
    expect(raw(await again.getSuccessfulResults(true))).toEqual([
      '"sf__Id","sf__Created","Key__c","Name"',
      `${sandbox.records('Account')[0]?.Id},true,a,A`,
    ]);
  });

  it('clears with #N/A, leaves alone what is empty, reads quotes as RFC 4180 does', async () => {
    sandbox.seed('Account', { Name: 'Old', Key__c: 'a', Score__c: 5, Website: 'a.example' });
    await ended('Key__c,Name,Score__c,Website', 'a,"Anna, ""the"" A",#N/A,');
    expect(sandbox.records('Account')).toMatchObject([
      { Name: 'Anna, "the" A', Score__c: null, Website: 'a.example' },
    ]);
  });

  it('gives refused rows with the code before the first colon, in an order of its own', async () => {
    const job = await ended('Key__c,Name', 'a,', 'b,B', 'c,');
    const [header, ...lines] = raw(await job.getFailedResults(true));
    expect(header).toBe('"sf__Id","sf__Error","Key__c","Name"');
    expect(lines).toEqual([
      ',REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --,c,',
      ',REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --,a,',
    ]);
    expect(raw(await job.getUnprocessedRecords(true))).toEqual(['"Key__c","Name"']);
  });

  it("leaves other separators bare, on which jsforce's own reader fails and the raw text does not", async () => {
    const job = await ended('Key__c,Name', 'a,A|B;C', 'b,B');
    expect(typeof (await job.getSuccessfulResults())).toBe('string');
    expect(raw(await job.getSuccessfulResults(true))).toContainEqual(expect.stringMatching(/,a,A\|B;C$/));
  });

  it('an external id twice in one job is refused both times', async () => {
    const job = await ended('Key__c,Name', 'a,A', 'a,B');
    expect(raw(await job.getFailedResults(true))).toHaveLength(3);
    expect(sandbox.records('Account')).toHaveLength(0);
  });

  it('takes one upload: the second is refused, and so is one after the closing', async () => {
    const job = upsert();
    const { id } = await job.open();
    await job.uploadData('Key__c,Name\na,A\n');
    const again = () => conn.bulk2.job('ingest', { id: id ?? '' }).uploadData('Key__c,Name\nb,B\n');
    await expect(again()).rejects.toMatchObject({ message: /Found multiple contents for job/ });
    await job.close();
    await expect(again()).rejects.toMatchObject({ errorCode: 'INVALIDJOBSTATE' });
    await expect(job.close()).rejects.toMatchObject({ errorCode: 'INVALIDJOBSTATE' });
  });

  it('with a column that the org does not show has Failed, says why, and left every row unprocessed', async () => {
    const job = await closed('Key__c,Name,Hidden__c', 'a,A,x');
    await job.check();
    expect(await job.check()).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Field name not found : Hidden__c',
    });
    expect(raw(await job.getUnprocessedRecords(true))).toEqual(['"Key__c","Name","Hidden__c"', 'a,A,x']);
    expect(raw(await job.getSuccessfulResults(true))).toHaveLength(1);
  });

  it('that fails half-way has results for what it did', async () => {
    sandbox.bulk.fails = { message: 'InternalServerError : the batch could not be retried', after: 1 };
    const job = await closed('Key__c,Name', 'a,A', 'b,B');
    await expect(job.poll(1, 5000)).rejects.toThrow('could not be retried');
    expect(raw(await job.getSuccessfulResults(true))).toHaveLength(2);
    expect(raw(await job.getUnprocessedRecords(true))).toEqual(['"Key__c","Name"', 'b,B']);
  });

  it('that is slow is deleted by loadAndWaitForResults, and the stand-in saw it', async () => {
    sandbox.bulk.checks = Number.POSITIVE_INFINITY;
    await expect(
      conn.bulk2.loadAndWaitForResults({
        object: 'Account',
        operation: 'insert',
        input: 'Name\nA\n',
        pollInterval: 5,
        pollTimeout: 40,
      } as never),
    ).rejects.toMatchObject({ name: 'JobPollingTimeout' });
    await expect.poll(() => sandbox.bulkJobs()[0]?.deletedIn).toBe('InProgress');
  });

  it('has no results while it runs', async () => {
    const job = await closed('Key__c,Name', 'a,A');
    await job.check();
    // Asked for raw text, jsforce does not read the error either.
    await expect(job.getSuccessfulResults(true)).rejects.toMatchObject({
      errorCode: 'ERROR_HTTP_400',
      message: /INVALIDJOBSTATE/,
    });
  });

  it('can be aborted and deleted while it is open', async () => {
    const job = upsert();
    await job.open();
    await job.abort();
    expect((await job.check()).state).toBe('Aborted');
    await job.delete();
    await expect(job.check()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  });

  it('is refused for an unknown object, and for an upsert by a field that is no external id', async () => {
    const open = (over: object) => conn.bulk2.createJob({ operation: 'upsert', ...over } as never).open();
    await expect(open({ object: 'Nope', externalIdFieldName: 'Key__c' })).rejects.toMatchObject({
      errorCode: 'INVALIDENTITY',
    });
    await expect(open({ object: 'Account', externalIdFieldName: 'Name' })).rejects.toMatchObject({
      errorCode: 'INVALIDJOB',
    });
  });

  it('meets a locked row as its own refusal', async () => {
    const job = await closed('Key__c,Name', 'a,A', 'b,B');
    sandbox.faults.add({ path: '*/jobs/ingest/*', skip: 1, vendor: 'lock_rows', detail: ['a'] });
    await job.poll(1, 5000);
    expect(raw(await job.getFailedResults(true))[1]).toMatch(/,UNABLE_TO_LOCK_ROW:.*,a,A$/);
    expect(sandbox.records('Account')).toMatchObject([{ Key__c: 'b' }]);
  });

  it('costs its calls and its batches of the day', async () => {
    await ended('Key__c,Name', 'a,A');
    const limits = (await conn.limits()) as unknown as Record<string, { Max: number; Remaining: number }>;
    expect(limits.DailyBulkApiBatches).toEqual({ Max: 15_000, Remaining: 14_999 });
    expect(sandbox.calls().map(({ method }) => method)).toEqual([
      'POST',
      'POST',
      'PUT',
      'PATCH',
      'GET',
      'GET',
      'GET',
    ]);
  });
});
