import { describe, expect, it } from 'vitest';
import { fitsCsv, readCsv, writeCsv } from '../../../../src/crm/salesforce/bulk/csv.ts';
import { readResults } from '../../../../src/crm/salesforce/bulk/results.ts';
import type { BulkRow, BulkSpec, Standing } from '../../../../src/sync/bulk.ts';

const row = (record: BulkRow['record'], crmId: string | null = null): BulkRow => ({
  key: String(record.Key__c ?? record.Id),
  crmId,
  record,
});

describe('the file of a job', () => {
  it('has a column for every field that any row has, the key first', () => {
    const csv = writeCsv('Key__c', [row({ Key__c: 'a', One__c: 1 }), row({ Two__c: true, Key__c: 'b' })]);
    expect(csv).toBe('Key__c,One__c,Two__c\na,1,\nb,,true\n');
  });

  it.each([
    ['null clears', null, '#N/A'],
    ['nothing clears', '', '#N/A'],
    ['a quote is doubled', 'say "hi"', '"say ""hi"""'],
    ['a comma is quoted', 'a,b', '"a,b"'],
    ['a line break is quoted', 'a\nb', '"a\nb"'],
    ['blanks at an end are quoted', ' a', '" a"'],
    ['other separators are none', 'a|b;c', 'a|b;c'],
    ['zero is a value', 0, '0'],
    ['false is a value', false, 'false'],
  ])('%s', (_rule, value, cell) => {
    expect(writeCsv('K', [row({ K: 'k', F: value })])).toBe(`K,F\nk,${cell}\n`);
  });

  it.each([
    ['the mark that clears, as a text', { F: '#N/A' }, false],
    ['32,000 characters', { F: 'x'.repeat(32_000) }, true],
    ['one more', { F: 'x'.repeat(32_001) }, false],
    ['numbers and null', { F: 1, G: null }, true],
  ])('carries or leaves to collections: %s', (_rule, record, fits) => {
    expect(fitsCsv(record)).toBe(fits);
  });

  it('is read back as it was written', () => {
    const texts = ['a,b', 'say "hi"', 'a\r\nb', ' padded ', 'a|b;c^d`e\tf', 'ä🙂'];
    const csv = writeCsv(
      'K',
      texts.map((F, i) => row({ K: `k${i}`, F })),
    );
    expect(readCsv(csv).map(({ F }) => F)).toEqual(texts);
  });
});

describe('the results of a job', () => {
  const upsert: BulkSpec = { object: 'account', operation: 'upsert' };
  const update: BulkSpec = { object: 'account', operation: 'update' };
  const complete: Standing = { state: 'complete' };
  const rows = [row({ Key__c: 'a' }), row({ Key__c: 'b' }), row({ Key__c: 'c' })];

  it('are paired by the key, whatever their order, and say what was made', () => {
    const successful =
      '"sf__Id","sf__Created","Key__c"\n"001000000000002AAA","true","b"\n"001000000000001AAA","false","a"\n';
    const failed =
      '"sf__Id","sf__Error","Key__c"\n"","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --","c"\n';
    const results = readResults({ successful, failed }, upsert, 'Key__c', rows, complete);
    expect(results.get('a')).toMatchObject({ state: 'done', crmId: '001000000000001AAA', created: false });
    expect(results.get('b')).toMatchObject({ state: 'done', crmId: '001000000000002AAA', created: true });
    expect(results.get('c')).toMatchObject({
      state: 'parked',
      code: 'REQUIRED_FIELD_MISSING',
      reason: expect.stringContaining('Required fields are missing: [Name]'),
    });
  });

  it('of an update are paired by the id, of which fifteen characters count', () => {
    const one = { key: 'a', crmId: '001000000000001', record: { Id: '001000000000001' } };
    const successful = 'sf__Id,sf__Created,Id\n001000000000001AAA,false,001000000000001AAA\n';
    const results = readResults({ successful, failed: '' }, update, 'Id', [one], complete);
    expect(results.get('a')).toMatchObject({ state: 'done', crmId: '001000000000001AAA' });
  });

  it.each<[string, Partial<{ unprocessed: string; failed: string }>, Standing, object]>([
    ['left unprocessed', { unprocessed: 'Key__c\na\n' }, complete, { code: 'unprocessed' }],
    ['in no file', {}, complete, { code: 'unaccounted' }],
    ['of a job that failed', {}, { state: 'failed', message: 'too long' }, { reason: /too long/ }],
    [
      'that a duplicate rule warns of',
      { failed: 'sf__Id,sf__Error,Key__c\n,DUPLICATES_DETECTED:Use one of these records?: --,a\n' },
      complete,
      { code: 'DUPLICATES_DETECTED' },
    ],
  ])('I9: a row %s goes by collections', (_rule, files, standing, expected) => {
    const found = readResults(
      { successful: '', failed: '', ...files },
      upsert,
      'Key__c',
      rows.slice(0, 1),
      standing,
    );
    const { reason, ...rest } = expected as { reason?: RegExp };
    expect(found.get('a')).toMatchObject({ state: 'ordinary', ...rest });
    expect(found.get('a')).toMatchObject({
      reason: reason === undefined ? expect.any(String) : expect.stringMatching(reason),
    });
  });

  it('a locked row is tried again, and so is one whose key somebody else has just taken', () => {
    const failed =
      'sf__Id,sf__Error,Key__c\n,UNABLE_TO_LOCK_ROW:unable to obtain exclusive access: --,a\n,"DUPLICATE_VALUE:duplicate value found: Key__c duplicates value on record with id: 001: --",b\n';
    const results = readResults({ successful: '', failed }, upsert, 'Key__c', rows.slice(0, 2), complete);
    expect([results.get('a')?.state, results.get('b')?.state]).toEqual(['retry', 'retry']);
  });
});
