import type { AccountChange } from '../../sync/crm.ts';

/** An account of the org, as far as it tells whose it is. */
export interface OwnedRow {
  Id: string;
  [field: string]: string | boolean | null;
}

/**
 * The fields that tell it.
 *
 * @param key our unique field of accounts
 * @param personAccounts the org has them
 */
export function ownerFields(key: string, personAccounts: boolean): string[] {
  return ['Id', key, ...(personAccounts ? ['IsPersonAccount'] : [])];
}

/** An account that is a person is no company. */
export function isCompany({ IsPersonAccount }: OwnedRow): boolean {
  return IsPersonAccount !== true;
}

/**
 * Whether it carries no key of another account of ours. The domain itself as a key is this account's own earlier form, before
 * its group was known.
 */
export function isFreeFor(
  { key, domain }: Pick<AccountChange, 'key' | 'domain'>,
  account: OwnedRow,
  field: string,
): boolean {
  return [null, key, domain].includes(account[field] as string | null);
}
