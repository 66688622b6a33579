import { createHash } from 'node:crypto';
import { cleanJson } from '../events/clean-json.ts';
import type { ProductEvent } from '../events/event.ts';
import { ID_MAX_BYTES } from '../events/ids.ts';
import { readInstant } from '../events/instant.ts';
import type { JournalEntry } from '../events/journal.ts';
import { type Refusal, refusal } from '../events/refusal.ts';
import { isJsonObject, type Json, type JsonObject } from '../shared/json.ts';
import type { Result } from '../shared/result.ts';
import type { Arrival } from './arrival.ts';
import { quarantined } from './quarantine.ts';

/** One vendor's reading of one cleaned element. A message about many people gives many events. */
export interface Translator {
  translate(element: JsonObject): Result<ProductEvent[], Refusal>;
  /** The vendor's message id, if the element carries one. */
  messageId(element: JsonObject): string | null;
}

/** One element of a body -> the entries to journal. Never throws: what cannot be understood is quarantined (I9). */
export function translateElement(raw: unknown, arrival: Arrival, translator: Translator): JournalEntry[] {
  const { value, tooDeep } = cleanJson(raw);
  if (!isJsonObject(value)) {
    return [refuse(arrival, refusal('not_an_object', 'An event must be a JSON object.'), value, null)];
  }
  const id = translator.messageId(value);
  if (tooDeep) {
    return [refuse(arrival, refusal('too_deep', 'The element is nested too deeply.'), value, id)];
  }
  const events = attempt(() => translator.translate(value));
  return events.ok
    ? events.value.map((event) => ({ type: 'event', event }))
    : [refuse(arrival, events.error, value, id)];
}

/**
 * The id of an element that has none: its hash, so that a repeat is known again. What may be said again, word for
 * word, and mean something new (an SDK's call; a trait that returns to an older value; somebody back in a cohort)
 * gets the time of receipt in the hash if it has none of its own: then a repeat after a lost answer is a second
 * event.
 */
export function hashedId(
  element: Json,
  { receivedAt }: Arrival,
  times: readonly (Json | undefined)[],
  mayRecur: boolean,
): string {
  const isTimeless = mayRecur && times.every((time) => readInstant(time) === null);
  const text = JSON.stringify(isTimeless ? [element, receivedAt] : element);
  return createHash('sha256').update(text).digest('hex');
}

/** Whether an id was made by `hashedId`. Amplitude's client keys hold a colon, so none of them looks like one. */
export function isHashedId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** A fault of ours in one element must not refuse its whole batch again and again. */
function attempt(translate: () => Result<ProductEvent[], Refusal>): Result<ProductEvent[], Refusal> {
  try {
    return translate();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    return { ok: false, error: refusal('untranslatable', `The translation failed (${name}).`) };
  }
}

function refuse(arrival: Arrival, why: Refusal, element: Json, id: string | null): JournalEntry {
  const shownId = id !== null && id.length > ID_MAX_BYTES ? null : id;
  return quarantined(arrival, why, JSON.stringify(element), shownId);
}
