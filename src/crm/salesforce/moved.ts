import type { SalesforceClient } from './client.ts';
import { orHidden } from './hidden.ts';
import { inList, selectWhere } from './soql.ts';

type SObject = 'Account' | 'Contact' | 'Lead';

/**
 * Records that were merged away, and the record that each is part of now. An org, or a user, that does not tell: then a
 * record counts as gone and is matched anew.
 */
export function mergedInto(
  client: SalesforceClient,
  sobject: SObject,
  ids: readonly string[],
): Promise<Map<string, string>> {
  return orHidden(mastersOf(client, sobject, ids), new Map());
}

/** The same in an org that is known to tell. The loser of a merge lies in the recycle bin and names its master. */
export async function mastersOf(
  client: SalesforceClient,
  sobject: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await selectWhere<{ Id: string; MasterRecordId: string | null }>(
    client,
    `SELECT Id, MasterRecordId FROM ${sobject}`,
    ids,
    (part) => inList('Id', part),
    'queryAll',
  );
  return new Map(rows.flatMap((row) => (row.MasterRecordId === null ? [] : [[row.Id, row.MasterRecordId]])));
}

/** What a converted lead became. */
export interface Conversion {
  contact: string;
  account: string | null;
}

/** Converted leads, by id, whose contact is still there. */
export async function conversionsOf(
  client: SalesforceClient,
  leads: readonly string[],
): Promise<Map<string, Conversion>> {
  const rows = await selectWhere<LeadRow>(client, SELECT_LEADS, leads, (part) => inList('Id', part));
  return conversionsIn(client, rows);
}

export const SELECT_LEADS =
  'SELECT Id, Email, IsConverted, ConvertedContactId, ConvertedAccountId, CreatedDate FROM Lead';

export interface LeadRow {
  Id: string;
  Email: string;
  IsConverted: boolean;
  ConvertedContactId: string | null;
  ConvertedAccountId: string | null;
  CreatedDate: string;
}

/** A contact that was merged since is followed to the one that it is part of; one that was deleted leads nowhere. */
export async function conversionsIn(
  client: SalesforceClient,
  leads: readonly LeadRow[],
): Promise<Map<string, Conversion>> {
  const converted = leads.filter(({ IsConverted }) => IsConverted);
  const wanted = [...new Set(converted.flatMap(({ ConvertedContactId: id }) => id ?? []))];
  const there = new Set(
    (
      await selectWhere<{ Id: string }>(client, 'SELECT Id FROM Contact', wanted, (part) =>
        inList('Id', part),
      )
    ).map(({ Id }) => Id),
  );
  const gone = wanted.filter((id) => !there.has(id));
  const masters = await mergedInto(client, 'Contact', gone);
  return new Map(
    converted.flatMap(({ Id, ConvertedContactId: id, ConvertedAccountId: account }) => {
      const contact = id === null ? undefined : there.has(id) ? id : masters.get(id);
      return contact === undefined ? [] : [[Id, { contact, account }] as const];
    }),
  );
}

export function conversionNote(lead: string, { contact, account }: Conversion): string {
  const under = account === null ? '' : ` of account ${account}`;
  return `lead ${lead} was converted to contact ${contact}${under}`;
}
