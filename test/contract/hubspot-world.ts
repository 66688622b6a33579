import { afterEach } from 'vitest';
import type { HubspotVersion } from '../../src/crm/hubspot/api-paths.ts';
import { type HubspotOptions, hubspotConnector } from '../../src/crm/hubspot/index.ts';
import { type HubspotSandbox, type Seed, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import type { Settings } from '../../src/sandbox/hubspot/settings.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type {
  AccountChange,
  CrmConnector,
  MappedField,
  MembershipChange,
  Outcome,
  Outcomes,
  PersonChange,
  TaskChange,
} from '../../src/sync/crm.ts';

export const NOON = Date.UTC(2026, 10, 24, 12);

/** The tests of the connector run once for each version of the API: vitest.config.ts has a project for each. */
export const VERSION = (process.env.HUBSPOT_TEST_VERSION ?? 'v3') as HubspotVersion;

/** A path of v3 or v4 as the version under test spells it. */
export function at(path: string): string {
  return VERSION === 'v3'
    ? path
    : path
        .replace(/^\/crm\/v[34]\/([a-z*]+)/, `/crm/$1/${VERSION}`)
        .replace(/^\/account-info\/v3\//, `/account-info/${VERSION}/`)
        .replace(/^\/marketing\/v3\/([a-z]+)/, `/marketing/$1/${VERSION}`);
}

/** The shipped names. */
export const FIELDS: MappedField[] = [
  { object: 'company', field: 'pql_account_id', type: 'text', unique: true },
  { object: 'company', field: 'pql_score', type: 'number', unique: false },
  { object: 'company', field: 'pql_tier', type: 'text', unique: false },
  { object: 'company', field: 'pql_scored_at', type: 'datetime', unique: false },
  { object: 'company', field: 'name', type: 'text', unique: false },
  { object: 'contact', field: 'pql_person_id', type: 'text', unique: false },
  { object: 'contact', field: 'pql_score', type: 'number', unique: false },
  { object: 'task', field: 'pql_key', type: 'text', unique: true },
];

export interface World {
  sandbox: HubspotSandbox;
  crm: CrmConnector;
  clock: ManualClock;
  close(): Promise<void>;
}

/** A connector by the version under test. */
export function connectorTo(
  { url }: { url: string },
  over: Pick<HubspotOptions, 'clock'> & Partial<HubspotOptions>,
): ReturnType<typeof hubspotConnector> {
  return hubspotConnector({ accessToken: 'pat-test', baseUrl: url, version: VERSION, ...over });
}

interface WorldOptions extends Pick<HubspotOptions, 'keys' | 'match'> {
  settings?: Partial<Settings>;
  seed?: Seed[];
  timeoutMs?: number;
  fields?: MappedField[];
}

/** Starts worlds that are closed after the test which started them. Called once for a file, outside of its tests. */
export function worlds(): (options?: WorldOptions) => Promise<World> {
  const open: World[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ close }) => close()));
  });
  return async (options) => {
    const one = await world(options);
    open.push(one);
    return one;
  };
}

/** A portal that `pql crm setup --apply` has been run in, with a connector to it; the log of calls is empty. */
export async function world(options: WorldOptions = {}): Promise<World> {
  const clock = new ManualClock(NOON);
  const sandbox = await startHubspotSandbox({
    clock,
    settings: options.settings ?? {},
    seed: options.seed ?? [],
  });
  const connector = () =>
    connectorTo(sandbox, {
      clock,
      timeoutMs: options.timeoutMs ?? 2_000,
      stages: ['marketingqualifiedlead'],
      ...(options.keys === undefined ? {} : { keys: options.keys }),
      ...(options.match === undefined ? {} : { match: options.match }),
    });
  // By a connector of its own, as the command is a process of its own: nothing is remembered.
  await connector().setup(options.fields ?? FIELDS, ['PQL MQL'], true);
  const crm = connector();
  sandbox.forgetLog();
  const close = async () => {
    await crm.close();
    await sandbox.close();
  };
  return { sandbox, crm, clock, close };
}

export function account(change: Partial<AccountChange> = {}): AccountChange {
  const fields = { pql_score: 85, pql_tier: 'mql' };
  return {
    key: 'acct-7',
    crmId: null,
    domain: 'initech.example',
    create: true,
    fields,
    allFields: fields,
    createFields: { name: 'Initech', domain: 'initech.example' },
    ...change,
  };
}

export function person(change: Partial<PersonChange> = {}): PersonChange {
  const fields = { pql_score: 85 };
  return {
    key: 'user-1',
    crmId: null,
    email: 'peter@initech.example',
    accountCrmId: null,
    create: true,
    fields,
    allFields: fields,
    createFields: { firstname: 'Peter' },
    ...change,
  };
}

export function membership(change: Partial<MembershipChange> = {}): MembershipChange {
  return {
    key: 'member-1',
    campaign: 'PQL MQL',
    personCrmId: '1',
    status: null,
    lifecycleStage: null,
    uncertain: false,
    ...change,
  };
}

export function task(change: Partial<TaskChange> = {}): TaskChange {
  return {
    key: 'acct-7|mql-rubric|mql|1|task',
    subject: 'Initech reached MQL',
    body: 'Invited 5 teammates',
    dueAt: NOON + 86_400_000,
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

/** The only outcome of a call for one record. */
export function only(outcomes: Outcomes): Outcome {
  const [outcome, ...others] = outcomes.values();
  if (outcome === undefined || others.length > 0) {
    throw new Error(`one outcome expected, got ${outcomes.size}`);
  }
  return outcome;
}

export function crmIdOf(outcome: Outcome | undefined): string {
  if (outcome?.state !== 'done') {
    throw new Error(`done expected, got ${JSON.stringify(outcome)}`);
  }
  return outcome.crmId;
}

/** How many calls went to a path. */
export function callsTo(sandbox: HubspotSandbox, path: string): number {
  return sandbox.calls().filter((call) => call.path === path).length;
}
