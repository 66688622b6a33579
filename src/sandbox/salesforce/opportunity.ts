import type { Field } from './field.ts';

/** What a sync reads of an opportunity. `CurrencyIsoCode` is there only in orgs with several currencies. */
export const OPPORTUNITY: Field[] = [
  { name: 'Name', type: 'string', length: 120, required: true },
  { name: 'AccountId', type: 'reference', length: 18 },
  { name: 'OwnerId', type: 'reference', length: 18 },
  {
    name: 'StageName',
    type: 'picklist',
    length: 255,
    required: true,
    values: ['Prospecting', 'Closed Won', 'Closed Lost'],
  },
  { name: 'IsClosed', type: 'boolean', length: 0, readOnly: true, default: false },
  { name: 'IsWon', type: 'boolean', length: 0, readOnly: true, default: false },
  { name: 'CloseDate', type: 'date', length: 0, required: true },
  { name: 'Amount', type: 'double', length: 0 },
  { name: 'LastStageChangeDate', type: 'datetime', length: 0, readOnly: true },
];

export const CURRENCY: Field = {
  name: 'CurrencyIsoCode',
  type: 'picklist',
  length: 3,
  values: ['USD', 'EUR'],
};
