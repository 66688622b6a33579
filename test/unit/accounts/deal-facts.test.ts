import { describe, expect, it } from 'vitest';
import { type DealOfAccount, dealFacts } from '../../../src/accounts/deal-facts.ts';
import type { Facts } from '../../../src/accounts/facts.ts';
import { accountWith, reader } from '../../support/facts.ts';

const deal = (over: Partial<DealOfAccount>): DealOfAccount => ({
  state: 'open',
  stage: null,
  amount: null,
  currency: null,
  homeAmount: null,
  closesAt: null,
  modifiedAt: 0,
  ...over,
});
const day = (n: number) => Date.UTC(2026, 0, n);

describe('what deals say of an account (S4-91, S4-164)', () => {
  it.each<[string, Partial<DealOfAccount>[], Facts]>([
    ['no deal is an answer: false, not unknown', [], { open_deal: false, open_deals: 0, won_deals: 0 }],
    [
      'open ones, with the stage of the one that changed last',
      [
        { stage: 'a', modifiedAt: 2 },
        { stage: 'b', modifiedAt: 1, amount: '10' },
      ],
      { open_deal: true, open_deals: 2, won_deals: 0, open_amount: 10, deal_stage: 'a' },
    ],
    [
      'won ones make a customer, lost ones say when',
      [
        { state: 'won', amount: '0.1', closesAt: day(1) },
        { state: 'won', amount: '0.2', closesAt: day(2) },
        { state: 'lost', amount: '9', closesAt: day(3) },
      ],
      {
        ...{ open_deal: false, open_deals: 0, won_deals: 2, won_amount: 0.3, crm_customer: true },
        last_won_at: '2026-01-02T00:00:00.000Z',
        last_lost_at: '2026-01-03T00:00:00.000Z',
      },
    ],
    [
      'of several currencies no sum is known',
      [
        { amount: '1', currency: 'EUR' },
        { amount: '1', currency: 'USD' },
      ],
      { open_deal: true, open_deals: 2, won_deals: 0 },
    ],
    [
      "but in the CRM's own currency it is",
      [
        { amount: '1', currency: 'EUR', homeAmount: '1.1' },
        { amount: '1', currency: 'USD', homeAmount: '1' },
      ],
      { open_deal: true, open_deals: 2, won_deals: 0, open_amount: 2.1 },
    ],
  ])('%s', (_, deals, facts) => {
    expect(dealFacts(deals.map(deal))).toEqual(facts);
  });
});

describe('whom a CRM calls a customer (S4-160)', () => {
  const customer = (known: Parameters<typeof accountWith>[0]) =>
    reader().account(accountWith(known)).customer;
  const won = { crm_customer: true, last_won_at: '2026-01-02T00:00:00.000Z' };

  it.each<[string, Parameters<typeof accountWith>[0], boolean | undefined]>([
    ['nobody says anything', {}, undefined],
    ['a deal was won', { facts: { crm: won } }, true],
    ['no deal was won: that says nothing', { facts: { crm: { won_deals: 0, open_deal: false } } }, undefined],
    ['the CRM says no', { facts: { crm: { crm_customer: false } } }, false],
    ["the product's own word comes first", { facts: { crm: won }, traits: { is_customer: false } }, false],
    ['and its signals', { facts: { crm: won }, signals: { churned: day(9) } }, false],
    ['and its plan', { facts: { crm: won }, traits: { plan: 'free' } }, false],
    [
      'who left after the last deal was won is none',
      { facts: { crm: { ...won, churned_at: '2026-02-01' } } },
      false,
    ],
    ['who came back is one', { facts: { crm: { ...won, churned_at: '2025-12-01' } } }, true],
  ])('%s', (_, known, is) => {
    expect(customer(known)).toBe(is);
  });
});
