import { eventTime } from '../../events/clock-rules.ts';
import type { EventKind, ProductEvent, TraitChange } from '../../events/event.ts';
import { checkIds, firstId } from '../../events/ids.ts';
import type { JournalEntry } from '../../events/journal.ts';
import { type Refusal, refusal } from '../../events/refusal.ts';
import { cleanText, isDamaged } from '../../events/text.ts';
import { traitChanges } from '../../events/trait-names.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import type { Arrival } from '../arrival.ts';
import { type Ids, newEvent, type Statement, statement } from '../new-event.ts';
import { objectOf } from '../paths.ts';
import { signUpTraits } from '../sign-up.ts';
import { hashedId, translateElement } from '../translation.ts';
import { accountOf, accountOperations } from './accounts.ts';
import { refuseJunk } from './junk-ids.ts';
import { readOperations } from './operations.ts';

export interface AmplitudeOptions {
  /** The group type that stands for accounts. */
  groupType: string;
}

/** One event or user of Amplitude's: Export shape (streaming), HTTP V2 shape (SDKs) or a user message. */
export function translateAmplitude(
  raw: unknown,
  arrival: Arrival,
  options: AmplitudeOptions,
): JournalEntry[] {
  const entries = translateElement(raw, arrival, {
    messageId: messageIdOf,
    translate: (element) => amplitudeEvents(element, arrival, options),
  });
  const twin = twinOf(raw);
  return twin === null
    ? entries
    : entries.map((entry) => (entry.type === 'event' ? { ...entry, twin } : entry));
}

/** The id that a streamed event has when an SDK sends it here; one that no SDK's event could have here is none. */
function twinOf(raw: unknown): string | null {
  const twin = isJsonObject(raw) && firstId(raw.uuid) !== null ? clientKey(raw) : null;
  return twin === null || isDamaged(cleanText(twin)) ? null : twin;
}

/** The row's `uuid`, else the client's key. */
export function messageIdOf(element: JsonObject): string | null {
  return firstId(element.uuid) ?? clientKey(element);
}

/**
 * The client's key, which is unique per device only. An event has it on every route, where only a streamed one has
 * a `uuid`: sent here by an SDK and streamed by Amplitude as well, an event counts once by it (I2).
 */
function clientKey(element: JsonObject): string | null {
  const inserted = firstId(element.$insert_id, element.insert_id);
  const owner = firstId(element.device_id, element.user_id);
  return inserted === null ? null : `${inserted}:${owner ?? ''}`;
}

function amplitudeEvents(
  element: JsonObject,
  arrival: Arrival,
  { groupType }: AmplitudeOptions,
): Result<ProductEvent[], Refusal> {
  const kind = kindOf(element);
  if (kind === null) {
    return err(refusal('unknown_type', 'The element has neither an event type nor user properties.'));
  }
  const read = readStatement(element, kind, groupType);
  const times = timesOf(element);
  const id = messageIdOf(element) ?? hashedId(element, arrival, times, arrival.direct || kind !== 'track');
  const problem =
    refuseJunk(read.ids.userId, read.ids.anonymousId) ??
    missing(kind, read.ids) ??
    checkIds({ ...read.ids, messageId: id });
  if (problem !== null) {
    return err(problem);
  }
  const at = eventTime(times, arrival);
  return at.ok ? ok([newEvent(arrival, id, at.value, read.ids, read.said)]) : at;
}

function timesOf(element: JsonObject): (Json | undefined)[] {
  const { event_time, created_at, time, client_event_time, server_received_time } = element;
  return [event_time, created_at, time, client_event_time, server_received_time];
}

/** A message without a name that has user properties is about a user. Amplitude's own `$exposure` is an event. */
function kindOf(element: JsonObject): EventKind | null {
  const name = nameOf(element);
  switch (name) {
    case '$identify':
      return 'identify';
    case '$groupidentify':
      return 'group';
    case null:
      return isJsonObject(element.user_properties) ? 'identify' : null;
    default:
      return 'track';
  }
}

function nameOf(element: JsonObject): string | null {
  return firstId(element.event_type, element.event_name);
}

function readStatement(
  element: JsonObject,
  kind: EventKind,
  groupType: string,
): { ids: Ids; said: Statement } {
  const isGroup = kind === 'group';
  const user = readOperations('person', isGroup ? undefined : element.user_properties);
  const account = accountOf(element, groupType, user.changes);
  const group = accountOperations(element, account);
  const ids: Ids = {
    userId: isGroup ? null : firstId(element.user_id),
    anonymousId: isGroup ? null : firstId(element.device_id),
    previousId: null,
    accountId: account.accountId,
  };
  const name = kind === 'track' ? nameOf(element) : null;
  const own = objectOf(element.event_properties);
  const said = statement({
    kind,
    name,
    properties: {
      ...own,
      ...(isEmpty(user.ignored) ? {} : { $ignored_operations: user.ignored }),
      ...(isEmpty(group.ignored) ? {} : { $ignored_group_operations: group.ignored }),
    },
    personTraits: [...signUpChanges(name, own, user.changes), ...user.changes],
    accountTraits: group.changes,
    declared: kind !== 'track',
  });
  return { ids, said };
}

/** What a sign-up says of its person, as far as the user properties do not. */
function signUpChanges(
  name: string | null,
  properties: JsonObject,
  known: readonly TraitChange[],
): TraitChange[] {
  const names = new Set(known.map((change) => change.name));
  return traitChanges('person', signUpTraits(name ?? '', properties)).filter(({ name }) => !names.has(name));
}

function missing(kind: EventKind, { userId, anonymousId, accountId }: Ids): Refusal | null {
  if (kind === 'group' && accountId === null) {
    return refusal(
      'no_group',
      'The group identify names no account of the configured group type, or several.',
    );
  }
  return userId === null && anonymousId === null && accountId === null
    ? refusal('no_ids', 'The event has neither a user id, a device id nor an account id.')
    : null;
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}
