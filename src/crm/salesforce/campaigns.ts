import type { MemberStatus } from '../../decide/acts-schema.ts';
import { HOUR, isoDate } from '../../shared/time.ts';
import type { SetupStep } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { failureOf } from './failure.ts';
import { orHidden } from './hidden.ts';
import { isThereAlready } from './outcomes.ts';
import { literal, query } from './soql.ts';

/** What a campaign has that we make, beside its name. */
export interface CampaignSettings {
  type: string | null;
  /** Lowest first. */
  statuses: readonly MemberStatus[];
  /** Real time, ms. */
  now: () => number;
}

/** Campaigns by name, with the member statuses that they need; remembered for an hour. */
export class Campaigns {
  readonly settings: CampaignSettings;
  private readonly client: SalesforceClient;
  private readonly known = new Map<string, { id: string; labels: Set<string> | null; at: number }>();

  constructor(client: SalesforceClient, settings: CampaignSettings) {
    this.client = client;
    this.settings = settings;
  }

  /** The campaign of that name, made when there is none, with the statuses of the mapping and these. */
  async ready(name: string, statuses: readonly string[]): Promise<string> {
    const now = this.settings.now();
    const before = this.known.get(name);
    const held = before !== undefined && Math.abs(now - before.at) < HOUR ? before : null;
    if (held !== null && statuses.every((label) => held.labels?.has(label.toLowerCase()) ?? true)) {
      return held.id;
    }
    const id = held?.id ?? (await campaignId(this.client, name, this.settings));
    const labels = await makeStatuses(this.client, id, [...this.settings.statuses, ...statuses.map(plain)]);
    this.known.set(name, { id, labels, at: now });
    return id;
  }

  /** What there is of the campaign; with `apply` the rest is made. */
  async setUp(name: string, apply: boolean): Promise<SetupStep> {
    const what = `campaign ${name}`;
    const [id] = await findCampaigns(this.client, name);
    const lacking = id === undefined ? [] : await this.lacking(id);
    if (id !== undefined && lacking.length === 0) {
      return { what, state: 'present', detail: '' };
    }
    const detail = id === undefined ? 'would be created' : `would get the statuses ${lacking.join(', ')}`;
    if (!apply) {
      return { what, state: 'missing', detail };
    }
    this.forget(name);
    await this.ready(name, []);
    return { what, state: id === undefined ? 'created' : 'changed', detail: lacking.join(', ') };
  }

  private async lacking(id: string): Promise<string[]> {
    const rows = await statusesOf(this.client, id);
    const labels = rows === null ? null : labelsOf(rows);
    return this.settings.statuses
      .map(({ label }) => label)
      .filter((label) => labels?.has(label.toLowerCase()) === false);
  }

  /** Forgets an id that has led nowhere. */
  forget(name: string): void {
    this.known.delete(name);
  }
}

function plain(label: string): MemberStatus {
  return { label, responded: false, default: false };
}

/** The oldest campaign of that name; made, active, when there is none. */
async function campaignId(
  client: SalesforceClient,
  name: string,
  { type, now }: CampaignSettings,
): Promise<string> {
  const [found] = await findCampaigns(client, name);
  if (found !== undefined) {
    return found;
  }
  const made = await client.request<{ id: string }>('POST', '/sobjects/Campaign', {
    Name: name,
    IsActive: true,
    StartDate: isoDate(now()),
    ...(type === null ? {} : { Type: type }),
  });
  return (await findCampaigns(client, name))[0] ?? made.id;
}

export async function findCampaigns(client: SalesforceClient, name: string): Promise<string[]> {
  const rows = await query<{ Id: string }>(
    client,
    `SELECT Id FROM Campaign WHERE Name = ${literal(name)} ORDER BY CreatedDate, Id LIMIT 2`,
  );
  return rows.map((row) => row.Id);
}

export async function campaignExists(client: SalesforceClient, id: string): Promise<boolean> {
  return (await query(client, `SELECT Id FROM Campaign WHERE Id = ${literal(id)}`)).length > 0;
}

interface StatusRow {
  Label: string;
  SortOrder: number | null;
}

/**
 * A status that the campaign lacks is refused or silently replaced, by the org's settings: it is made first. Those that
 * are there stay as they are. Gives the labels that are known to be there, in lower case; null: nobody lets us see them.
 */
async function makeStatuses(
  client: SalesforceClient,
  campaign: string,
  wanted: readonly MemberStatus[],
): Promise<Set<string> | null> {
  if (wanted.length === 0) {
    return new Set();
  }
  const there = await statusesOf(client, campaign);
  if (there === null) {
    return null;
  }
  const labels = labelsOf(there);
  let last = Math.max(0, ...there.map(({ SortOrder }) => SortOrder ?? 0));
  for (const status of wanted) {
    if (!labels.has(status.label.toLowerCase())) {
      last += 1;
      await makeStatus(client, campaign, status, last);
      labels.add(status.label.toLowerCase());
    }
  }
  return labels;
}

function labelsOf(rows: readonly StatusRow[]): Set<string> {
  return new Set(rows.map(({ Label }) => Label.toLowerCase()));
}

/** Somebody else may have made it since we looked. */
async function makeStatus(
  client: SalesforceClient,
  campaign: string,
  { label, responded, default: isDefault }: MemberStatus,
  order: number,
): Promise<void> {
  try {
    await client.request('POST', '/sobjects/CampaignMemberStatus', {
      CampaignId: campaign,
      Label: label,
      SortOrder: order,
      ...(responded ? { HasResponded: true } : {}),
      ...(isDefault ? { IsDefault: true } : {}),
    });
  } catch (error) {
    if (!isThereAlready(failureOf(error))) {
      throw error;
    }
  }
}

/** null: the integration user may not read them; then the write itself shows whether the status will do. */
function statusesOf(client: SalesforceClient, campaign: string): Promise<StatusRow[] | null> {
  const soql = `SELECT Label, SortOrder FROM CampaignMemberStatus WHERE CampaignId = ${literal(campaign)}`;
  return orHidden<StatusRow[] | null>(query<StatusRow>(client, soql), null);
}
