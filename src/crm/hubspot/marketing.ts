import { z } from 'zod';
import { HOUR } from '../../shared/time.ts';
import type { Finding, SchemaProblem } from '../../sync/crm.ts';
import { green, red } from '../findings.ts';
import type { HubspotApi } from './client.ts';
import { isAbsent, isRefusedRequest, remedyOfConnection } from './outcomes.ts';
import { orUnreachable } from './portal.ts';
import type { Reply } from './reply.ts';
import { describe } from './words.ts';

const campaignSchema = z.object({
  id: z.coerce.string(),
  properties: z.object({ hs_name: z.string().nullish() }).catch({}),
});
const campaignsSchema = z.object({ results: z.array(campaignSchema) });
const anything = z.unknown();

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * The marketing campaign that lists are attached to. A portal has campaigns with Marketing Hub Professional and above;
 * whatever goes wrong here, people join the list all the same, and it is said once an hour at most.
 */
export class MarketingCampaign {
  private readonly api: HubspotApi;
  /** Id or name; null: none is wanted. */
  private readonly wanted: string | null;
  /** When a list was last attached, or could not be, by list id. */
  private readonly tried = new Map<string, { attached: boolean; at: number }>();

  constructor(api: HubspotApi, wanted: string | null) {
    this.api = api;
    this.wanted = wanted;
  }

  /** Attaches a list; a repeat is harmless. Gives what there is to say, in words; null: nothing. */
  async attach(listId: string): Promise<string | null> {
    const before = this.tried.get(listId);
    const now = this.api.clock.now();
    if (this.wanted === null || (before !== undefined && (before.attached || now - before.at < HOUR))) {
      return null;
    }
    const found = await this.find(this.wanted);
    const reply = found.ok && found.data !== null ? await this.put(found.data, listId) : found;
    const attached = reply.ok && reply.data !== null;
    this.tried.set(listId, { attached, at: now });
    if (attached) {
      return null;
    }
    const why = reply.ok ? 'the portal has none of that name' : describe(reply.failure);
    return `the list is not attached to the marketing campaign "${this.wanted}": ${why}`;
  }

  /** A campaign that the portal does not have is a mistake of the mapping; that it may have none is not. */
  async check(): Promise<SchemaProblem[]> {
    if (this.wanted === null) {
      return [];
    }
    const found = await this.find(this.wanted);
    if (!found.ok && isRefusedRequest(found.failure)) {
      return [];
    }
    return orUnreachable(found, 'marketing campaigns') === null
      ? [{ object: 'campaign', field: 'marketing_campaign', problem: this.absent(), remedy: ANOTHER }]
      : [];
  }

  /** For the doctor: one line, or none. */
  async examine(): Promise<Finding[]> {
    if (this.wanted === null) {
      return [];
    }
    const check = `marketing campaign ${this.wanted}`;
    const found = await this.find(this.wanted);
    if (!found.ok) {
      return [red(check, describe(found.failure), remedyOfConnection(found.failure))];
    }
    return [found.data === null ? red(check, this.absent(), ANOTHER) : green(check, found.data)];
  }

  private absent(): string {
    return `the portal has no marketing campaign "${this.wanted}"`;
  }

  private async find(wanted: string): Promise<Reply<string | null>> {
    if (GUID.test(wanted)) {
      const reply = await this.api.call(campaignSchema, this.api.paths.campaign(wanted));
      return reply.ok ? { ok: true, data: reply.data.id } : isAbsent(reply.failure) ? NONE : reply;
    }
    const reply = await this.api.call(campaignsSchema, this.api.paths.campaignsNamed(wanted));
    if (!reply.ok) {
      return reply;
    }
    const same = reply.data.results.find(
      ({ properties }) => properties.hs_name?.toLowerCase() === wanted.toLowerCase(),
    );
    return { ok: true, data: same?.id ?? null };
  }

  private put(campaign: string, listId: string): Promise<Reply<unknown>> {
    return this.api.call(anything, this.api.paths.attachList(campaign, listId));
  }
}

const NONE: Reply<null> = { ok: true, data: null };
const ANOTHER = 'the name or the id of a marketing campaign, or no such line';
