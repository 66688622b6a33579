import type { PersonChange } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { inList, selectWhere } from './soql.ts';

const LEAD_PREFIX = '00Q';
const CONTACT_PREFIX = '003';

export function isLead(id: string): boolean {
  return id.startsWith(LEAD_PREFIX);
}

interface ContactRow {
  Id: string;
  Email: string;
  AccountId: string | null;
  CreatedDate: string;
}

const SELECT_LEADS = 'SELECT Id, Email, IsConverted, ConvertedContactId, CreatedDate FROM Lead';

interface LeadRow {
  Id: string;
  Email: string;
  IsConverted: boolean;
  ConvertedContactId: string | null;
  CreatedDate: string;
}

/** How people of ours are recognised: in the order that the mapping gives, by the unique field that it names, if any. */
export interface PeopleMatching {
  key: string | null;
  order: readonly string[];
}

/** The org's record of each person that has none linked yet, as far as there is one. */
export async function matchPeople(
  client: SalesforceClient,
  { key, order }: PeopleMatching,
  changes: readonly PersonChange[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const way of order) {
    const open = changes.filter((change) => !found.has(change.key));
    if (way === 'unique' && key !== null) {
      await byKey(client, key, open, found);
    } else if (way === 'email') {
      await byEmail(client, open, found);
    }
  }
  return found;
}

async function byKey(
  client: SalesforceClient,
  field: string,
  changes: readonly PersonChange[],
  found: Map<string, string>,
): Promise<void> {
  const keyOf = ({ allFields }: PersonChange) => String(allFields[field] ?? '');
  const values = changes.map(keyOf).filter((value) => value !== '');
  const rows = await selectWhere<{ Id: string; [field: string]: string | null }>(
    client,
    `SELECT Id, ${field} FROM Contact`,
    values,
    (part) => inList(field, part),
  );
  const ids = new Map(rows.map((row) => [row[field], row.Id]));
  for (const change of changes) {
    const id = ids.get(keyOf(change));
    if (id !== undefined) {
      found.set(change.key, id);
    }
  }
}

/** A contact (of the account if there is a choice), else an unconverted lead, else what a converted one became. */
async function byEmail(
  client: SalesforceClient,
  changes: readonly PersonChange[],
  found: Map<string, string>,
): Promise<void> {
  const emails = changes.flatMap(({ email }) => (email === null ? [] : [email]));
  const condition = (part: readonly string[]) => inList('Email', part);
  const contacts = await selectWhere<ContactRow>(
    client,
    'SELECT Id, Email, AccountId, CreatedDate FROM Contact',
    emails,
    condition,
  );
  const leads = await selectWhere<LeadRow>(client, SELECT_LEADS, emails, condition);
  for (const change of changes) {
    const same = (row: { Email: string }) => row.Email.toLowerCase() === change.email?.toLowerCase();
    const id = bestContact(contacts.filter(same), change.accountCrmId) ?? bestLead(leads.filter(same));
    if (id !== undefined) {
      found.set(change.key, id);
    }
  }
}

function bestContact(contacts: ContactRow[], accountId: string | null): string | undefined {
  const own = (row: ContactRow) => (row.AccountId === accountId && accountId !== null ? 0 : 1);
  return contacts.sort((a, b) => own(a) - own(b) || byAge(a, b))[0]?.Id;
}

function bestLead(leads: LeadRow[]): string | undefined {
  const open = leads.filter((lead) => !lead.IsConverted).sort(byAge)[0];
  return open?.Id ?? leads.find((lead) => lead.ConvertedContactId !== null)?.ConvertedContactId ?? undefined;
}

function byAge(a: { CreatedDate: string; Id: string }, b: { CreatedDate: string; Id: string }): number {
  return a.CreatedDate + a.Id < b.CreatedDate + b.Id ? -1 : 1;
}

/** Whose record it is among those that the org's duplicate rule named: a contact, else what `bestLead` takes. */
export async function bestOfNamed(
  client: SalesforceClient,
  ids: readonly string[],
): Promise<string | undefined> {
  const contact = ids.find((id) => id.startsWith(CONTACT_PREFIX));
  if (contact !== undefined) {
    return contact;
  }
  const leads = await selectWhere<LeadRow>(client, SELECT_LEADS, ids.filter(isLead), (part) =>
    inList('Id', part),
  );
  return bestLead(leads);
}
