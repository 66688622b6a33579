import { describe, expect, it } from 'vitest';
import { companyOf, dealOf, dealSearch } from '../../../../src/crm/hubspot/deals.ts';
import { mergedInto } from '../../../../src/crm/hubspot/reads.ts';

const AT = '2026-11-24T12:00:00.000Z';
const deal = (properties: Record<string, string | null>) =>
  dealOf({ id: '7', properties: { hs_lastmodifieddate: AT, ...properties }, objectWriteTraceId: undefined });

describe('a HubSpot deal', () => {
  it.each([
    ['true', 'true', 'whatever', 'won'],
    ['true', 'false', 'closedwon', 'lost'],
    ['false', 'false', 'closedwon', 'open'],
    [null, null, 'closedwon', 'won'],
    [null, null, 'closedlost', 'lost'],
    [null, null, '4711', 'open'],
  ])(
    'closed %s and won %s in stage %s is %s: stages of other pipelines have names of their own',
    (closed, won, stage, state) => {
      expect(deal({ hs_is_closed: closed, hs_is_closed_won: won, dealstage: stage })?.state).toBe(state);
    },
  );

  it('says everything in text, and nothing where a property is empty or absurd', () => {
    expect(
      deal({
        amount: '12.50',
        deal_currency_code: 'EUR',
        closedate: '1772445600000',
        createdate: AT,
        hubspot_owner_id: '',
      }),
    ).toMatchObject({
      amount: '12.50',
      currency: 'EUR',
      closesAt: 1_772_445_600_000,
      createdAt: Date.parse(AT),
      owner: null,
    });
    expect(deal({ amount: 'much', closedate: '99999999999999999' })).toMatchObject({
      amount: null,
      closesAt: null,
    });
  });

  it('that does not say when it changed cannot be read on from, and is left out', () => {
    expect(deal({ hs_lastmodifieddate: null })).toBeNull();
  });

  it('is asked for by the time of its change, and within one instant by its id', () => {
    expect(dealSearch({ at: 5, id: null })).toEqual({
      filterGroups: [{ filters: [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: '5' }] }],
      sorts: [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }],
    });
    expect(dealSearch({ at: 5, id: '9' })).toMatchObject({
      filterGroups: [{ filters: [{ operator: 'GTE' }, { operator: 'LTE' }, { operator: 'GT', value: '9' }] }],
      sorts: [{ propertyName: 'hs_object_id' }],
    });
  });

  const to = (toObjectId: string, ...typeIds: number[]) => ({
    toObjectId,
    associationTypes: typeIds.map((typeId) => ({ typeId })),
  });
  it.each([
    ['the primary one', [to('3', 341), to('9', 341, 5)], '9'],
    ['without one always the same', [to('30', 341), to('9', 341)], '9'],
    ['none', [], null],
  ])('belongs to a company: %s', (_, companies, company) => {
    expect(companyOf(companies)).toBe(company);
  });

  it('a record that answers under another id was merged; of several nobody can tell', () => {
    const found = (...ids: string[]) => new Map(ids.map((id) => [id, {}]));
    expect([...mergedInto(['1', '2'], found('1', '9'))]).toEqual([['2', '9']]);
    expect([...mergedInto(['1', '2'], found('1'))]).toEqual([]);
    expect([...mergedInto(['1', '2', '3'], found('1', '9'))]).toEqual([]);
  });
});
