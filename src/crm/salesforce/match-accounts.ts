import { registrableDomain } from '../../accounts/domains.ts';
import type { AccountChange, Outcome } from '../../sync/crm.ts';
import { companyTaken, severalMatch } from '../../sync/refused.ts';
import type { RecentDomains } from '../recent-domains.ts';
import { isCompany, isFreeFor, type OwnedRow, ownerFields } from './account-owner.ts';
import type { SalesforceClient } from './client.ts';
import { byConversion } from './match-conversions.ts';
import { byAge, type Chosen, oldestOf } from './oldest.ts';
import { containing, inList, selectWhere } from './soql.ts';

/** How accounts of ours are recognised: by the unique field that the mapping names, in the order it gives. */
export interface AccountMatching {
  key: string;
  order: readonly string[];
  several?: 'oldest' | 'refuse';
}

export type AccountMatch =
  | Chosen
  /** Every account of the web site, or (`id` null) the one that is being made for it, stands for another account of ours. */
  | { kind: 'taken'; id: string | null; by: string };

export interface AccountRow extends OwnedRow {
  Website: string | null;
  CreatedDate: string;
}

/**
 * The org's account of each change that has none linked yet, as far as there is one.
 *
 * @param personAccounts the org has them: an account that is a person is no company
 */
export async function matchAccounts(
  client: SalesforceClient,
  matching: AccountMatching,
  recent: RecentDomains,
  changes: readonly AccountChange[],
  personAccounts: boolean,
): Promise<Map<string, AccountMatch>> {
  const found = new Map<string, AccountMatch>();
  for (const way of matching.order) {
    const open = changes.filter(({ key }) => !found.has(key));
    if (way === 'unique') {
      await byKey(client, matching.key, open, found);
    } else if (way === 'domain') {
      await bySite({ client, matching, recent }, open, found, personAccounts);
    }
  }
  // A mapping that goes by the key alone wants no other account than the one that carries it.
  const made = changes.filter(({ key, create }) => create && !found.has(key));
  if (matching.order.includes('domain') && made.length > 0) {
    const named = await byConversion(client, matching.key, made, idsOf(found), personAccounts);
    for (const [key, match] of named) {
      found.set(key, { kind: 'found', how: 'conversion', ...match });
    }
  }
  return found;
}

function idsOf(found: ReadonlyMap<string, AccountMatch>): Set<string> {
  return new Set([...found.values()].flatMap((match) => (match.kind === 'found' ? match.id : [])));
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

interface Search {
  client: SalesforceClient;
  matching: AccountMatching;
  recent: RecentDomains;
}

async function bySite(
  { client, matching, recent }: Search,
  changes: readonly AccountChange[],
  found: Map<string, AccountMatch>,
  personAccounts: boolean,
): Promise<void> {
  const rows = await accountsOfSites(client, matching.key, changes, personAccounts);
  const taken = idsOf(found);
  for (const change of changes) {
    const free = rows.filter(({ Id }) => !taken.has(Id));
    const match = pickAccount(change, free, matching) ?? rivalOf(recent, change);
    if (match !== undefined) {
      found.set(change.key, match);
    }
    if (match?.kind === 'found') {
      taken.add(match.id);
    }
    // Found or made: it is this account's from now on.
    if (change.domain !== null && (match === undefined ? change.create : match.kind === 'found')) {
      recent.note(change.domain, change.key);
    }
  }
}

function accountsOfSites(
  client: SalesforceClient,
  key: string,
  changes: readonly AccountChange[],
  personAccounts: boolean,
): Promise<AccountRow[]> {
  const names = [...ownerFields(key, personAccounts), 'Website', 'CreatedDate'];
  const domains = changes.flatMap(({ domain }) => domain ?? []);
  return selectWhere<AccountRow>(client, `SELECT ${names.join(', ')} FROM Account`, domains, (part) =>
    part.map((domain) => `Website LIKE ${containing(domain)}`).join(' OR '),
  );
}

function rivalOf(recent: RecentDomains, { domain, key }: AccountChange): AccountMatch | undefined {
  const by = domain === null ? undefined : recent.rivalOf(domain, key);
  return by === undefined ? undefined : { kind: 'taken', id: null, by };
}

/** None is to be written, and none to be made. */
export function refusedMatch(
  change: Pick<AccountChange, 'key' | 'domain' | 'create'>,
  match: Exclude<AccountMatch, { kind: 'found' }>,
  { key: field }: Pick<AccountMatching, 'key'>,
): Outcome {
  const { domain } = change;
  return match.kind === 'several'
    ? severalMatch(`accounts have the web site ${domain}`, match.ids)
    : companyTaken(
        change,
        match.id === null ? `web site ${domain}` : `account ${match.id} (${domain})`,
        match.by,
        field,
      );
}

/**
 * Pure. The oldest account of the web site that is a company and that no other key of ours owns.
 *
 * @param accounts whose web sites may only look alike
 */
export function pickAccount(
  change: Pick<AccountChange, 'key' | 'domain'>,
  accounts: readonly AccountRow[],
  { key: field, several }: Pick<AccountMatching, 'key' | 'several'>,
): AccountMatch | undefined {
  const { domain } = change;
  const ofSite = accounts
    .filter(isCompany)
    .filter(({ Website }) => domain !== null && registrableDomain(Website ?? '') === domain)
    .sort(byAge);
  const free = ofSite.filter((account) => isFreeFor(change, account, field));
  const [other] = ofSite;
  return other !== undefined && free.length === 0
    ? { kind: 'taken', id: other.Id, by: String(other[field]) }
    : oldestOf(free, several ?? 'oldest', 'domain', 'accounts have this web site');
}
