import type { Outcomes, PersonChange } from '../../sync/crm.ts';
import { ALLOW_DUPLICATES } from './accounts.ts';
import type { SalesforceClient } from './client.ts';
import { type Mode, type Row, toOutcome, writeCollection } from './collections.ts';
import type { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { outcomeOf } from './outcomes.ts';
import { inList, selectWhere } from './soql.ts';

const LEAD_PREFIX = '00Q';

export function isLead(id: string): boolean {
  return id.startsWith(LEAD_PREFIX);
}

/**
 * People: by link, then by e-mail: a contact (of the account if there is a choice), else an unconverted lead,
 * else the contact that a converted lead became, else a new contact under the account if one may be made. A
 * converted lead is never written to. A repeat after a lost answer finds the contact by its e-mail.
 */
export async function writePeople(
  client: SalesforceClient,
  describes: Describes,
  changes: readonly PersonChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  try {
    const unlinked = changes.filter(({ crmId }) => crmId === null);
    const found = await match(client, unlinked);
    const leadFields = new Set((await describes.fields('Lead')).keys());
    const known = changes.flatMap((change) => {
      const id = change.crmId ?? found.get(change.key);
      return id === undefined ? [] : [{ change, id }];
    });
    const rows = known.map(({ change, id }) => ({ id, row: update(change, id, leadFields) }));
    await writeInto(
      client,
      outcomes,
      { kind: 'update', sobject: 'Contact' },
      rows.filter(({ id }) => !isLead(id)).map(({ row }) => row),
    );
    await writeInto(
      client,
      outcomes,
      { kind: 'update', sobject: 'Lead' },
      rows.filter(({ id }) => isLead(id)).map(({ row }) => row),
    );
    await create(
      client,
      unlinked.filter(({ key }) => !found.has(key)),
      outcomes,
    );
  } catch (error) {
    const outcome = outcomeOf(failureOf(error), 'harmless');
    for (const { key } of changes.filter((change) => !outcomes.has(change.key))) {
      outcomes.set(key, outcome);
    }
  }
  return outcomes;
}

/** A newly matched record gets every field, a linked one what changed; a lead only what leads have. */
function update(change: PersonChange, id: string, leadFields: ReadonlySet<string>): Row {
  const fields = change.crmId === null ? change.allFields : change.fields;
  const kept = isLead(id)
    ? Object.entries(fields).filter(([name]) => leadFields.has(name))
    : Object.entries(fields);
  return { key: change.key, record: { Id: id, ...Object.fromEntries(kept) } };
}

async function writeInto(
  client: SalesforceClient,
  outcomes: Outcomes,
  mode: Mode,
  rows: Row[],
): Promise<void> {
  for (const written of await writeCollection(client, mode, rows, ALLOW_DUPLICATES)) {
    outcomes.set(written.key, toOutcome(written, 'harmless'));
  }
}

interface ContactRow {
  Id: string;
  Email: string;
  AccountId: string | null;
  CreatedDate: string;
}

interface LeadRow {
  Id: string;
  Email: string;
  IsConverted: boolean;
  ConvertedContactId: string | null;
  CreatedDate: string;
}

async function match(
  client: SalesforceClient,
  changes: readonly PersonChange[],
): Promise<Map<string, string>> {
  const emails = changes.flatMap(({ email }) => (email === null ? [] : [email]));
  const condition = (part: readonly string[]) => inList('Email', part);
  const contacts = await selectWhere<ContactRow>(
    client,
    'SELECT Id, Email, AccountId, CreatedDate FROM Contact',
    emails,
    condition,
  );
  const leads = await selectWhere<LeadRow>(
    client,
    'SELECT Id, Email, IsConverted, ConvertedContactId, CreatedDate FROM Lead',
    emails,
    condition,
  );
  const found = new Map<string, string>();
  for (const change of changes) {
    const same = (row: { Email: string }) => row.Email.toLowerCase() === change.email?.toLowerCase();
    const id = bestContact(contacts.filter(same), change.accountCrmId) ?? bestLead(leads.filter(same));
    if (id !== undefined) {
      found.set(change.key, id);
    }
  }
  return found;
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

async function create(
  client: SalesforceClient,
  changes: readonly PersonChange[],
  outcomes: Outcomes,
): Promise<void> {
  const makes = changes.filter((change) => change.create && change.accountCrmId !== null);
  for (const { key } of changes.filter((change) => !makes.includes(change))) {
    outcomes.set(key, {
      state: 'skipped',
      code: 'no_match',
      reason: 'no contact or lead matches, and none is to be created',
    });
  }
  const rows = makes.map((change) => ({
    key: change.key,
    record: { ...change.createFields, ...change.allFields, AccountId: change.accountCrmId },
  }));
  const known: Row[] = [];
  for (const written of await writeCollection(client, { kind: 'create', sobject: 'Contact' }, rows)) {
    const duplicates = written.result === 'failed' ? written.failure.duplicateIds : [];
    const change = makes.find(({ key }) => key === written.key);
    if (duplicates[0] === undefined || change === undefined) {
      outcomes.set(written.key, toOutcome(written, 'harmless'));
    } else {
      // The org's duplicate rule names the person's record: that one is ours to fill.
      known.push({ key: written.key, record: { Id: duplicates[0], ...change.allFields } });
    }
  }
  await writeInto(client, outcomes, { kind: 'update', sobject: 'Contact' }, known);
}
