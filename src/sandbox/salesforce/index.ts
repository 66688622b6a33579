import { type Clock, systemClock } from '../../shared/clock.ts';
import { type Sandbox, startSandbox } from '../http.ts';
import { convertLead, seedOrg } from './activities.ts';
import { BulkJobs, type BulkSettings, type IngestJob } from './bulk.ts';
import { CURRENCY } from './opportunity.ts';
import { Org, type Rule, type Saved, SfError, type SfRecord } from './org.ts';
import { answerErrors, type Day, salesforceRoutes } from './routes.ts';
import type { Field } from './schema.ts';
import { Sessions } from './sessions.ts';

export { SfError } from './org.ts';

export interface SalesforceSandboxOptions {
  port?: number;
  dataFile?: string | undefined;
  clock?: Clock;
  dailyMax?: number;
  /** PEM of the public key for JWT bearer; without it assertions are refused. */
  publicKey?: string;
  /** IANA zone of the org. Default UTC. */
  timeZone?: string;
  personAccounts?: boolean;
}

export interface SalesforceSandbox extends Sandbox {
  clientId: string;
  clientSecret: string;
  records(object: string): SfRecord[];
  /** Puts a record into the org as it stands, past the checks of a call. */
  seed(object: string, values: Record<string, unknown>): SfRecord;
  /** Puts a person account into an org that has them: the account and its contact half. */
  seedPerson(values: Record<string, unknown>): { account: SfRecord; contact: SfRecord };
  /** A field of the org beside those that set-up makes, such as a formula. */
  addField(object: string, field: Field): void;
  merge(object: string, winner: string, loser: string): void;
  /** As a person, or the platform, changes a record: past the checks of a call. */
  touch(object: string, id: string, values: Record<string, unknown>): void;
  /** Into the recycle bin. */
  remove(object: string, id: string): void;
  /** Makes it an org with several currencies. */
  severalCurrencies(): void;
  /** A rule of the org: gives an error for a record it refuses. */
  refuse(rule: Rule): void;
  /** What queries of an object are answered from now on; null: as they are. */
  refuseQueries(object: string, error: SfError | null): void;
  /** Makes it an org that has neither Enhanced Email nor Email-to-Case: it knows no EmailMessage. */
  withoutEmailMessages(): void;
  /** A field that an admin renames or hides: its old name is unknown from then on. */
  dropField(object: string, field: string): void;
  expireSessions(): void;
  /** As a rep does it: the new contact takes tasks and memberships along. */
  convertLead(leadId: string, accountId: string): SfRecord;
  /** May be changed while it runs. */
  readonly day: Day;
  /** How bulk jobs behave that are closed from now on. */
  readonly bulk: BulkSettings;
  /** Every bulk job that was ever made, with the state in which somebody deleted it. */
  bulkJobs(): IngestJob[];
}

const CLIENT_ID = 'sandbox-client';
const CLIENT_SECRET = 'sandbox-secret';

/** A stand-in for one Salesforce org, which jsforce uses unchanged. */
export async function startSalesforceSandbox(
  options: SalesforceSandboxOptions = {},
): Promise<SalesforceSandbox> {
  const clock = options.clock ?? systemClock;
  let sandbox: Sandbox | null = null;
  const org = new Org(clock, (op, object, id, fields) => sandbox?.wrote({ op, object, id, fields }));
  if (options.personAccounts) {
    org.allowPersonAccounts();
  }
  const organization = org.insert('Organization', {
    Name: 'Sandbox',
    OrganizationType: 'Developer Edition',
    TimeZoneSidKey: options.timeZone ?? 'UTC',
  });
  const user = org.insert('User', {
    Username: 'integration@sandbox.example',
    Email: 'integration@sandbox.example',
    Name: 'Integration User',
  });
  org.runningUser = user.Id;
  seedOrg(org);
  const sessions = new Sessions(
    { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, publicKey: options.publicKey ?? null },
    systemClock,
  );
  const jobs = new BulkJobs(org, clock);
  const { dataFile } = options;
  const day = { used: 0, max: options.dailyMax ?? 100_000 };
  const routes = salesforceRoutes({
    org,
    sessions,
    jobs,
    day,
    orgId: organization.Id,
    userId: user.Id,
  });
  sandbox = await startSandbox({
    port: options.port ?? 0,
    clock,
    routes,
    onError: answerErrors,
    records: (object) => org.all(object),
    persist:
      dataFile === undefined
        ? undefined
        : { file: dataFile, save: () => org.save(), load: (saved) => org.load(saved as Saved) },
  });
  return {
    ...sandbox,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    records: (object) => org.all(object).filter((record) => record.IsDeleted !== true),
    seed: (object, values) => org.insert(object, values),
    seedPerson: (values) => org.insertPerson(values),
    addField: (object, field) => {
      org.addField(object, field);
      org.visible.add(`${object}.${field.name}`);
    },
    merge: (object, winner, loser) => org.merge(object, winner, loser),
    touch: (object, id, values) => {
      const record = org.find(object, id);
      if (record === undefined) {
        throw new SfError('NOT_FOUND', `no ${object} ${id}`);
      }
      org.update(object, record, values);
    },
    remove: (object, id) => org.remove(object, id),
    severalCurrencies: () => void org.object('Opportunity').fields.push(CURRENCY),
    refuse: (rule) => void org.rules.push(rule),
    refuseQueries: (object, error) => {
      if (error === null) {
        org.queryRules.delete(object);
      } else {
        org.queryRules.set(object, error);
      }
    },
    withoutEmailMessages: () => {
      org.objects.delete('EmailMessage');
      org.objects.delete('EmailMessageRelation');
    },
    dropField: (object, field) => void org.visible.delete(`${object}.${field}`),
    day,
    expireSessions: () => sessions.expireAll(),
    convertLead: (leadId, accountId) => convertLead(org, leadId, accountId),
    bulk: jobs.settings,
    bulkJobs: () => jobs.all(),
  };
}

/** A duplicate rule as an admin would set it: `Alert` gives way to the header, `Block` does not. */
export function duplicateRule(
  object: string,
  action: 'Alert' | 'Block',
  matches: (record: Record<string, unknown>) => string | null,
): Rule {
  return (name, record, headers) => {
    const existing = name === object ? matches(record) : null;
    const allowed = action === 'Alert' && /allowSave=true/.test(headers.duplicateRule ?? '');
    if (existing === null || existing === record.Id || allowed) {
      return null;
    }
    const duplicateResult = { matchResults: [{ matchRecords: [{ record: { Id: existing } }] }] };
    return new SfError('DUPLICATES_DETECTED', 'Use one of these records?', [], { duplicateResult });
  };
}
