import { DAY } from '../../shared/time.ts';
import type { Seed } from '../hubspot/index.ts';
import { SfError } from '../salesforce/index.ts';
import type { Rule } from '../salesforce/org.ts';

/** What the HubSpot portal knew before: some of the companies and people, one of them long past MQL. */
export function hubspotSeeds(start: number): Seed[] {
  const createdAt = start - 90 * DAY;
  return [
    company('Initech', 'initech.example', '101'),
    company('Marlow Health Group', 'marlowhealth.example'),
    // Their rep has left the company, and nobody took the account over.
    company('Globelift Inc', 'globelift.example', '103'),
    company('Megalith Paper', 'megalithpaper.example'),
    company('Wren Cycles', 'wrencycles.example'),
    contact('Lena', 'Ortiz', 'initech.example', 'lead'),
    contact('Ines', 'Marlow', 'marlowhealth.example', 'opportunity'),
    contact('Mara', 'Quist', 'tidewater.example', 'subscriber'),
  ].map((seed) => ({ ...seed, createdAt }));
}

function company(name: string, domain: string, owner?: string): Seed {
  const owned: Record<string, string> = owner === undefined ? {} : { hubspot_owner_id: owner };
  return { object: 'companies', properties: { name, domain, ...owned } };
}

function contact(firstname: string, lastname: string, domain: string, lifecyclestage: string): Seed {
  const email = `${firstname}.${lastname}@${domain}`.toLowerCase();
  return { object: 'contacts', properties: { email, firstname, lastname, lifecyclestage } };
}

/** The part of the Salesforce sandbox that is needed to fill an org. */
export interface SeededOrg {
  seed(object: string, values: Record<string, unknown>): { Id: string };
  records(object: string): { Id: string; Name?: unknown }[];
}

/**
 * What the Salesforce org knew before: accounts by web site, a contact, an open lead, and a lead that was
 * converted into a contact.
 */
export function seedSalesforce(org: SeededOrg): void {
  const rep = (name: string) => org.records('User').find(({ Name }) => Name === name)?.Id;
  const seedAccount = (Name: string, domain: string, owner?: string) =>
    org.seed('Account', { Name, Website: `https://www.${domain}`, OwnerId: owner }).Id;
  const initech = seedAccount('Initech', 'initech.example', rep('Ada Rep'));
  const kestrel = seedAccount('Kestrel Apps', 'kestrelapps.example');
  seedAccount('Acorn Works', 'acornworks.example');
  org.seed('Contact', { ...who('Omar', 'Haddad', 'initech.example'), AccountId: initech });
  org.seed('Lead', { ...who('Cleo', 'Vandermeer', 'vandermeer.example'), Company: 'Vandermeer Capital' });
  const gita = org.seed('Contact', { ...who('Gita', 'Rao', 'kestrelapps.example'), AccountId: kestrel });
  org.seed('Lead', {
    ...who('Gita', 'Rao', 'kestrelapps.example'),
    Company: 'Kestrel Apps',
    Status: 'Closed - Converted',
    IsConverted: true,
    ConvertedContactId: gita.Id,
    ConvertedAccountId: kestrel,
  });
}

function who(FirstName: string, LastName: string, domain: string) {
  return { FirstName, LastName, Email: `${FirstName}.${LastName}@${domain}`.toLowerCase() };
}

/** The account whose record Salesforce refuses, once the demo has set `refusalRule` in the org. */
export const refusedAccount = {
  key: 'acct-1010',
  name: 'Testbed Robotics',
  code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
  message: 'Accounts whose name starts with "Test" are not allowed in production.',
} as const;

/** A validation rule as many orgs have it, for `refuse()` of the Salesforce sandbox. */
export const refusalRule: Rule = (object, { Name }) =>
  object === 'Account' && typeof Name === 'string' && Name.startsWith('Test')
    ? new SfError(refusedAccount.code, refusedAccount.message, ['Name'])
    : null;
