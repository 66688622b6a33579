import type { SalesforceClient } from './client.ts';
import { isLead } from './match-people.ts';
import { inList, selectWhere } from './soql.ts';

interface LeadRow {
  Id: string;
  IsConverted: boolean;
  ConvertedContactId: string | null;
}

/**
 * What became of leads that were converted since they were linked: a converted lead takes no task and joins no
 * campaign any more. Costs a query only when there are leads among the ids.
 *
 * @returns gives the contact of a converted lead, and every other id as it is
 */
export async function followConversions(
  client: SalesforceClient,
  ids: readonly string[],
): Promise<(id: string) => string> {
  const leads = [...new Set(ids.filter(isLead))];
  const rows = await selectWhere<LeadRow>(
    client,
    'SELECT Id, IsConverted, ConvertedContactId FROM Lead',
    leads,
    (part) => inList('Id', part),
  );
  const contacts = new Map(
    rows.flatMap(({ Id, IsConverted, ConvertedContactId }): [string, string][] =>
      IsConverted && ConvertedContactId !== null ? [[Id, ConvertedContactId]] : [],
    ),
  );
  return (id) => contacts.get(id) ?? id;
}
