import type { EventKind } from '../../events/event.ts';
import { checkIds, firstId, readId } from '../../events/ids.ts';
import { type Refusal, refusal } from '../../events/refusal.ts';
import type { JsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import type { Ids } from '../new-event.ts';
import { valueAt } from '../paths.ts';

/** Segment's `messageId`; RudderStack also sends `message_id`. */
export function messageIdOf(element: JsonObject): string | null {
  return firstId(element.messageId, element.message_id);
}

/** A group call names its account at the top. */
const GROUP_PATHS = [
  ['groupId'],
  ['group_id'],
  ['Group ID'],
  ['context', 'groupId'],
  ['context', 'group_id'],
];

/** Every other call carries it along, in this order of trust. */
const CARRIED_PATHS = [
  ['context', 'groupId'],
  ['context', 'group_id'],
  ['groupId'],
  ['group_id'],
  ['traits', 'company', 'id'],
  ['context', 'traits', 'company', 'id'],
];

/**
 * The ids of one element. Customers may add places where their account id stands (`accountPaths`, dotted, e.g.
 * `properties.workspace_id`); Segment's own places come first.
 */
export function idsOf(
  element: JsonObject,
  kind: EventKind,
  messageId: string,
  accountPaths: readonly string[],
): Result<Ids, Refusal> {
  const paths = kind === 'group' ? GROUP_PATHS : CARRIED_PATHS;
  const ids: Ids = {
    userId: firstId(element.userId, element.user_id, element['User ID']),
    anonymousId: firstId(element.anonymousId, element.anonymous_id, element['Anonymous ID']),
    previousId:
      kind === 'alias' ? firstId(element.previousId, element.previous_id, element['Previous ID']) : null,
    accountId:
      idAt(element, paths) ??
      idAt(
        element,
        accountPaths.map((path) => path.split('.')),
      ),
  };
  const problem = missing(kind, ids) ?? checkIds({ ...ids, messageId });
  return problem === null ? ok(ids) : err(problem);
}

/** The first of several places that holds an id. */
function idAt(element: JsonObject, paths: readonly (readonly string[])[]): string | null {
  for (const path of paths) {
    const id = readId(valueAt(element, path));
    if (id !== null) {
      return id;
    }
  }
  return null;
}

function missing(kind: EventKind, { userId, anonymousId, previousId, accountId }: Ids): Refusal | null {
  switch (kind) {
    case 'group':
      return accountId === null ? refusal('no_group', 'A group call must name a group.') : null;
    case 'alias':
      return userId === null || previousId === null
        ? refusal('no_ids', 'An alias needs both the previous id and the user id.')
        : null;
    case 'delete':
      return userId === null && anonymousId === null
        ? refusal('no_ids', 'A delete must name the person to forget.')
        : null;
    default:
      return userId === null && anonymousId === null && accountId === null
        ? refusal('no_ids', 'The event has neither a user id, an anonymous id nor an account id.')
        : null;
  }
}
