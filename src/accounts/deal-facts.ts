import { Decimal } from 'decimal.js';
import { isoInstant } from '../shared/time.ts';
import type { Facts } from './fact-rules.ts';

/** What facts need of a deal. Amounts are decimal texts, instants ms since 1970. */
export interface DealOfAccount {
  state: 'open' | 'won' | 'lost';
  stage: string | null;
  amount: string | null;
  currency: string | null;
  homeAmount: string | null;
  closesAt: number | null;
  modifiedAt: number;
}

/**
 * What the deals of an account say, for an account whose deals are known: none is an answer then (`open_deal` false).
 * Of several CRMs all deals count together. A won deal makes a customer of the CRM (`crm_customer`); the lack of one
 * says nothing, for who pays by card has none.
 */
export function dealFacts(deals: readonly DealOfAccount[]): Facts {
  const of = (state: DealOfAccount['state']) => deals.filter((deal) => deal.state === state);
  const [open, won, lost] = [of('open'), of('won'), of('lost')];
  const stage = latest(open, ({ modifiedAt }) => modifiedAt)?.stage ?? null;
  return {
    open_deal: open.length > 0,
    open_deals: open.length,
    won_deals: won.length,
    ...known('open_amount', total(open)),
    ...known('deal_stage', stage),
    ...known('won_amount', total(won)),
    ...known('last_won_at', lastClosed(won)),
    ...known('last_lost_at', lastClosed(lost)),
    ...(won.length > 0 ? { crm_customer: true } : {}),
  };
}

function known(name: string, value: string | number | null): Facts {
  return value === null ? {} : { [name]: value };
}

function latest(
  deals: readonly DealOfAccount[],
  by: (deal: DealOfAccount) => number,
): DealOfAccount | undefined {
  return deals.reduce<DealOfAccount | undefined>(
    (last, deal) => (last === undefined || by(deal) > by(last) ? deal : last),
    undefined,
  );
}

function lastClosed(deals: readonly DealOfAccount[]): string | null {
  const at = latest(deals, ({ closesAt }) => closesAt ?? Number.NEGATIVE_INFINITY)?.closesAt ?? null;
  return at === null ? null : isoInstant(at);
}

/** In the CRM's own currency where every deal says so, else in the one that all deals have; of several currencies no sum is known. */
function total(deals: readonly DealOfAccount[]): number | null {
  const priced = deals.filter(({ amount, homeAmount }) => amount !== null || homeAmount !== null);
  if (priced.length === 0) {
    return null;
  }
  const home = priced.map(({ homeAmount }) => homeAmount).filter((amount) => amount !== null);
  const currencies = new Set(priced.map(({ currency }) => currency));
  const own = priced.map(({ amount }) => amount).filter((amount) => amount !== null);
  const amounts = home.length === priced.length ? home : currencies.size === 1 ? own : null;
  return amounts === null ? null : Decimal.sum(0, ...amounts).toNumber();
}
