import { startHubspotSandbox } from '../../../src/sandbox/hubspot/index.ts';
import { startSalesforceSandbox } from '../../../src/sandbox/salesforce/index.ts';
import { startSlackSandbox } from '../../../src/sandbox/slack/index.ts';

/**
 * The stand-ins of both CRMs and of Slack in a process of their own: the world, which nothing of the run kills. The same as
 * `pql sandbox`, but for what only a process that holds them can do: records that stood there before, and sessions
 * that expire. Faults, records and the log of writes are asked for over HTTP.
 */
export interface CrmsTold {
  hubspot: string;
  salesforce: { url: string; clientId: string; clientSecret: string };
  slack: { url: string; api: string; token: string };
}

export interface Standing {
  /** Companies by name and domain, known to both CRMs. */
  companies: { name: string; domain: string }[];
  /** People known to both CRMs; `lead`: to Salesforce as a lead. */
  people: { email: string; lastName: string; lead: boolean }[];
}

export type CrmsAsked = { ask: 'seed'; standing: Standing } | { ask: 'expire' };

const hubspot = await startHubspotSandbox({ settings: { indexLagMs: 1000 } });
const salesforce = await startSalesforceSandbox();
const slack = await startSlackSandbox();

function seed({ companies, people }: Standing): void {
  hubspot.seed(companies.map((properties) => ({ object: 'companies' as const, properties })));
  hubspot.seed(
    people.map(({ email, lastName }) => ({
      object: 'contacts' as const,
      properties: { email, lastname: lastName },
    })),
  );
  for (const { name, domain } of companies) {
    salesforce.seed('Account', { Name: name, Website: `https://www.${domain}` });
  }
  for (const { email, lastName, lead } of people) {
    const person = { LastName: lastName, Email: email };
    salesforce.seed(lead ? 'Lead' : 'Contact', lead ? { ...person, Company: 'unknown' } : person);
  }
}

process.on('message', (asked: CrmsAsked) => {
  if (asked.ask === 'seed') {
    seed(asked.standing);
  } else {
    salesforce.expireSessions();
  }
  process.send?.('done');
});
// It must not outlive a run that was interrupted.
process.on('disconnect', () => process.exit());
const { url, clientId, clientSecret } = salesforce;
process.send?.({
  hubspot: hubspot.url,
  salesforce: { url, clientId, clientSecret },
  slack: { url: slack.url, api: slack.apiUrl, token: slack.token },
} satisfies CrmsTold);
