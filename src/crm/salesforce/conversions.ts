import type { SalesforceClient } from './client.ts';
import { isLead } from './match-people.ts';
import { conversionsOf } from './moved.ts';

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
  const conversions = await conversionsOf(client, ids.filter(isLead));
  return (id) => conversions.get(id)?.contact ?? id;
}
