import { z } from 'zod';
import { MINUTE } from '../../shared/time.ts';
import type { HubspotApi } from './client.ts';
import { isRefusedRequest } from './outcomes.ts';
import type { Reply } from './reply.ts';

const propertySchema = z.object({
  hasUniqueValue: z.boolean().optional().catch(undefined),
  createdAt: z.coerce.date().optional().catch(undefined),
});

/** Since when (ms) the portal refuses a second record with the same value; null: it does not. */
export type UniqueSince = number | null;

/**
 * Whether a portal has one of our unique properties. Remembered for good once it does (HubSpot cannot take
 * uniqueness back), asked again after ten minutes while it does not.
 */
export class UniqueKey {
  private readonly object: 'contacts' | 'tasks';
  private readonly property: string;
  private known: { since: UniqueSince; askedAt: number } | null = null;

  constructor(object: 'contacts' | 'tasks', property: string) {
    this.object = object;
    this.property = property;
  }

  async since(api: HubspotApi): Promise<Reply<UniqueSince>> {
    const now = api.clock.now();
    if (this.known !== null && (this.known.since !== null || now - this.known.askedAt < 10 * MINUTE)) {
      return { ok: true, data: this.known.since };
    }
    const reply = await api.call(propertySchema, () =>
      api.client.crm.properties.coreApi.getByNameWithHttpInfo(this.object, this.property),
    );
    if (!reply.ok && !isRefusedRequest(reply.failure)) {
      return reply;
    }
    const since =
      reply.ok && reply.data.hasUniqueValue === true ? (reply.data.createdAt?.getTime() ?? 0) : null;
    this.known = { since, askedAt: now };
    return { ok: true, data: since };
  }
}
