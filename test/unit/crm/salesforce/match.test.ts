import { describe, expect, it } from 'vitest';
import { type AccountRow, pickAccount } from '../../../../src/crm/salesforce/match-accounts.ts';
import { type ContactRow, pickPerson } from '../../../../src/crm/salesforce/match-people.ts';
import type { LeadRow } from '../../../../src/crm/salesforce/moved.ts';

const site = (Id: string, more: Partial<AccountRow> = {}): AccountRow => ({
  Id,
  Website: 'https://www.initech.example/about',
  CreatedDate: '2026-01-01T00:00:00.000+0000',
  Key__c: null,
  ...more,
});
const OLDER = { CreatedDate: '2020-01-01T00:00:00.000+0000' };

describe('the account of a web site', () => {
  it.each<[string, AccountRow[], unknown]>([
    ['the one that has it', [site('1')], { kind: 'found', id: '1', how: 'domain' }],
    [
      'the oldest of several, and that is said',
      [site('1'), site('2', OLDER)],
      { id: '2', note: /^2 accounts/ },
    ],
    ['the smaller id of two of one moment', [site('2'), site('1')], { id: '1' }],
    ['none whose web site only looks alike', [site('1', { Website: 'notinitech.example' })], undefined],
    ['none without a web site', [site('1', { Website: null })], undefined],
    [
      'none beside one that another key owns: that is for a person to decide',
      [site('1', { Key__c: 'acct-8' })],
      { kind: 'taken', id: '1', by: 'acct-8' },
    ],
    [
      'a free one beside one that another key owns',
      [site('1', { Key__c: 'acct-8', ...OLDER }), site('2')],
      { id: '2' },
    ],
    ['its own, whichever way it is found', [site('1', { Key__c: 'acct-7' })], { id: '1' }],
    ['its own earlier form', [site('1', { Key__c: 'initech.example' })], { id: '1' }],
    ['no person', [site('1', { IsPersonAccount: true })], undefined],
  ])('%s', (_, accounts, expected) => {
    const match = pickAccount({ key: 'acct-7', domain: 'initech.example' }, accounts, { key: 'Key__c' });
    expect(match).toEqual(expected === undefined ? undefined : expect.objectContaining(told(expected)));
  });

  it('several: refuse chooses none, and names them from the oldest on', () => {
    const matching = { key: 'Key__c', several: 'refuse' } as const;
    const change = { key: 'acct-7', domain: 'initech.example' };
    expect(pickAccount(change, [site('1'), site('2', OLDER)], matching)).toEqual({
      kind: 'several',
      ids: ['2', '1'],
    });
    expect(pickAccount(change, [site('1')], matching)).toMatchObject({ id: '1' });
  });

  it('an account without a domain has none', () => {
    expect(pickAccount({ key: 'acct-7', domain: null }, [site('1')], { key: 'Key__c' })).toBeUndefined();
  });
});

const contact = (Id: string, more: Partial<ContactRow> = {}): ContactRow => ({
  Id,
  Email: 'ada@initech.example',
  AccountId: null,
  CreatedDate: '2026-01-01T00:00:00.000+0000',
  ...more,
});
const lead = (Id: string, more: Partial<LeadRow> = {}): LeadRow => ({
  Id,
  Email: 'ada@initech.example',
  IsConverted: false,
  ConvertedContactId: null,
  ConvertedAccountId: null,
  CreatedDate: '2026-01-01T00:00:00.000+0000',
  ...more,
});

describe('the person of an e-mail', () => {
  it.each<[string, ContactRow[], LeadRow[], unknown]>([
    ['a contact before a lead', [contact('c')], [lead('l', OLDER)], { id: 'c' }],
    [
      'the contact of the account before an older one',
      [contact('c', OLDER), contact('d', { AccountId: 'a' })],
      [],
      { id: 'd' },
    ],
    [
      'the oldest of several contacts, and that is said',
      [contact('c'), contact('d', OLDER)],
      [],
      { id: 'd', note: /^2 contacts/ },
    ],
    ['the oldest lead, and that is said', [], [lead('l'), lead('m', OLDER)], { id: 'm', note: /^2 leads/ }],
    [
      'a lead before an older converted one',
      [],
      [lead('l', { IsConverted: true, ...OLDER }), lead('m')],
      { id: 'm' },
    ],
    [
      'no converted lead: what became of it is asked apart',
      [],
      [lead('l', { IsConverted: true })],
      undefined,
    ],
  ])('%s', (_, contacts, leads, expected) => {
    const match = pickPerson(contacts, leads, 'a', 'oldest');
    expect(match).toEqual(expected === undefined ? undefined : expect.objectContaining(told(expected)));
  });

  it('several: refuse asks only whether there is a choice', () => {
    expect(pickPerson([contact('c'), contact('d')], [], 'a', 'refuse')).toMatchObject({ kind: 'several' });
    expect(pickPerson([contact('c'), contact('d', { AccountId: 'a' })], [], 'a', 'refuse')).toMatchObject({
      id: 'd',
    });
  });
});

function told(expected: unknown): object {
  const entries = Object.entries(expected as object).map(([name, value]) => [
    name,
    value instanceof RegExp ? expect.stringMatching(value) : value,
  ]);
  return Object.fromEntries(entries);
}
