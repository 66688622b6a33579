import { hash, timingSafeEqual } from 'node:crypto';
import { commaList } from './comma-list.ts';

/** Compares two codes that were worked out, such as signatures, in a time that tells nothing about them. Their length is no secret. */
export function sameCode(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Whether the secret, of any length, is one of several; looks at all of them, so that the time does not tell which. */
export function isOneOf(given: string, expected: readonly string[]): boolean {
  const own = digest(given);
  return expected.filter((one) => timingSafeEqual(own, digest(one))).length > 0;
}

/**
 * The secrets that a setting accepts: one, or the new and the old one separated by a comma while senders are moved from
 * the one to the other.
 */
export function secretsOf(setting: string): string[] {
  return commaList(setting);
}

export function isOneOfSecrets(given: string, setting: string): boolean {
  return isOneOf(given, secretsOf(setting));
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
