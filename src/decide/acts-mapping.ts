import { clockOf } from '../accounts/zone.ts';
import { type ConfigFile, type ConfigProblem, didYouMean } from '../shared/config-file.ts';
import type {
  HubspotCampaign,
  MemberStatus,
  OwnerRule,
  SalesforceCampaign,
  TaskConfig,
} from './acts-schema.ts';

/** How people of an account that crossed join a campaign, in words that no longer know which CRM it is. */
export interface CampaignSpec {
  /** A template. */
  name: string;
  timezone: string;
  /** The unique field of a membership; null where a list has no rows of its own. */
  key: string | null;
  status: string | null;
  statusByTier: Readonly<Record<string, string>>;
  /** Lowest first. */
  statuses: readonly MemberStatus[];
  type: string | null;
  lifecycleStage: string | null;
  leadStatus: LeadStatusMove | null;
  marketingCampaign: string | null;
}

export interface LeadStatusMove {
  to: string;
  from: readonly string[];
}

export interface TaskSpec {
  key: string;
  priority: TaskConfig['priority'];
  type: TaskConfig['type'];
  owner: readonly OwnerRule[];
  closedStatus: string | null;
}

export function campaignSpec(campaign: HubspotCampaign | SalesforceCampaign): CampaignSpec {
  const { name, timezone, status = null, lifecycle_stage: lifecycleStage = null } = campaign;
  const salesforce = 'key' in campaign ? campaign : null;
  const hubspot = 'key' in campaign ? null : campaign;
  return {
    name,
    timezone,
    key: salesforce?.key ?? null,
    status,
    statusByTier: salesforce?.status_by_tier ?? {},
    statuses: salesforce?.statuses ?? [],
    type: salesforce?.type ?? null,
    lifecycleStage,
    leadStatus: hubspot?.lead_status ?? null,
    marketingCampaign: hubspot?.marketing_campaign ?? null,
  };
}

export function taskSpec(task: TaskConfig): TaskSpec {
  const { key, priority, type, owner, closed_status: closedStatus = null } = task;
  return { key, priority, type, owner, closedStatus };
}

/** Somebody whom a mapping names, and where. */
export interface NamedOwner {
  name: string;
  path: readonly PropertyKey[];
  /** May also be a queue. */
  queue: boolean;
}

/** Everybody whom the owner chain of a task names. */
export function namedOwners(rules: readonly OwnerRule[]): NamedOwner[] {
  return rules.flatMap((rule, i): NamedOwner[] => {
    const at = ['task', 'owner', i];
    if (rule === 'account_owner') {
      return [];
    }
    if ('fallback' in rule) {
      return [{ name: rule.fallback, path: [...at, 'fallback'], queue: true }];
    }
    if ('pool' in rule) {
      const names = typeof rule.pool === 'string' ? [] : rule.pool;
      return names.map((name, j) => ({ name, path: [...at, 'pool', j], queue: false }));
    }
    return Object.entries(rule.owners).flatMap(([value, names]) =>
      (isPool(names) ? [] : [names].flat()).map((name, j) => ({
        name,
        path: [...at, 'owners', value, ...(typeof names === 'string' ? [] : [j])],
        queue: false,
      })),
    );
  });
}

function isPool(names: string | readonly string[] | { pool: string }): names is { pool: string } {
  return typeof names === 'object' && 'pool' in names;
}

/** Every pool of handoff.yaml that the owner chain of a task names, and where. */
function namedPools(rules: readonly OwnerRule[]): { name: string; path: PropertyKey[] }[] {
  return rules.flatMap((rule, i) => {
    const at = ['task', 'owner', i];
    if (rule === 'account_owner' || 'fallback' in rule) {
      return [];
    }
    if ('pool' in rule) {
      return typeof rule.pool === 'string' ? [{ name: rule.pool, path: [...at, 'pool'] }] : [];
    }
    return Object.entries(rule.owners).flatMap(([value, names]) =>
      isPool(names) ? [{ name: names.pool, path: [...at, 'owners', value, 'pool'] }] : [],
    );
  });
}

/**
 * What a schema cannot say about campaign and task.
 *
 * @param pools of handoff.yaml; null: that file is broken itself, and which it has nobody can say
 */
export function actsProblems(
  file: ConfigFile<unknown>,
  campaign: CampaignSpec,
  task: TaskSpec,
  pools: readonly string[] | null,
): ConfigProblem[] {
  const { timezone } = campaign;
  const zone =
    clockOf(timezone) === null
      ? [file.problem(['campaign', 'timezone'], timezone, 'an IANA time zone, such as Europe/Berlin')]
      : [];
  const unknown = namedPools(pools === null ? [] : task.owner).flatMap(({ name, path }) =>
    file.unknownName(path, name, pools ?? [], 'a pool of handoff.yaml'),
  );
  return [...zone, ...statusProblems(file, campaign), ...fallbackProblems(file, task), ...unknown];
}

function statusProblems(file: ConfigFile<unknown>, campaign: CampaignSpec): ConfigProblem[] {
  const labels = campaign.statuses.map(({ label }) => label);
  if (labels.length === 0) {
    return [];
  }
  const named = [
    { path: ['campaign', 'status'], label: campaign.status },
    ...Object.entries(campaign.statusByTier).map(([tier, label]) => ({
      path: ['campaign', 'status_by_tier', tier],
      label,
    })),
  ];
  const unknown = named.flatMap(({ path, label }) =>
    label === null || labels.includes(label)
      ? []
      : file.problem(
          path,
          label,
          `one of campaign.statuses: ${labels.join(', ')}${didYouMean(label, labels)}`,
        ),
  );
  return [...unknown, ...listProblems(file, campaign.statuses)];
}

/** What Salesforce asks of the member statuses of any campaign. */
function listProblems(file: ConfigFile<unknown>, statuses: readonly MemberStatus[]): ConfigProblem[] {
  const at = ['campaign', 'statuses'];
  const defaults = statuses.filter((status) => status.default).length;
  const two = defaults > 1 ? [file.problem(at, `${defaults} defaults`, 'one default')] : [];
  const none = statuses.some(({ responded }) => responded)
    ? []
    : [file.problem(at, 'no status that responded', 'at least one with responded: true')];
  return [...two, ...none];
}

function fallbackProblems(file: ConfigFile<unknown>, { owner }: TaskSpec): ConfigProblem[] {
  return owner
    .slice(0, -1)
    .flatMap((rule, i) =>
      typeof rule === 'object' && 'fallback' in rule
        ? [
            file.problem(
              ['task', 'owner', i],
              'a fallback with others after it',
              'a fallback at the end only',
            ),
          ]
        : [],
    );
}
