import { type ConfigFile, type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import {
  actsProblems,
  type CampaignSpec,
  campaignSpec,
  namedOwners,
  type TaskSpec,
  taskSpec,
} from './acts-mapping.ts';
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
import { type ReadSpec, readSpecs } from './read-back-schema.ts';

export type { FieldSpec } from './mapping-schema.ts';
export type { ReadSpec } from './read-back-schema.ts';

/** What one CRM gets, in words that no longer know which CRM it is. */
export interface Mapping {
  crm: 'hubspot' | 'salesforce';
  account: RecordConfig & { fields: FieldSpec[] };
  person: RecordConfig & { fields: FieldSpec[] };
  /** Read back from records of the account's object. */
  reads: ReadSpec[];
  /** The same of people. */
  personReads: ReadSpec[];
  /** How often (ms) deals that changed are asked for; null: never. */
  readDealsEvery: number | null;
  /** How often (ms) activities around accounts that were handed over are read; null: never. */
  readActivitiesEvery: number | null;
  /** How often (ms; null: never) and with how many calls what is ours in the CRM is compared. */
  reconcile: { every: number | null; calls: number };
  campaign: CampaignSpec;
  task: TaskSpec;
  /** Every field on every object, keys of tasks and members included: for the CRM's schema check and for setup. */
  allFields: FieldSpec[];
  /** Turns a finding of the CRM's schema check into a problem with file and line. */
  problemAt(object: string, field: string, found: string, allowed: string): ConfigProblem;
}

/** Names of the pools of handoff.yaml; null: nobody can say which there are. */
type Pools = readonly string[] | null;

/** A mapping file as text -> mapping, or every problem with its line (I11). */
export function readMapping(
  crm: Mapping['crm'],
  file: string,
  text: string,
  pools: Pools = null,
): Result<Mapping, ConfigProblem[]> {
  return crm === 'hubspot'
    ? checked(readConfig(file, text, hubspotSchema), (read) => compileHubspot(read, pools))
    : checked(readConfig(file, text, salesforceSchema), (read) => compileSalesforce(read, pools));
}

function compileHubspot(file: ConfigFile<HubspotConfig>, pools: Pools): Result<Mapping, ConfigProblem[]> {
  const { company, contact, campaign, task, read_back, activities, reconcile } = file.value;
  const account = specs('company', company.fields);
  const person = specs('contact', contact.fields);
  return ruled(file, pools, account, {
    crm: 'hubspot',
    account: { create: company.create, match: company.match, several: company.several, fields: account },
    reads: readSpecs(company.read),
    personReads: readSpecs(contact.read),
    person: { create: contact.create, match: contact.match, several: contact.several, fields: person },
    readDealsEvery: read_back.deals,
    readActivitiesEvery: activities.every,
    reconcile,
    campaign: campaignSpec(campaign),
    task: taskSpec(task),
    allFields: [...account, ...person, keyField('task', task.key)],
  });
}

function compileSalesforce(
  file: ConfigFile<SalesforceConfig>,
  pools: Pools,
): Result<Mapping, ConfigProblem[]> {
  const { Account, Contact, Lead, campaign, task, read_back, activities, reconcile } = file.value;
  const account = specs('Account', Account.fields);
  const person = specs('Contact', Contact.fields);
  const lead = specs('Lead', Lead.fields);
  const keys = [keyField('Task', task.key), keyField('CampaignMember', campaign.key)];
  return ruled(file, pools, account, {
    crm: 'salesforce',
    account: { create: Account.create, match: Account.match, several: Account.several, fields: account },
    reads: readSpecs(Account.read),
    personReads: readSpecs(Contact.read),
    person: {
      create: Contact.create,
      match: Contact.match,
      several: Contact.several,
      personAccounts: Contact.person_accounts,
      fields: person,
    },
    readDealsEvery: read_back.deals,
    readActivitiesEvery: activities.every,
    reconcile,
    campaign: campaignSpec(campaign),
    task: taskSpec(task),
    allFields: [...account, ...person, ...lead, ...keys],
  });
}

function specs(object: string, fields: Record<string, FieldConfig>): FieldSpec[] {
  return Object.entries(fields).map(([field, config]) => ({ object, field, ...config }));
}

function keyField(object: string, field: string): FieldSpec {
  return { object, field, from: '', type: 'text', write: 'always', unique: true, clear: false, length: 64 };
}

type AnyFile = ConfigFile<unknown>;

function ruled(
  file: AnyFile,
  pools: Pools,
  account: FieldSpec[],
  mapping: Omit<Mapping, 'problemAt'>,
): Result<Mapping, ConfigProblem[]> {
  const problems = [
    ...actsProblems(file, mapping.campaign, mapping.task, pools),
    ...fieldProblems(file, mapping.crm, account, mapping.allFields),
  ];
  if (problems.length > 0) {
    return err(problems.sort((a, b) => a.line - b.line));
  }
  return ok({
    ...mapping,
    problemAt: (object, field, found, allowed) => {
      if (object === 'owner') {
        return ownerProblem(file, mapping.task, field, found, allowed);
      }
      const written = mapping.allFields.some((spec) => spec.object === object && spec.field === field);
      // A field that is written too: only that can be wrong with it, once it is there.
      const reads = account[0]?.object === object ? mapping.reads : mapping.personReads;
      const read = written ? undefined : reads.find((spec) => spec.field === field);
      return problemAt(file, object, field, found, allowed, read?.trait);
    },
  });
}

/** @param name who is meant: the first place that names them */
function ownerProblem(file: AnyFile, task: TaskSpec, name: string, found: string, allowed: string) {
  const path = namedOwners(task.owner).find((owner) => owner.name === name)?.path ?? ['task', 'owner'];
  return { ...file.problem(path, '', allowed), found };
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
  // Leads are read as contacts are.
  const own =
    trait === undefined ? [object, 'fields', field] : [object === 'Lead' ? 'Contact' : object, 'read', trait];
  const sections: Record<string, string[]> = {
    task: ['task', 'key'],
    Task: ['task', 'key'],
    CampaignMember: ['campaign', 'key'],
    campaign: ['campaign', field],
  };
  return { ...file.problem(sections[object] ?? own, '', allowed), found };
}
