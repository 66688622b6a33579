import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { parseJson } from '../json-text.ts';

/**
 * Segment's Webhook Audiences ask two things before they send members: that an audience be created
 * (`{"audienceName": …}`) and whether it is there (`{"externalId": …}`). Both want an `externalId` back, carry
 * neither a signature nor a header of the customer's, and may carry further keys of the customer's.
 *
 * There is nothing to create here: members say themselves which audience they are in. So the answer depends on the
 * question alone, stores nothing and tells nothing, and may be given to anybody. null: the body is something else.
 */
export function audienceSetup(body: Buffer): JsonObject | null {
  const parsed = parseJson(body);
  const asked = parsed.ok ? (parsed.value as Json) : null;
  if (!isJsonObject(asked) || 'type' in asked || 'batch' in asked) {
    return null;
  }
  const { audienceName, externalId } = asked;
  if (typeof audienceName === 'string' && audienceName !== '') {
    return { externalId: `audience-${createHash('sha256').update(audienceName).digest('hex').slice(0, 24)}` };
  }
  return typeof externalId === 'string' && /^audience-[0-9a-f]{24}$/.test(externalId) ? { externalId } : null;
}
