import { z } from 'zod';
import { clockOf } from '../../accounts/zone.ts';
import { CrmUnreachable } from '../../sync/crm.ts';
import type { HubspotApi } from './client.ts';
import { isPermanent } from './outcomes.ts';
import type { Reply } from './reply.ts';
import { describe } from './words.ts';

/** Whose token it is. */
export const detailsSchema = z.object({
  portalId: z.union([z.number(), z.string()]).transform(String),
  timeZone: z.string().optional(),
});

/** The cheapest call that proves the token; its time zone says when the daily limit starts anew. */
export async function readPortal(api: HubspotApi): Promise<{ portalId: string; timeZone: string }> {
  const { portalId, timeZone } = orUnreachable(
    await api.call(detailsSchema, api.paths.account()),
    'account details',
  );
  // HubSpot names zones by their older names too, such as US/Eastern: they are as good.
  return { portalId, timeZone: timeZone !== undefined && clockOf(timeZone) !== null ? timeZone : 'UTC' };
}

/** For calls outside the delivery loop, where there is no record to give an outcome. Throws `CrmUnreachable`. */
export function orUnreachable<T>(reply: Reply<T>, what: string): T {
  if (reply.ok) {
    return reply.data;
  }
  throw new CrmUnreachable(`HubSpot: ${what}: ${describe(reply.failure)}`, isPermanent(reply.failure));
}
