import type { AccountChange } from '../../sync/crm.ts';
import { isCompany, isFreeFor, type OwnedRow, ownerFields } from './account-owner.ts';
import type { SalesforceClient } from './client.ts';
import { orHidden } from './hidden.ts';
import { conversionNote, conversionsIn, type LeadRow, SELECT_LEADS } from './moved.ts';
import { inList, selectWhere } from './soql.ts';

/** Where a lead with one of our addresses ended: the account that its contact stands under today. */
interface Ended {
  account: string;
  note: string;
}

/**
 * Accounts that are about to be made, though a rep has made one already by converting a lead: it may have no web site, or another
 * one. Found where the people of a change name exactly one account that way, a company that carries no key of another account
 * of ours. Asked only for accounts that would be made, and not where leads are hidden.
 *
 * @param key our unique field of accounts
 * @param taken ids of accounts that other changes have
 */
export async function byConversion(
  client: SalesforceClient,
  key: string,
  changes: readonly AccountChange[],
  taken: ReadonlySet<string>,
  personAccounts: boolean,
): Promise<Map<string, { id: string; note: string }>> {
  const ended = await endOfLeads(
    client,
    changes.flatMap(({ emails = [] }) => emails),
  );
  const named = changes.flatMap((change) => {
    const ends = (change.emails ?? []).flatMap((email) => ended.get(email.toLowerCase()) ?? []);
    const [first] = ends;
    const isOne = new Set(ends.map(({ account }) => account)).size === 1;
    return first !== undefined && isOne && !taken.has(first.account) ? [{ change, ...first }] : [];
  });
  const names = ownerFields(key, personAccounts);
  const rows = await selectWhere<OwnedRow>(
    client,
    `SELECT ${names.join(', ')} FROM Account`,
    named.map(({ account }) => account),
    (part) => inList('Id', part),
  );
  const free = new Map(rows.filter(isCompany).map((row) => [row.Id, row]));
  const found = new Map<string, { id: string; note: string }>();
  for (const { change, account, note } of named) {
    const row = free.get(account);
    if (row !== undefined && isFreeFor(change, row, key)) {
      found.set(change.key, { id: account, note });
      free.delete(account);
    }
  }
  return found;
}

async function endOfLeads(
  client: SalesforceClient,
  emails: readonly string[],
): Promise<Map<string, Ended[]>> {
  const asked = selectWhere<LeadRow>(
    client,
    SELECT_LEADS,
    emails,
    (part) => `IsConverted = true AND ${inList('Email', part)}`,
  );
  const leads = await orHidden(asked, []);
  const conversions = await conversionsIn(client, leads);
  const contacts = await selectWhere<{ Id: string; AccountId: string | null }>(
    client,
    'SELECT Id, AccountId FROM Contact',
    [...conversions.values()].map(({ contact }) => contact),
    (part) => inList('Id', part),
  );
  const accounts = new Map(contacts.map(({ Id, AccountId }) => [Id, AccountId]));
  const ended = leads.flatMap(({ Id, Email }) => {
    const conversion = conversions.get(Id);
    const account = accounts.get(conversion?.contact ?? '') ?? null;
    return conversion === undefined || account === null
      ? []
      : [{ email: Email.toLowerCase(), account, note: conversionNote(Id, { ...conversion, account }) }];
  });
  return Map.groupBy(ended, ({ email }) => email);
}
