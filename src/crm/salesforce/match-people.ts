import type { Outcome, PersonChange } from '../../sync/crm.ts';
import { severalMatch } from '../../sync/refused.ts';
import type { SalesforceClient } from './client.ts';
import { type Conversion, conversionNote, conversionsIn, type LeadRow, SELECT_LEADS } from './moved.ts';
import { byAge, type Chosen, oldestOf } from './oldest.ts';
import { inList, selectWhere } from './soql.ts';

const LEAD_PREFIX = '00Q';
const CONTACT_PREFIX = '003';

export function isLead(id: string): boolean {
  return id.startsWith(LEAD_PREFIX);
}

export interface ContactRow {
  Id: string;
  Email: string;
  AccountId: string | null;
  CreatedDate: string;
}

/** How people of ours are recognised: in the order that the mapping gives, by the unique field that it names, if any. */
export interface PeopleMatching {
  key: string | null;
  order: readonly string[];
  several?: 'oldest' | 'refuse';
  /** What happens to contacts that are half of a person account. Default: linked, not written. */
  personAccounts?: 'skip' | 'write';
}

export type PersonMatch = Chosen;

type Found = Map<string, PersonMatch>;

/** The org's record of each person that has none linked yet, as far as there is one. */
export async function matchPeople(
  client: SalesforceClient,
  matching: PeopleMatching,
  changes: readonly PersonChange[],
): Promise<Found> {
  const found: Found = new Map();
  for (const way of matching.order) {
    const open = changes.filter((change) => !found.has(change.key));
    if (way === 'unique' && matching.key !== null) {
      await byKey(client, matching.key, open, found);
    } else if (way === 'email') {
      await byEmail(client, matching.several ?? 'oldest', open, found);
    }
  }
  return found;
}

async function byKey(
  client: SalesforceClient,
  field: string,
  changes: readonly PersonChange[],
  found: Found,
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
      found.set(change.key, { kind: 'found', id, how: 'unique' });
    }
  }
}

/** A contact (of the account if there is a choice), else an unconverted lead, else what a converted one became. */
async function byEmail(
  client: SalesforceClient,
  several: 'oldest' | 'refuse',
  changes: readonly PersonChange[],
  found: Found,
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
  const matches = changes.map(({ key, email, accountCrmId }) => {
    const same = (row: { Email: string }) => row.Email.toLowerCase() === email?.toLowerCase();
    const own = leads.filter(same);
    return {
      key,
      own,
      match: pickPerson(contacts.filter(same), own, accountCrmId, several),
    };
  });
  const followed = await conversionsIn(
    client,
    matches.flatMap(({ own, match }) => (match === undefined ? own : [])),
  );
  for (const { key, own, match } of matches) {
    const best = match ?? whatBecameOf(own, followed);
    if (best !== undefined) {
      found.set(key, best);
    }
  }
}

/** None of them is to be chosen. */
export function severalPeople(ids: readonly string[]): Outcome {
  return severalMatch('records have this e-mail', ids);
}

/** Pure. Of those who have the e-mail: a contact of the account, else any contact, else a lead that is still one. */
export function pickPerson(
  contacts: readonly ContactRow[],
  leads: readonly LeadRow[],
  accountId: string | null,
  several: 'oldest' | 'refuse',
): PersonMatch | undefined {
  return bestContact(contacts, accountId, several) ?? openLead(leads, several);
}

function bestContact(
  contacts: readonly ContactRow[],
  accountId: string | null,
  several: 'oldest' | 'refuse',
): PersonMatch | undefined {
  const own = contacts.filter(({ AccountId }) => accountId !== null && AccountId === accountId);
  return oldestOf(own.length > 0 ? own : contacts, several, 'email', 'contacts have this e-mail');
}

function openLead(leads: readonly LeadRow[], several: 'oldest' | 'refuse'): PersonMatch | undefined {
  const open = leads.filter(({ IsConverted }) => !IsConverted);
  return oldestOf(open, several, 'email', 'leads have this e-mail');
}

function whatBecameOf(
  leads: readonly LeadRow[],
  conversions: ReadonlyMap<string, Conversion>,
): PersonMatch | undefined {
  const lead = [...leads].sort(byAge).find(({ Id }) => conversions.has(Id));
  const conversion = conversions.get(lead?.Id ?? '');
  return lead === undefined || conversion === undefined
    ? undefined
    : { kind: 'found', id: conversion.contact, how: 'conversion', note: conversionNote(lead.Id, conversion) };
}

/** Whose record it is among those that the org's duplicate rule named: a contact, else a lead, else what that became. */
export async function bestOfNamed(
  client: SalesforceClient,
  ids: readonly string[],
): Promise<PersonMatch | undefined> {
  const note = "linked to the record that the org's duplicate rule named";
  const contact = ids.find((id) => id.startsWith(CONTACT_PREFIX));
  if (contact !== undefined) {
    return { kind: 'found', id: contact, how: 'duplicate rule', note };
  }
  const leads = await selectWhere<LeadRow>(client, SELECT_LEADS, ids.filter(isLead), (part) =>
    inList('Id', part),
  );
  const open = openLead(leads, 'oldest');
  return open?.kind === 'found'
    ? { ...open, how: 'duplicate rule', note }
    : whatBecameOf(leads, await conversionsIn(client, leads));
}
