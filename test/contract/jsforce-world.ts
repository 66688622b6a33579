import { Connection } from 'jsforce';
import {
  type SalesforceSandbox,
  type SalesforceSandboxOptions,
  startSalesforceSandbox,
} from '../../src/sandbox/salesforce/index.ts';

/** An org with an external id on Account that its user sees, and one field that no permission set shows. */
export async function org(options: SalesforceSandboxOptions = {}): Promise<SalesforceSandbox> {
  const sandbox = await startSalesforceSandbox(options);
  const conn = await connected(sandbox);
  const field = (name: string, over: object) => ({ fullName: `Account.${name}`, label: name, ...over });
  await conn.metadata.create('CustomField', [
    field('Key__c', { type: 'Text', length: 64, externalId: true, unique: true }),
    field('Score__c', { type: 'Number', precision: 5, scale: 2 }),
    field('Loose__c', { type: 'Text', length: 64, externalId: true }),
    field('Hidden__c', { type: 'Text', length: 64 }),
  ] as never);
  const shown = ['Key__c', 'Score__c', 'Loose__c'].map((name) => ({
    field: `Account.${name}`,
    readable: true,
    editable: true,
  }));
  await conn.metadata.upsert('PermissionSet', {
    fullName: 'Set',
    label: 'Set',
    fieldPermissions: shown,
  } as never);
  sandbox.forgetLog();
  return sandbox;
}

/** jsforce as anybody would use it, with no line of ours between. */
export async function connected({ url, clientId, clientSecret }: SalesforceSandbox): Promise<Connection> {
  const conn = new Connection({
    oauth2: { loginUrl: url, clientId, clientSecret },
    instanceUrl: url,
    version: '64.0',
  });
  await conn.authorize({ grant_type: 'client_credentials' });
  return conn;
}
