import { registrableDomain } from '../../accounts/domains.ts';
import type { AccountChange, How, Outcome } from '../../sync/crm.ts';
import { severalMatch } from '../../sync/refused.ts';
import type { SalesforceClient } from './client.ts';
import { containing, inList, selectWhere } from './soql.ts';

/** How accounts of ours are recognised: by the unique field that the mapping names, in the order it gives. */
export interface AccountMatching {
  key: string;
  order: readonly string[];
  several?: 'oldest' | 'refuse';
}

export type AccountMatch =
  | { kind: 'found'; id: string; how: How; note?: string }
  /** Several match equally well, and none is to be chosen. */
  | { kind: 'several'; ids: string[] };

export interface AccountRow {
  Id: string;
  Website: string | null;
  CreatedDate: string;
  [field: string]: string | boolean | null;
}

/**
 * The org's account of each change that has none linked yet, as far as there is one.
 *
 * @param personAccounts the org has them: an account that is a person is no company
 */
export async function matchAccounts(
  client: SalesforceClient,
  matching: AccountMatching,
  changes: readonly AccountChange[],
  personAccounts: boolean,
): Promise<Map<string, AccountMatch>> {
  const found = new Map<string, AccountMatch>();
  for (const way of matching.order) {
    const open = changes.filter(({ key }) => !found.has(key));
    if (way === 'unique') {
      await byKey(client, matching.key, open, found);
    } else if (way === 'domain') {
      await bySite(client, matching, open, found, personAccounts);
    }
  }
  return found;
}

async function byKey(
  client: SalesforceClient,
  field: string,
  changes: readonly AccountChange[],
  found: Map<string, AccountMatch>,
): Promise<void> {
  const keys = changes.map(({ key }) => key);
  const rows = await selectWhere<AccountRow>(client, `SELECT Id, ${field} FROM Account`, keys, (part) =>
    inList(field, part),
  );
  for (const account of rows) {
    found.set(String(account[field] ?? ''), { kind: 'found', id: account.Id, how: 'unique' });
  }
}

async function bySite(
  client: SalesforceClient,
  matching: AccountMatching,
  changes: readonly AccountChange[],
  found: Map<string, AccountMatch>,
  personAccounts: boolean,
): Promise<void> {
  const domains = changes.flatMap(({ domain }) => domain ?? []);
  const names = [
    'Id',
    'Website',
    'CreatedDate',
    matching.key,
    ...(personAccounts ? ['IsPersonAccount'] : []),
  ];
  const rows = await selectWhere<AccountRow>(
    client,
    `SELECT ${names.join(', ')} FROM Account`,
    domains,
    (part) => part.map((domain) => `Website LIKE ${containing(domain)}`).join(' OR '),
  );
  const taken = new Set([...found.values()].map((match) => (match.kind === 'found' ? match.id : '')));
  for (const change of changes) {
    const match = pickAccount(
      change,
      rows.filter(({ Id }) => !taken.has(Id)),
      matching,
    );
    if (match !== undefined) {
      found.set(change.key, match);
      taken.add(match.kind === 'found' ? match.id : '');
    }
  }
}

/** None of them is to be chosen. */
export function severalAccounts({ domain }: Pick<AccountChange, 'domain'>, ids: readonly string[]): Outcome {
  return severalMatch(`accounts have the web site ${domain}`, ids);
}

/**
 * Pure. The oldest account of the web site that is a company and that no other key of ours owns. The domain itself as a
 * key is this account's own earlier form, before its group was known.
 *
 * @param accounts whose web sites may only look alike
 */
export function pickAccount(
  { key, domain }: Pick<AccountChange, 'key' | 'domain'>,
  accounts: readonly AccountRow[],
  { key: field, several }: Pick<AccountMatching, 'key' | 'several'>,
): AccountMatch | undefined {
  const candidates = accounts
    .filter(({ IsPersonAccount }) => IsPersonAccount !== true)
    .filter(({ Website }) => domain !== null && registrableDomain(Website ?? '') === domain)
    .filter((account) => [null, key, domain].includes(account[field] as string | null))
    .sort((a, b) => (a.CreatedDate + a.Id < b.CreatedDate + b.Id ? -1 : 1));
  const [oldest] = candidates;
  if (oldest === undefined || candidates.length === 1) {
    return oldest && { kind: 'found', id: oldest.Id, how: 'domain' };
  }
  const note = `${candidates.length} accounts have this web site; the oldest was taken`;
  return several === 'refuse'
    ? { kind: 'several', ids: candidates.map(({ Id }) => Id) }
    : { kind: 'found', id: oldest.Id, how: 'domain', note };
}
