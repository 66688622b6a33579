import { type RefusalCode, refusal } from '../events/refusal.ts';
import type { Arrival } from './arrival.ts';
import { type Reply, refused } from './http/reply.ts';
import { acknowledge, type Visit } from './intake.ts';
import { quarantined } from './quarantine.ts';

/**
 * 400 for the body of a sender who may send, once it is kept with its reason: the sender throws the events away then,
 * and the quarantine is where an operator finds out. While it cannot be kept the sender is asked to come again (I1).
 * Not for strangers: they could fill the database.
 */
export async function refuseUnreadable(
  intake: Visit,
  arrival: Arrival,
  body: Buffer,
  code: RefusalCode,
  message: string,
): Promise<Reply> {
  const entry = quarantined(arrival, refusal(code, message), body.toString('utf8'), null);
  const kept = await acknowledge(intake, arrival.route, [entry]);
  return kept.status === 200 ? refused(400, code, message) : kept;
}
