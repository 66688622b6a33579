import { recordUrl } from '../read-model/feed.ts';
import { crmSites } from './crm-sites.ts';

const LABELS = { hubspot: 'HubSpot', salesforce: 'Salesforce' } as const;

/** Where the record of an account can be looked at in its CRM; null: a stand-in, or a CRM that is not configured any more. */
export function recordLinks(
  config: Parameters<typeof crmSites>[0],
): (connection: string, crmId: string) => { label: string; url: string } | null {
  const sites = crmSites(config);
  return (connection, id) => {
    const [name] = connection.split(':');
    const crm = name === 'hubspot' || name === 'salesforce' ? name : null;
    const url = crm === null ? null : recordUrl(sites, { crm, connection, id });
    return crm === null || url === null ? null : { label: LABELS[crm], url };
  };
}
