import { describe, expect, it } from 'vitest';
import { opportunitiesFrom, opportunityOf } from '../../../src/crm/salesforce/opportunities.ts';

const AT = '2026-11-24T12:00:00.000+0000';

describe('a Salesforce opportunity', () => {
  it.each([
    [{ IsClosed: true, IsWon: true }, 'won'],
    [{ IsClosed: true, IsWon: false, StageName: 'Closed Won' }, 'lost'],
    [{ IsClosed: false, IsWon: false, StageName: 'Closed Won' }, 'open'],
  ])('%o is %s: names of stages are the org’s own', (flags, state) => {
    expect(opportunityOf({ Id: '006', SystemModstamp: AT, ...flags })?.state).toBe(state);
  });

  it('may lack an account, an amount and a currency', () => {
    expect(
      opportunityOf({ Id: '006', SystemModstamp: AT, Amount: null, AccountId: null, IsDeleted: true }),
    ).toMatchObject({
      account: null,
      amount: null,
      currency: null,
      deleted: true,
      modifiedAt: Date.parse('2026-11-24T12:00:00Z'),
    });
    expect(opportunityOf({ Id: '006' })).toBeNull();
  });

  it('is asked for in the order of change and id; the currency only of an org that has several, the amount only where it is shown', () => {
    const soql = opportunitiesFrom({ at: 0, id: null }, new Set(['CurrencyIsoCode']));
    expect(soql).toContain(
      'CurrencyIsoCode FROM Opportunity WHERE SystemModstamp >= 1970-01-01T00:00:00.000Z ORDER BY SystemModstamp, Id',
    );
    const next = opportunitiesFrom({ at: 1000, id: "006'x" }, new Set());
    expect(next).not.toContain('Currency');
    expect(next).not.toContain('Amount');
    expect(opportunitiesFrom({ at: 0, id: null }, new Set(['Amount']))).toContain('Amount');
    expect(next).toContain(
      `((SystemModstamp = 1970-01-01T00:00:01.000Z AND Id > '006\\'x') OR SystemModstamp > 1970-01-01T00:00:01.000Z)`,
    );
  });
});
