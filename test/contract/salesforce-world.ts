import { salesforceConnector } from '../../src/crm/salesforce/index.ts';
import type { SalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import type { MappedField, MembershipChange, TaskChange } from '../../src/sync/crm.ts';

/** Names that are shipped. */
export const FIELDS: MappedField[] = [
  { object: 'Account', field: 'PQL_Account_Id__c', type: 'text', unique: true },
  { object: 'Account', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'Account', field: 'PQL_Tier__c', type: 'text', unique: false },
  { object: 'Contact', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'Lead', field: 'PQL_Score__c', type: 'number', unique: false },
  { object: 'CampaignMember', field: 'PQL_Key__c', type: 'text', unique: true },
  { object: 'Task', field: 'PQL_Key__c', type: 'text', unique: true },
];

type Options = Parameters<typeof salesforceConnector>[0];

/** A connector to an org, with the credentials that the org takes. */
export function connectorTo(
  { url: loginUrl, clientId, clientSecret }: SalesforceSandbox,
  over: Partial<Options> = {},
): ReturnType<typeof salesforceConnector> {
  const auth = { kind: 'client_credentials', clientId, clientSecret } as const;
  return salesforceConnector({ loginUrl, apiVersion: '64.0', auth, ...over });
}

export function task(change: Partial<TaskChange> = {}): TaskChange {
  return {
    key: 'pql-t1',
    subject: 'Initech: 4 teammates invited',
    body: 'why',
    dueAt: Date.UTC(2026, 2, 3, 12),
    priority: 'high',
    type: 'todo',
    accountCrmId: null,
    personCrmId: null,
    ownerId: null,
    firstTriedAt: null,
    uncertain: false,
    ...change,
  };
}

export function membership(personCrmId: string, change: Partial<MembershipChange> = {}): MembershipChange {
  return {
    key: `pql-${personCrmId}`,
    campaign: 'PQL MQL',
    personCrmId,
    status: 'Sent',
    lifecycleStage: null,
    uncertain: false,
    ...change,
  };
}
