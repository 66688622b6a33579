import { withoutCredentials } from '../events/credentials.ts';
import type { JournalEntry } from '../events/journal.ts';
import type { Refusal } from '../events/refusal.ts';
import { cleanText } from '../events/text.ts';
import type { Arrival } from './arrival.ts';

const RAW_MAX_BYTES = 65_536;

/** What could not become an event, kept with the reason. `raw` is the element, or text that could not be parsed. */
export function quarantined(
  arrival: Arrival,
  refusal: Refusal,
  raw: string,
  id: string | null,
): JournalEntry {
  return {
    type: 'quarantine',
    quarantined: {
      vendor: arrival.vendor,
      route: arrival.route,
      code: refusal.code,
      reason: refusal.reason,
      raw: cut(withoutCredentials(cut(cleanText(raw)))),
      id,
      receivedAt: arrival.receivedAt,
    },
  };
}

function cut(text: string): string {
  if (text.length * 3 <= RAW_MAX_BYTES || Buffer.byteLength(text) <= RAW_MAX_BYTES) {
    return text;
  }
  // A character cut in half decodes to U+FFFD, three bytes: leave room for it.
  return Buffer.from(text)
    .subarray(0, RAW_MAX_BYTES - 3)
    .toString('utf8');
}
