import { registrableDomain } from '../../accounts/domains.ts';
import type { AccountChange } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { containing, inList, selectWhere } from './soql.ts';

/** How accounts of ours are recognised: by the unique field that the mapping names, in the order it gives. */
export interface AccountMatching {
  key: string;
  order: readonly string[];
}

export interface AccountMatch {
  id: string;
  note?: string;
}

interface AccountRow {
  Id: string;
  Website: string | null;
  CreatedDate: string;
  [field: string]: string | null;
}

/** The org's account of each change that has none linked yet, as far as there is one. */
export async function matchAccounts(
  client: SalesforceClient,
  matching: AccountMatching,
  changes: readonly AccountChange[],
): Promise<Map<string, AccountMatch>> {
  const found = new Map<string, AccountMatch>();
  for (const way of matching.order) {
    const open = changes.filter(({ key }) => !found.has(key));
    if (way === 'unique') {
      await byKey(client, matching.key, open, found);
    } else if (way === 'domain') {
      await bySite(client, matching.key, open, found);
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
    found.set(account[field] ?? '', { id: account.Id });
  }
}

/** The oldest account of the web site that no other key of ours owns. */
async function bySite(
  client: SalesforceClient,
  field: string,
  changes: readonly AccountChange[],
  found: Map<string, AccountMatch>,
): Promise<void> {
  const domains = changes.flatMap(({ domain }) => domain ?? []);
  const rows = await selectWhere<AccountRow>(
    client,
    `SELECT Id, Website, CreatedDate, ${field} FROM Account`,
    domains,
    (part) => part.map((domain) => `Website LIKE ${containing(domain)}`).join(' OR '),
  );
  const taken = new Set([...found.values()].map(({ id }) => id));
  for (const { key, domain } of changes) {
    const candidates = rows
      .filter((account) => domain !== null && registrableDomain(account.Website ?? '') === domain)
      .filter((account) => account[field] === null && !taken.has(account.Id))
      .sort((a, b) => (a.CreatedDate + a.Id < b.CreatedDate + b.Id ? -1 : 1));
    const [oldest] = candidates;
    if (oldest !== undefined) {
      taken.add(oldest.Id);
      const note = `${candidates.length} accounts have this web site; the oldest was taken`;
      found.set(key, candidates.length > 1 ? { id: oldest.Id, note } : { id: oldest.Id });
    }
  }
}
