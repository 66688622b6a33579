import type { Outcome, Outcomes } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import type { Fields } from './describe.ts';
import { inList, selectWhere } from './soql.ts';
import { type KnownRecord, type Target, updateRecords } from './update.ts';

/** Whether an Account of the org may be a person. */
export function hasPersonAccounts(account: Fields): boolean {
  return account?.has('IsPersonAccount') === true;
}

/** The person accounts behind contacts, by contact id. Asked only in orgs that have them: one query for 200 and more. */
export async function personAccountsOf(
  client: SalesforceClient,
  account: Fields,
  contacts: readonly string[],
): Promise<Map<string, string>> {
  if (!hasPersonAccounts(account)) {
    return new Map();
  }
  const rows = await selectWhere<{ Id: string; PersonContactId: string }>(
    client,
    'SELECT Id, PersonContactId FROM Account',
    contacts,
    (part) => inList('PersonContactId', part),
  );
  return new Map(rows.map(({ Id, PersonContactId }) => [PersonContactId, Id]));
}

/** The contact half of a person account takes no writes: it is linked, and written through its account if so declared. */
export async function writePersonAccounts(
  client: SalesforceClient,
  target: Target,
  account: Fields,
  accounts: ReadonlyMap<string, string>,
  known: readonly KnownRecord[],
  policy: 'skip' | 'write',
): Promise<Outcomes> {
  if (policy === 'skip') {
    return new Map(known.map(({ change, id, beside }) => [change.key, skipped(id, beside)]));
  }
  const instead = (id: string, values: Record<string, unknown>) => ({
    id: accounts.get(id) ?? '',
    values: Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => {
        const field = account?.get(onAccount(name));
        return field?.updateable ? [[field.name, value]] : [];
      }),
    ),
  });
  return updateRecords(client, { ...target, instead }, known, 'Account');
}

function skipped(crmId: string, beside: KnownRecord['beside']): Outcome {
  const reason = 'a person account: its fields are not written (person_accounts: skip)';
  return { state: 'done', crmId, ...beside, note: [beside?.note, reason].filter(Boolean).join('; ') };
}

const SAME_NAME = ['FirstName', 'LastName', 'MiddleName', 'Salutation', 'Suffix', 'Phone', 'Fax'];

/** What a field of a contact is called on the person account. */
function onAccount(name: string): string {
  if (name.endsWith('__c')) {
    return name.replace(/__c$/, '__pc');
  }
  return SAME_NAME.includes(name) ? name : `Person${name}`;
}
