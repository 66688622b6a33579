import type { SalesforceClient } from './client.ts';
import { orHidden } from './hidden.ts';
import { query } from './soql.ts';

/** The org behind the session: as the org says; as the token says where the user may not read Organization. */
export async function orgId(client: SalesforceClient): Promise<string> {
  const { orgId: named } = await client.identity();
  const asked = query<{ Id: string }>(client, 'SELECT Id FROM Organization LIMIT 1');
  const [org] = await (named === null ? asked : orHidden(asked, []));
  return org?.Id ?? named ?? 'unknown';
}
