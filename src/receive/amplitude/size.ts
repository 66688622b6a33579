import { isJsonObject } from '../../shared/json.ts';
import { ELEMENTS_MAX } from '../http/room.ts';

/** Values of a body, for each element that it may hold: Amplitude sends at most 50 properties of a user. */
const VALUES_EACH = 64;

/**
 * Whether a body holds more values than any that Amplitude sends. Asked before it is parsed: 32 MB of empty objects would take
 * 700 MB of memory and seconds. Counts commas, those inside texts too.
 */
export function holdsTooManyValues(body: Buffer): boolean {
  let left = VALUES_EACH * ELEMENTS_MAX;
  for (let at = body.indexOf(','); at >= 0 && left > 0; at = body.indexOf(',', at + 1)) {
    left -= 1;
  }
  return left === 0;
}

/** Whether cohort messages have too many users for one request; one without any counts as one. */
export function areTooMany(messages: readonly unknown[]): boolean {
  const users = (message: unknown) =>
    isJsonObject(message) && Array.isArray(message.users) ? message.users.length : 0;
  return messages.reduce<number>((sum, message) => sum + Math.max(1, users(message)), 0) > ELEMENTS_MAX;
}
