import { type ConfigFile, type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { fieldProblems } from './mapping-rules.ts';
import {
  type FieldConfig,
  type FieldSpec,
  type HubspotConfig,
  hubspotSchema,
  type RecordConfig,
  type SalesforceConfig,
  salesforceSchema,
} from './mapping-schema.ts';

export type { FieldSpec } from './mapping-schema.ts';

/** A field of the CRM's own that becomes a fact of the account. */
export interface ReadSpec {
  trait: string;
  field: string;
  list: boolean;
}

/** What one CRM gets, in words that no longer know which CRM it is. */
export interface Mapping {
  crm: 'hubspot' | 'salesforce';
  account: RecordConfig & { fields: FieldSpec[] };
  person: RecordConfig & { fields: FieldSpec[] };
  /** Read back from records of the account's object. */
  reads: ReadSpec[];
  /** `key`: the unique field of a membership; null where a list has no rows of its own. */
  campaign: { name: string; key: string | null; status: string | null; lifecycleStage: string | null };
  task: { key: string; priority: 'high' | 'normal' };
  /** Every field on every object, keys of tasks and members included: for the CRM's schema check and for setup. */
  allFields: FieldSpec[];
  /** Turns a finding of the CRM's schema check into a problem with file and line. */
  problemAt(object: string, field: string, found: string, allowed: string): ConfigProblem;
}

/** A mapping file as text -> mapping, or every problem with its line (I11). */
export function readMapping(
  crm: Mapping['crm'],
  file: string,
  text: string,
): Result<Mapping, ConfigProblem[]> {
  return crm === 'hubspot' ? readHubspot(file, text) : readSalesforce(file, text);
}

function readHubspot(file: string, text: string): Result<Mapping, ConfigProblem[]> {
  return checked(readConfig(file, text, hubspotSchema), compileHubspot);
}

function compileHubspot(file: ConfigFile<HubspotConfig>): Result<Mapping, ConfigProblem[]> {
  const { company, contact, campaign, task } = file.value;
  const account = specs('company', company.fields);
  const person = specs('contact', contact.fields);
  return ruled(file, account, {
    crm: 'hubspot',
    account: { create: company.create, match: company.match, several: company.several, fields: account },
    reads: readSpecs(company.read),
    person: { create: contact.create, match: contact.match, several: contact.several, fields: person },
    campaign: campaignOf(campaign),
    task,
    allFields: [...account, ...person, keyField('task', task.key)],
  });
}

function readSalesforce(file: string, text: string): Result<Mapping, ConfigProblem[]> {
  return checked(readConfig(file, text, salesforceSchema), compileSalesforce);
}

function compileSalesforce(file: ConfigFile<SalesforceConfig>): Result<Mapping, ConfigProblem[]> {
  const { Account, Contact, Lead, campaign, task } = file.value;
  const account = specs('Account', Account.fields);
  const person = specs('Contact', Contact.fields);
  const lead = specs('Lead', Lead.fields);
  const keys = [keyField('Task', task.key), keyField('CampaignMember', campaign.key)];
  return ruled(file, account, {
    crm: 'salesforce',
    account: { create: Account.create, match: Account.match, several: Account.several, fields: account },
    reads: readSpecs(Account.read),
    person: {
      create: Contact.create,
      match: Contact.match,
      several: Contact.several,
      personAccounts: Contact.person_accounts,
      fields: person,
    },
    campaign: campaignOf(campaign),
    task,
    allFields: [...account, ...person, ...lead, ...keys],
  });
}

function specs(object: string, fields: Record<string, FieldConfig>): FieldSpec[] {
  return Object.entries(fields).map(([field, config]) => ({ object, field, ...config }));
}

function readSpecs(read: HubspotConfig['company']['read']): ReadSpec[] {
  return Object.entries(read).map(([trait, from]) =>
    typeof from === 'string'
      ? { trait, field: from, list: false }
      : { trait, field: from.field, list: from.type === 'list' },
  );
}

function keyField(object: string, field: string): FieldSpec {
  return { object, field, from: '', type: 'text', write: 'always', unique: true, clear: false, length: 64 };
}

function campaignOf(campaign: {
  name: string;
  key?: string | undefined;
  status?: string | undefined;
  lifecycle_stage?: string | undefined;
}) {
  return {
    name: campaign.name,
    key: campaign.key ?? null,
    status: campaign.status ?? null,
    lifecycleStage: campaign.lifecycle_stage ?? null,
  };
}

type AnyFile = ConfigFile<unknown>;

function ruled(
  file: AnyFile,
  account: FieldSpec[],
  mapping: Omit<Mapping, 'problemAt'>,
): Result<Mapping, ConfigProblem[]> {
  const problems = fieldProblems(file, mapping.crm, account, mapping.allFields);
  if (problems.length > 0) {
    return err(problems.sort((a, b) => a.line - b.line));
  }
  return ok({
    ...mapping,
    problemAt: (object, field, found, allowed) => {
      const read =
        account[0]?.object === object ? mapping.reads.find((spec) => spec.field === field) : undefined;
      return problemAt(file, object, field, found, allowed, read?.trait);
    },
  });
}

/** Keys of tasks and members stand beside the record sections, not in them. */
function problemAt(
  file: AnyFile,
  object: string,
  field: string,
  found: string,
  allowed: string,
  trait: string | undefined,
): ConfigProblem {
  const own = trait === undefined ? [object, 'fields', field] : [object, 'read', trait];
  const sections: Record<string, string[]> = {
    task: ['task', 'key'],
    Task: ['task', 'key'],
    CampaignMember: ['campaign', 'key'],
    campaign: ['campaign', field],
  };
  return { ...file.problem(sections[object] ?? own, '', allowed), found };
}
