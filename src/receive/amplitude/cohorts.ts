import { eventTime } from '../../events/clock-rules.ts';
import type { ProductEvent } from '../../events/event.ts';
import { checkIds, firstId, readId } from '../../events/ids.ts';
import type { JournalEntry } from '../../events/journal.ts';
import { type Refusal, refusal } from '../../events/refusal.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import type { Arrival } from '../arrival.ts';
import { readFlag } from '../flag.ts';
import { newEvent, statement } from '../new-event.ts';
import { quarantined } from '../quarantine.ts';
import { hashedId, translateElement } from '../translation.ts';
import { accountOf } from './accounts.ts';
import { refuseJunk } from './junk-ids.ts';
import { readOperations } from './operations.ts';
import type { AmplitudeOptions } from './translate.ts';

/** What a cohort message says of all its users. */
interface Membership {
  cohortId: string;
  isIn: boolean;
  at: number;
  messageId: string;
  properties: JsonObject;
}

/**
 * One cohort message: its users have entered, or have left. One event per user, at the cohort's computation
 * time, so that the last computation wins however messages are reordered. A user without a usable id is
 * quarantined alone (I9).
 */
export function translateCohort(raw: unknown, arrival: Arrival, options: AmplitudeOptions): JournalEntry[] {
  const refused: JournalEntry[] = [];
  const entries = translateElement(raw, arrival, {
    messageId: (message) => firstId(message.message_id),
    translate: (message) => {
      const membership = readMembership(message, arrival);
      if (!membership.ok) {
        return membership;
      }
      const events: ProductEvent[] = [];
      for (const user of message.users as Json[]) {
        const event = memberEvent(user, membership.value, arrival, options);
        if (event.ok) {
          events.push(event.value);
        } else {
          refused.push(quarantined(arrival, event.error, JSON.stringify(user), membership.value.messageId));
        }
      }
      return ok(events);
    },
  });
  return [...entries, ...refused];
}

function readMembership(message: JsonObject, arrival: Arrival): Result<Membership, Refusal> {
  const cohortId = firstId(message.cohort_id);
  const isIn = readFlag(message.in_cohort);
  if (cohortId === null || isIn === null || !Array.isArray(message.users)) {
    return err(refusal('no_membership', 'A cohort message needs cohort_id, in_cohort and users.'));
  }
  const messageId = firstId(message.message_id) ?? hashedId(message, arrival, [message.computed_time], true);
  const problem = checkIds({ cohortId, messageId });
  const at = eventTime([message.computed_time], arrival);
  if (problem !== null) {
    return err(problem);
  }
  const name = message.cohort_name;
  const properties = {
    cohort_id: cohortId,
    in_cohort: isIn,
    ...(name === undefined ? {} : { cohort_name: name }),
  };
  return at.ok ? ok({ cohortId, isIn, at: at.value, messageId, properties }) : at;
}

function memberEvent(
  user: Json,
  { cohortId, isIn, at, messageId, properties }: Membership,
  arrival: Arrival,
  { groupType }: AmplitudeOptions,
): Result<ProductEvent, Refusal> {
  const element: JsonObject = isJsonObject(user) ? user : { user_id: user };
  const userId = readId(element.user_id);
  if (userId === null) {
    return err(refusal('no_ids', 'A user of the cohort message has no user id.'));
  }
  const { changes } = readOperations('person', element.user_properties);
  const { accountId } = accountOf(element, groupType, changes);
  const problem = refuseJunk(userId) ?? checkIds({ userId, accountId });
  if (problem !== null) {
    return err(problem);
  }
  const personTraits = [...changes, { op: 'set' as const, name: `cohort:${cohortId}`, value: isIn }];
  const said = statement({ kind: 'cohort', declared: true, properties, personTraits });
  const ids = { userId, anonymousId: null, previousId: null, accountId };
  return ok(newEvent(arrival, `${messageId}:${userId}`, at, ids, said));
}
