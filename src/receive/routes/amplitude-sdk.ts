import type { JournalEntry } from '../../events/journal.ts';
import { isJsonObject, type JsonObject } from '../../shared/json.ts';
import { isOneOf } from '../../shared/secrets.ts';
import { holdsTooManyValues } from '../amplitude/size.ts';
import { translateAmplitude } from '../amplitude/translate.ts';
import { readBody } from '../http/read-body.ts';
import { type Reply, refused, routeOff, tooManyElements } from '../http/reply.ts';
import { ELEMENTS_MAX } from '../http/room.ts';
import type { Handler } from '../http/serve.ts';
import { acknowledge, type Visit } from '../intake.ts';
import { parseJson } from '../json-text.ts';
import { isHashedId } from '../translation.ts';

export const SDK_AMPLITUDE = 'sdk.amplitude';

const HTTPAPI_CAP = 4 * 1024 * 1024;
const BATCH_CAP = 20 * 1024 * 1024;

export const receiveHttpApi = receiver(HTTPAPI_CAP);
export const receiveBatch = receiver(BATCH_CAP);

/** Amplitude's HTTP V2 and Batch APIs. An event that we cannot read is quarantined; the others count (I9). */
function receiver(cap: number): Handler {
  return async (request, intake) => {
    const { amplitudeApiKeys } = intake.config;
    if (amplitudeApiKeys.length === 0) {
      return routeOff();
    }
    const body = await readBody(request, cap, intake.held);
    if (!body.ok) {
      return body.error;
    }
    if (holdsTooManyValues(body.value)) {
      return tooManyElements();
    }
    const parsed = parseJson(body.value);
    if (!parsed.ok || !isJsonObject(parsed.value)) {
      return refused(400, 'bad_json', 'Invalid JSON request body');
    }
    const { api_key: key, events } = parsed.value;
    if (typeof key !== 'string' || key === '') {
      return missingField('api_key');
    }
    if (!isOneOf(key, amplitudeApiKeys)) {
      return refused(400, 'invalid_api_key', 'Invalid API key');
    }
    return Array.isArray(events)
      ? journalEvents(intake, events, parsed.value, body.value.length)
      : missingField('events');
  };
}

function journalEvents(
  intake: Visit,
  events: unknown[],
  { client_upload_time: sentAt }: JsonObject,
  bytes: number,
): Promise<Reply> | Reply {
  if (events.length > ELEMENTS_MAX) {
    return tooManyElements();
  }
  const arrival = intake.directArrival('amplitude', SDK_AMPLITUDE, sentAt);
  const entries = tellTwinsApart(
    events.flatMap((event) => translateAmplitude(event, arrival, intake.amplitude)),
  );
  return acknowledge(intake, SDK_AMPLITUDE, entries, (ingested) => ({
    code: 200,
    events_ingested: ingested,
    payload_size_bytes: bytes,
    server_upload_time: arrival.receivedAt,
  }));
}

/**
 * Events without an insert id are known by their hash. Equal ones in one upload are several events (Amplitude
 * counts each), so they are numbered; the repeat of an upload numbers them alike.
 */
function tellTwinsApart(entries: JournalEntry[]): JournalEntry[] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    if (entry.type !== 'event' || !isHashedId(entry.event.id)) {
      return entry;
    }
    const { event } = entry;
    const nth = (seen.get(event.id) ?? 0) + 1;
    seen.set(event.id, nth);
    return nth === 1 ? entry : { type: 'event', event: { ...event, id: `${event.id}#${nth}` } };
  });
}

function missingField(name: string): Reply {
  const reply = refused(400, 'missing_field', 'Request missing required field');
  return { ...reply, body: { ...reply.body, missing_field: name } };
}

/**
 * Amplitude's SDKs decide by the `code` of the body, not by the HTTP status: an error without one would be taken
 * for a failure to retry, and a 200 with another form too.
 */
export function inAmplitudesForm(reply: Reply): Reply {
  const { error, missing_field } = reply.body;
  if (!isJsonObject(error)) {
    return reply;
  }
  const body: JsonObject = { code: reply.status, error: error.message ?? '' };
  return { ...reply, body: missing_field === undefined ? body : { ...body, missing_field } };
}
