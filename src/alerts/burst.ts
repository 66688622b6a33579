import { HOUR, SECOND } from '../shared/time.ts';

/** How many messages about new accounts a channel gets. Pure. */

export interface BurstRules {
  /** From so many new accounts on within so much time (ms) one message tells of all. */
  rollUp: { from: number; within: number };
  /** Messages an hour. */
  perHour: number;
}

/** A message about new accounts that a channel has got. Business time, ms. */
export interface Sent {
  at: number;
  /** It told of several accounts. */
  rollUp: boolean;
}

export type Turn =
  /** Each by itself. */
  | { kind: 'singly' }
  /** One message for all that wait. */
  | { kind: 'together' }
  /** Not yet: look again in so many milliseconds. */
  | { kind: 'wait'; ms: number };

/** What comes within so much time (ms) of the first that must wait goes into one message. */
export const GATHER = 10 * SECOND;

/** Waiting is looked at again at least so often (ms). */
const LOOK = 15 * SECOND;

/**
 * What becomes of crossings that wait for one channel. Many at once, or more than the hour allows, go together: the first time
 * after a few seconds in which others may join, then once in each window, so that nobody waits for longer than that.
 *
 * @param waiting instants (ms) at which they crossed
 */
export function turnOf(
  waiting: readonly number[],
  sent: readonly Sent[],
  { rollUp, perHour }: BurstRules,
  now: number,
): Turn {
  const isWithin = (span: number) => sent.filter(({ at }) => at > now - span && at <= now);
  const lately = isWithin(rollUp.within);
  const isBurst = lately.length + waiting.length >= rollUp.from;
  const isOverBudget = isWithin(HOUR).length + waiting.length > perHour;
  if (!isBurst && !isOverBudget) {
    return { kind: 'singly' };
  }
  const last = lately.filter((one) => one.rollUp).reduce((at, one) => Math.max(at, one.at), 0);
  const oldest = waiting.reduce((at, one) => Math.min(at, one), now);
  const from = Math.max(last === 0 ? 0 : last + rollUp.within, oldest + GATHER);
  return from <= now ? { kind: 'together' } : { kind: 'wait', ms: Math.min(LOOK, from - now) };
}

/** What a channel got before this instant (ms) counts no more. */
export function countsFrom({ rollUp }: BurstRules, now: number): number {
  return now - Math.max(HOUR, rollUp.within);
}
