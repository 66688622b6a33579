import { createHmac } from 'node:crypto';
import { sameCode, secretsOf } from '../../shared/secrets.ts';
import { MINUTE } from '../../shared/time.ts';

/** How far (ms) a request's time may lie from ours, in both directions. */
export const STAMP_MAX = 5 * MINUTE;

export interface Signed {
  /** Seconds, as the header has it. */
  stamp: string | undefined;
  /** `v0=` and 64 hex digits. */
  signature: string | undefined;
}

/** Whether there is something to compare, and its time is near enough: without it nobody needs the body. */
export function looksSigned({ stamp, signature }: Signed, now: number): boolean {
  return (
    stamp !== undefined &&
    /^\d{1,12}$/.test(stamp) &&
    Math.abs(Number(stamp) * 1000 - now) <= STAMP_MAX &&
    signature !== undefined &&
    /^v0=[0-9a-f]{64}$/.test(signature)
  );
}

/**
 * Checks Slack's request signature: HMAC-SHA256 of `v0:`, the stamp, `:` and the raw body. `secret` may hold several, separated by
 * commas.
 *
 * Limit: a request that was caught is the same one for five minutes; who answers it remembers signatures for that long.
 */
export function isSignedBySlack(body: Buffer, signed: Signed, secret: string, now: number): boolean {
  if (!looksSigned(signed, now)) {
    return false;
  }
  const given = Buffer.from(signed.signature?.slice(3) ?? '', 'hex');
  return secretsOf(secret).filter((one) => sameCode(given, hmac(body, signed.stamp ?? '', one))).length > 0;
}

function hmac(body: Buffer, stamp: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`v0:${stamp}:`).update(body).digest();
}
