import type { Json } from '../shared/json.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { DAY, MINUTE } from '../shared/time.ts';
import { readInstant } from './instant.ts';
import { type Refusal, refusal } from './refusal.ts';

/** How far back the journal reaches unless configured, in days. */
export const HORIZON_DAYS = 400;

const YEAR_2000 = Date.UTC(2000, 0, 1);

/** Amplitude leaves times alone when the clocks differ by less than this; so do we. */
const SKEW_IGNORED = MINUTE;

/** What the rules need to know about the arrival of an event. Milliseconds. */
export interface ArrivalTimes {
  receivedAt: number;
  /** Events older than this many days before their receipt are refused. */
  horizonDays: number;
  /** How far the sender's clock is behind ours; 0 when the times were corrected before. */
  skew: number;
}

/**
 * When an event happened (decision 5): the first readable candidate, else its receipt. Refused: before the
 * year 2000, more than 24 hours ahead of receipt, or older than the journal reaches (there a repeat could no longer be
 * told from a new event, I2). Up to 24 hours ahead counts as the time of receipt.
 */
export function eventTime(
  candidates: readonly (Json | undefined)[],
  { receivedAt, horizonDays, skew }: ArrivalTimes,
): Result<number, Refusal> {
  const said = firstReadable(candidates);
  const at = said === null ? receivedAt : said + skew;
  if (at < YEAR_2000) {
    return err(refusal('before_2000', 'The event time lies before the year 2000.'));
  }
  if (at > receivedAt + DAY) {
    return err(refusal('from_the_future', 'The event time lies more than 24 hours after its receipt.'));
  }
  if (at < receivedAt - horizonDays * DAY) {
    return err(refusal('too_old', `The event is older than the ${horizonDays} days that the journal keeps.`));
  }
  return ok(Math.min(at, receivedAt));
}

/**
 * How far a sender's clock is behind ours, from the time it says it sent the request. Both vendors correct
 * the times of their SDKs in this way; differences below a minute are the network's and count as none.
 */
export function clockSkew(sentAt: Json | undefined, receivedAt: number): number {
  const sent = readInstant(sentAt);
  if (sent === null || Math.abs(receivedAt - sent) < SKEW_IGNORED) {
    return 0;
  }
  return receivedAt - sent;
}

function firstReadable(candidates: readonly (Json | undefined)[]): number | null {
  for (const candidate of candidates) {
    const at = readInstant(candidate);
    if (at !== null) {
      return at;
    }
  }
  return null;
}
