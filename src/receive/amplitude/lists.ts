import { createHash } from 'node:crypto';
import { cleanJson } from '../../events/clean-json.ts';
import { checkIds, firstId } from '../../events/ids.ts';
import type { JournalEntry } from '../../events/journal.ts';
import { refusal } from '../../events/refusal.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import type { Arrival } from '../arrival.ts';
import { quarantined } from '../quarantine.ts';
import { translateCohort } from './cohorts.ts';
import type { AmplitudeOptions } from './translate.ts';

/**
 * The list id of a cohort. It carries the cohort id, so that create is idempotent and needs no memory; the hash
 * tells our ids from made-up ones (it is no secret: the token guards the route).
 */
export function listIdOf(cohortId: string): string {
  return `lst_${Buffer.from(cohortId).toString('base64url')}.${checkOf(cohortId)}`;
}

/** The cohort id inside a list id; null for an id that we did not hand out. */
export function cohortOfList(listId: string): string | null {
  const [, encoded = '', check] = /^lst_([\w-]+)\.([0-9a-f]{12})$/.exec(listId) ?? [];
  const cohortId = Buffer.from(encoded, 'base64url').toString('utf8');
  return cohortId !== '' && checkOf(cohortId) === check ? cohortId : null;
}

/**
 * The cohort that a create call is about: an explicit id, else what follows the last ": " of the name
 * (Amplitude's default is `[Amplitude] <cohort name>: <cohort id>`), else the whole name. null: no usable name.
 */
export function cohortToList(body: unknown): string | null {
  const { cohort_id, cohortId, name } = isJsonObject(body) ? body : ({} as JsonObject);
  const fromName = typeof name === 'string' ? name.slice(name.lastIndexOf(': ') + 1).trim() : '';
  const id = firstId(cohort_id, cohortId, fromName, name);
  return id !== null && id.length <= LONGEST_IN_URL && checkIds({ id }) === null ? id : null;
}

/** Leaves room in a request line for the id, in base64, of a name in any script. */
const LONGEST_IN_URL = 500;

/**
 * An add or remove call. It has no message id and no time of its own: the time of receipt is both, so a repeat
 * is a second event that says the same. Two calls that overtake each other are applied as received.
 */
export function translateListCall(
  listId: string,
  operation: 'add' | 'remove',
  body: unknown,
  arrival: Arrival,
  options: AmplitudeOptions,
): JournalEntry[] {
  const cohortId = cohortOfList(listId);
  if (cohortId === null) {
    const why = refusal('unknown_list', 'The list id was not handed out here; create the list again.');
    return [quarantined(arrival, why, shown(body), null)];
  }
  if (!isJsonObject(body) || !Array.isArray(body.userIds)) {
    const why = refusal('no_membership', 'A list call needs userIds.');
    return [quarantined(arrival, why, shown(body), null)];
  }
  const message = {
    cohort_id: cohortId,
    in_cohort: operation === 'add',
    computed_time: arrival.receivedAt,
    message_id: `${listId}:${operation}:${arrival.receivedAt}`,
    users: body.userIds.map(asUser),
  };
  return translateCohort(message, arrival, options);
}

/** An item is what our tile's template makes of a user: the id alone, or an object that holds it. */
function asUser(item: Json): Json {
  return isJsonObject(item) ? { ...item, user_id: firstId(item.user_id, item.userId, item.id) } : item;
}

function shown(body: unknown): string {
  return JSON.stringify(cleanJson(body).value);
}

function checkOf(cohortId: string): string {
  return createHash('sha256').update(`amplitude list ${cohortId}`).digest('hex').slice(0, 12);
}
