import { eventTime } from '../../events/clock-rules.ts';
import type { ProductEvent } from '../../events/event.ts';
import type { JournalEntry } from '../../events/journal.ts';
import { type Refusal, refusal } from '../../events/refusal.ts';
import type { JsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import type { Arrival } from '../arrival.ts';
import { newEvent, statement } from '../new-event.ts';
import { hashedId, translateElement } from '../translation.ts';
import { kindOf, readCall } from './calls.ts';
import { idsOf, messageIdOf } from './ids.ts';
import { readPersonas } from './personas.ts';

export interface SegmentOptions {
  /** Further places of the account id, dotted, e.g. `properties.workspace_id`. */
  accountPaths: readonly string[];
}

/** One element of the Segment family (Segment, RudderStack, Destination Functions) -> what to journal. */
export function translateSegment(raw: unknown, arrival: Arrival, options: SegmentOptions): JournalEntry[] {
  return translateElement(raw, arrival, {
    messageId: messageIdOf,
    translate: (element) => segmentEvents(element, arrival, options),
  });
}

function segmentEvents(
  element: JsonObject,
  arrival: Arrival,
  { accountPaths }: SegmentOptions,
): Result<ProductEvent[], Refusal> {
  const kind = kindOf(element);
  if (kind === null) {
    return err(unreadable(element));
  }
  const id = messageIdOf(element) ?? hashedId(element, arrival, [element.timestamp], arrival.direct);
  const ids = idsOf(element, kind, id, accountPaths);
  if (!ids.ok) {
    return ids;
  }
  const at = eventTime([element.timestamp, element.originalTimestamp, element.receivedAt], arrival);
  if (!at.ok) {
    return at;
  }
  const read =
    readPersonas(element, kind, ids.value.accountId) ?? readCall(element, kind, ids.value.accountId);
  if (!read.ok) {
    return read;
  }
  const { said, riding } = read.value;
  const event = newEvent(arrival, id, at.value, ids.value, said, riding);
  if (riding.length === 0 || (event.userId === null && event.anonymousId === null)) {
    return ok([event]);
  }
  const snapshot = statement({ kind: 'identify', personTraits: riding });
  return ok([event, newEvent(arrival, `${id}:person`, at.value, ids.value, snapshot)]);
}

/** Extensible Webhook sends forms inside a JSON batch as `{"body": "a=1&b=2"}`. */
function unreadable(element: JsonObject): Refusal {
  if (Object.keys(element).length === 1 && typeof element.body === 'string') {
    return refusal('form_encoded', 'The element is a form; choose JSON as the content type in Segment.');
  }
  return refusal('unknown_type', 'The element has no call type that the Segment spec knows.');
}
