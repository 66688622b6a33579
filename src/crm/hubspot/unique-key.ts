import { z } from 'zod';
import type { HubspotApi } from './client.ts';
import { isAbsent } from './outcomes.ts';
import type { Reply } from './reply.ts';

const propertySchema = z.object({
  name: z.string(),
  hasUniqueValue: z.boolean().optional().catch(undefined),
  createdAt: z.coerce.date().optional().catch(undefined),
});

/** Since when (ms) the portal refuses a second record with the same value; null: it does not. */
export type UniqueSince = number | null;

/**
 * Whether a portal has one of our unique properties. Remembered for good once it does: HubSpot cannot take
 * uniqueness back. Its absence is remembered for `absentMs`: tasks ask every time, because a task that is written
 * without its key after the property was made could not be found by it. For the same reason only a 404 means absent.
 */
export class UniqueKey {
  private readonly object: 'contacts' | 'tasks';
  private readonly property: string;
  private readonly absentMs: number;
  private known: { since: UniqueSince; askedAt: number } | null = null;

  constructor(object: 'contacts' | 'tasks', property: string, absentMs: number) {
    this.object = object;
    this.property = property;
    this.absentMs = absentMs;
  }

  async since(api: HubspotApi): Promise<Reply<UniqueSince>> {
    const now = api.clock.now();
    if (this.known !== null && (this.known.since !== null || now - this.known.askedAt < this.absentMs)) {
      return { ok: true, data: this.known.since };
    }
    const reply = await api.call(propertySchema, api.paths.property(this.object, this.property));
    if (!reply.ok && !isAbsent(reply.failure)) {
      return reply;
    }
    const since =
      reply.ok && reply.data.hasUniqueValue === true ? (reply.data.createdAt?.getTime() ?? 0) : null;
    this.known = { since, askedAt: now };
    return { ok: true, data: since };
  }
}
