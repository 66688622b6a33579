import type { Config } from '../config.ts';

/** Where HubSpot's own API is; a stand-in has no pages for people. */
const HUBSPOT = /(^|\.)hubapi\.com$/;

/** Where the record of an account can be looked at in its CRM; null: a stand-in, or a CRM that is not configured any more. */
export function recordLinks(
  config: Pick<Config, 'HUBSPOT_ACCESS_TOKEN' | 'HUBSPOT_BASE_URL' | 'SALESFORCE_LOGIN_URL'>,
): (connection: string, crmId: string) => { label: string; url: string } | null {
  const isHubspot =
    config.HUBSPOT_ACCESS_TOKEN !== undefined && HUBSPOT.test(new URL(config.HUBSPOT_BASE_URL).hostname);
  const login = config.SALESFORCE_LOGIN_URL;
  return (connection, crmId) => {
    const [crm, ...rest] = connection.split(':');
    const owner = encodeURIComponent(rest.join(':'));
    const id = encodeURIComponent(crmId);
    if (crm === 'hubspot' && isHubspot) {
      return { label: 'HubSpot', url: `https://app.hubspot.com/contacts/${owner}/record/0-2/${id}` };
    }
    return crm === 'salesforce' && login?.startsWith('https://') === true
      ? { label: 'Salesforce', url: `${new URL(login).origin}/${id}` }
      : null;
  };
}
