import { Client } from '@hubspot/api-client';
import type { HubspotSandbox } from '../../src/sandbox/hubspot/index.ts';

type Kind = 'calls' | 'emails' | 'meetings' | 'communications' | 'notes';

/** Type ids of an association with a company, as the official client lists them. */
const WITH_COMPANY: Record<Kind, number> = {
  calls: 182,
  emails: 186,
  meetings: 188,
  communications: 87,
  notes: 190,
};

/** Logs an activity with a company through the official client, as a dialler or a mailbox does. Gives its id. */
export async function log(
  { url }: Pick<HubspotSandbox, 'url'>,
  kind: Kind,
  company: string,
  properties: Record<string, string>,
): Promise<string> {
  const client = new Client({ accessToken: 'a-dialler', basePath: url, numberOfApiCallRetries: 1 });
  const types = [{ associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: WITH_COMPANY[kind] }];
  const made = await client.crm.objects[kind].basicApi.create({
    properties,
    associations: [{ to: { id: company }, types }],
  });
  return made.id;
}
