import { describe, expect, it } from 'vitest';
import { hasDomain, pickCompany, pickContact } from '../../../../src/crm/hubspot/match.ts';
import type { CrmRecord } from '../../../../src/crm/hubspot/reply.ts';

const KEY = 'pql_account_id';
const ACCOUNT = { key: 'acct-7', domain: 'initech.example' };

const company = (id: string, properties: Record<string, string> = {}): CrmRecord => ({ id, properties });
const old = (id: string, createdate: string, owner = '') => company(id, { createdate, [KEY]: owner });

describe('which company is meant', () => {
  it.each<[string, CrmRecord[], object]>([
    ['none', [], { kind: 'none' }],
    ['the only one', [company('1')], { kind: 'found', record: { id: '1' } }],
    ['the oldest', [old('1', '2026-02-01'), old('2', '2026-01-01')], { record: { id: '2' } }],
    [
      'the oldest, by milliseconds too',
      [old('1', '1770000000000'), old('2', '1760000000000')],
      { record: { id: '2' } },
    ],
    ['the smaller id of equals', [old('10', '2026-01-01'), old('9', '2026-01-01')], { record: { id: '9' } }],
    ['one with a date before one without', [company('1'), old('2', '2026-01-01')], { record: { id: '2' } }],
    ['one that has the key already', [old('1', '2026-01-01', 'acct-7')], { kind: 'found' }],
    [
      'a free one although an older one is taken',
      [old('1', '2026-01-01', 'other'), old('2', '2026-02-01')],
      { kind: 'found', record: { id: '2' } },
    ],
    [
      'none that is free',
      [old('1', '2026-01-01', 'other')],
      { kind: 'taken', by: 'other', record: { id: '1' } },
    ],
    [
      'its own earlier form',
      [old('1', '2026-01-01', 'initech.example')],
      { kind: 'found', record: { id: '1' } },
    ],
  ])('%s', (_name, candidates, expected) => {
    expect(pickCompany(ACCOUNT, candidates, KEY)).toMatchObject(expected);
  });

  it('says how many there were', () => {
    const match = pickCompany(ACCOUNT, [company('1'), company('2'), company('3')], KEY);
    expect(match).toMatchObject({ note: expect.stringContaining('3 companies') });
  });

  it('does not depend on the order of the answer', () => {
    const companies = [old('3', '2026-01-02'), old('1', '2026-01-02'), old('2', '2026-01-03')];
    const picked = [companies, [...companies].reverse()].map((list) => pickCompany(ACCOUNT, list, KEY));
    expect(picked[0]).toEqual(picked[1]);
  });

  it('knows a company by its additional domains', () => {
    const record = company('1', { domain: 'a.example', hs_additional_domains: 'B.example; c.example' });
    expect(
      ['a.example', 'b.example', 'c.example', 'd.example'].map((domain) => hasDomain(record, domain)),
    ).toEqual([true, true, true, false]);
  });
});

describe('which contact is meant', () => {
  const contact = company('5', {
    email: 'Peter@Initech.example',
    hs_additional_emails: 'p@home.example;q@home.example',
  });

  it.each([
    ['peter@initech.example', '5'],
    ['q@home.example', '5'],
    ['r@home.example', undefined],
    [null, undefined],
  ])('%s', (email, id) => {
    expect(pickContact({ email }, [contact])?.id).toBe(id);
  });

  it('a contact without an address is nobody’s', () => {
    expect(pickContact({ email: null }, [company('6', { email: '' })])).toBeNull();
  });
});
