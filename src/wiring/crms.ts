import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { hubspotConnector } from '../crm/hubspot/index.ts';
import { salesforceConnector } from '../crm/salesforce/index.ts';
import type { Mapping } from '../decide/mapping.ts';
import type { Mappings } from '../mappings.ts';
import { type HubspotSandbox, startHubspotSandbox } from '../sandbox/hubspot/index.ts';
import { type SalesforceSandbox, startSalesforceSandbox } from '../sandbox/salesforce/index.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { stableJson } from '../shared/stable-json.ts';
import type { WithBulk } from '../sync/bulk.ts';
import type { CallBudget } from '../sync/calls.ts';
import type { Budgets } from './budgets.ts';
import { forgetSandboxes, noteSandboxes, runningSandboxes, type SandboxAddresses } from './sandbox-handle.ts';

/** One CRM that acts go to. */
export interface Crm {
  name: Mapping['crm'];
  mapping: Mapping;
  connector: WithBulk;
  /** What it may call now. */
  budget: CallBudget;
  /** A sandbox is ours: its fields are made without asking. */
  sandbox: boolean;
}

interface Sandboxes {
  hubspot: HubspotSandbox;
  salesforce: SalesforceSandbox;
}

export interface Crms {
  /** The stand-ins, when they stand in and run in this process. */
  sandboxes: Sandboxes | null;
  /** Where the stand-ins are, when they stand in: here or in another process on this data folder. */
  addresses: SandboxAddresses | null;
  /** Replaced as a whole when the configuration is. */
  crms: Crm[];
  /** The same CRMs under another configuration. A connector whose mapping says the same goes on. */
  remapped(mappings: Mappings): Crm[];
  /** Lines for the start-up summary. */
  notes: string[];
  close(): Promise<void>;
}

/**
 * The CRMs that have credentials. With none at all the sandboxes stand in for both, so that a first start shows
 * the whole way; with one configured the other is off (decision 17).
 */
export async function openCrms(
  config: Config,
  mappings: Mappings,
  clock: Clock,
  budgets: Budgets,
): Promise<Crms> {
  const hubspot = config.HUBSPOT_ACCESS_TOKEN !== undefined;
  const salesforce = config.SALESFORCE_CLIENT_ID !== undefined;
  if (!hubspot && !salesforce) {
    return openSandboxes(config, mappings, clock, budgets);
  }
  const make = (under: Mappings) => [
    ...(hubspot ? [realHubspot(config, under, budgets)] : []),
    ...(salesforce ? [realSalesforce(config, under, budgets)] : []),
  ];
  const crms = make(mappings);
  const opened: Crms = {
    crms,
    remapped: (under) => remapped(opened.crms, make(under)),
    sandboxes: null,
    addresses: null,
    notes: crms.map((crm) => `${crm.name}: connected by the configured credentials`),
    close: async () => {
      await Promise.all(opened.crms.map((crm) => crm.connector.close()));
    },
  };
  return opened;
}

/** What a mapping says; where it stands in its file makes no other connector. */
function remapped(crms: readonly Crm[], next: readonly Crm[]): Crm[] {
  return next.map((crm) => {
    const same = crms.find(
      ({ name, mapping }) => name === crm.name && stableJson(mapping) === stableJson(crm.mapping),
    );
    return same === undefined ? crm : { ...crm, connector: same.connector };
  });
}

function realHubspot(config: Config, mappings: Mappings, budgets: Budgets, standIn = false): Crm {
  const budget = budgets.of('hubspot', `${config.HUBSPOT_BASE_URL}\n${config.HUBSPOT_ACCESS_TOKEN}`, standIn);
  const { account, person, campaign, task } = mappings.hubspot;
  const company = account.fields.find(({ unique }) => unique)?.field;
  const contact = person.fields.find(({ unique, from }) => unique || from === 'person.id')?.field;
  const connector = hubspotConnector({
    accessToken: config.HUBSPOT_ACCESS_TOKEN ?? '',
    baseUrl: config.HUBSPOT_BASE_URL,
    version: config.HUBSPOT_API_VERSION,
    clock: systemClock,
    calls: budget,
    keys: {
      task: task.key,
      ...(company === undefined ? {} : { company }),
      ...(contact === undefined ? {} : { contact }),
    },
    match: { company: account.match, contact: person.match },
    ...(account.several === undefined ? {} : { several: { company: account.several } }),
    stages: campaign.lifecycleStage === null ? [] : [campaign.lifecycleStage],
    leadStatuses: campaign.leadStatus === null ? [] : [campaign.leadStatus.to],
    marketingCampaign: campaign.marketingCampaign,
  });
  return { name: 'hubspot', mapping: mappings.hubspot, connector, budget, sandbox: false };
}

function realSalesforce(config: Config, mappings: Mappings, budgets: Budgets, standIn = false): Crm {
  const budget = budgets.of(
    'salesforce',
    `${config.SALESFORCE_LOGIN_URL}\n${config.SALESFORCE_CLIENT_ID}`,
    standIn,
  );
  const keyFile = config.SALESFORCE_PRIVATE_KEY_FILE;
  const { account, person, campaign, task } = mappings.salesforce;
  const unique = account.fields.find((field) => field.unique)?.field;
  const personKey = person.fields.find((field) => field.unique)?.field;
  const connector = salesforceConnector({
    loginUrl: config.SALESFORCE_LOGIN_URL ?? '',
    apiVersion: config.SALESFORCE_API_VERSION,
    calls: budget,
    ours: {
      people: {
        key: personKey ?? null,
        order: person.match,
        several: person.several ?? 'oldest',
        personAccounts: person.personAccounts ?? 'skip',
      },
      taskKey: task.key,
      ...(unique === undefined
        ? {}
        : { account: { key: unique, order: account.match, several: account.several ?? 'oldest' } }),
      ...(campaign.key === null ? {} : { memberKey: campaign.key }),
      campaign: { type: campaign.type, statuses: campaign.statuses },
      closedStatus: task.closedStatus,
    },
    auth:
      keyFile === undefined
        ? {
            kind: 'client_credentials',
            clientId: config.SALESFORCE_CLIENT_ID ?? '',
            clientSecret: config.SALESFORCE_CLIENT_SECRET ?? '',
          }
        : {
            kind: 'jwt',
            clientId: config.SALESFORCE_CLIENT_ID ?? '',
            username: config.SALESFORCE_USERNAME ?? '',
            privateKey: readFileSync(keyFile, 'utf8'),
          },
  });
  return { name: 'salesforce', mapping: mappings.salesforce, connector, budget, sandbox: false };
}

async function openSandboxes(
  config: Config,
  mappings: Mappings,
  clock: Clock,
  budgets: Budgets,
): Promise<Crms> {
  const running = await runningSandboxes(config.PQL_DATA_DIR);
  const own = running === null ? await startSandboxes(config.PQL_DATA_DIR, clock) : null;
  const addresses = running ?? own;
  if (addresses === null) {
    throw new Error('the sandboxes have no address');
  }
  const opened: Crms = {
    crms: sandboxCrms(config, mappings, addresses, budgets),
    remapped: (under) => remapped(opened.crms, sandboxCrms(config, under, addresses, budgets)),
    sandboxes: own,
    addresses,
    notes: [
      `no CRM credentials: writing to the sandboxes at ${addresses.hubspot.url} and ${addresses.salesforce.url}`,
    ],
    close: async () => {
      await Promise.all(opened.crms.map((crm) => crm.connector.close()));
      if (own !== null) {
        forgetSandboxes(config.PQL_DATA_DIR);
        await Promise.all([own.hubspot.close(), own.salesforce.close()]);
      }
    },
  };
  return opened;
}

async function startSandboxes(dataDir: string, clock: Clock): Promise<Sandboxes> {
  const dataFile = (name: string) => join(dataDir, `sandbox-${name}.json`);
  const hubspot = await startHubspotSandbox({ clock, dataFile: dataFile('hubspot') });
  const salesforce = await startSalesforceSandbox({ clock, dataFile: dataFile('salesforce') });
  noteSandboxes(dataDir, { hubspot, salesforce });
  return { hubspot, salesforce };
}

function sandboxCrms(
  config: Config,
  mappings: Mappings,
  { hubspot, salesforce }: SandboxAddresses,
  budgets: Budgets,
): Crm[] {
  const crms = [
    realHubspot(
      { ...config, HUBSPOT_ACCESS_TOKEN: 'pat-sandbox', HUBSPOT_BASE_URL: hubspot.url },
      withoutMarketing(mappings),
      budgets,
      true,
    ),
    realSalesforce(
      {
        ...config,
        SALESFORCE_LOGIN_URL: salesforce.url,
        SALESFORCE_CLIENT_ID: salesforce.clientId,
        SALESFORCE_CLIENT_SECRET: salesforce.clientSecret,
        SALESFORCE_PRIVATE_KEY_FILE: undefined,
      },
      mappings,
      budgets,
      true,
    ),
  ];
  return crms.map((crm) => ({ ...crm, sandbox: true }));
}

/** The stand-in has none of the operator's marketing campaigns. */
function withoutMarketing(mappings: Mappings): Mappings {
  const campaign = { ...mappings.hubspot.campaign, marketingCampaign: null };
  return { ...mappings, hubspot: { ...mappings.hubspot, campaign } };
}
