import type { TraitChange } from '../../events/event.ts';
import { readId } from '../../events/ids.ts';
import { looseName } from '../../events/trait-names.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { objectOf } from '../paths.ts';
import { type Operations, readOperations } from './operations.ts';

/** The group type under which Amplitude keeps accounts that came to it through Segment. */
const SEGMENT_GROUP = '[Segment] Group';

/** Which account an element names, and under which group type. */
export interface NamedAccount {
  accountId: string | null;
  type: string | null;
}

/**
 * The account of an event: its `groups`, else the keys of `group_properties`, else a user property. Several
 * groups of the type leave the event without an account: never silently the first of them.
 */
export function accountOf(
  element: JsonObject,
  groupType: string,
  personTraits: readonly TraitChange[],
): NamedAccount {
  for (const type of [groupType, SEGMENT_GROUP]) {
    const values = idsIn(ofType(element.groups, type)) ?? nestedKeys(ofType(element.group_properties, type));
    if (values !== null) {
      const [only, ...others] = new Set(values);
      return { accountId: others.length === 0 ? (only ?? null) : null, type };
    }
  }
  const mirrored = ['company_id', SEGMENT_GROUP].map((name) => idIn(personTraits, name));
  return { accountId: mirrored.find((id) => id !== null) ?? null, type: null };
}

/** The traits of that account; none when the event names no account or several. */
export function accountOperations(element: JsonObject, { accountId, type }: NamedAccount): Operations {
  if (accountId === null || type === null) {
    return { changes: [], ignored: {} };
  }
  const nested = ofType(element.group_properties, type);
  const own = objectOf(nested)[accountId];
  if (isJsonObject(own)) {
    return readOperations('account', own);
  }
  // A group identify carries its operations directly.
  const isDirect = nested === undefined && element.event_type === '$groupidentify';
  return readOperations('account', isDirect ? element.group_properties : nested);
}

/** What stands under a group type: customers name types freely, and not always in the same spelling. */
function ofType(value: Json | undefined, type: string): Json | undefined {
  const byType = objectOf(value);
  const loose = looseName(type);
  const key = Object.hasOwn(byType, type)
    ? type
    : Object.keys(byType).find((name) => looseName(name) === loose);
  return key === undefined ? undefined : byType[key];
}

/** Group values as ids: a text, a number, or a list of them. null: no value. */
function idsIn(value: Json | undefined): string[] | null {
  const ids = (Array.isArray(value) ? value : [value]).map(readId).filter((id) => id !== null);
  return ids.length === 0 ? null : ids;
}

/** `{"acct-7": {…}}` -> acct-7. Operations and plain values name no group. */
function nestedKeys(value: Json | undefined): string[] | null {
  const keys = Object.entries(objectOf(value))
    .filter(([key, inner]) => isJsonObject(inner) && !key.startsWith('$'))
    .map(([key]) => key);
  return keys.length === 0 ? null : keys;
}

function idIn(changes: readonly TraitChange[], trait: string): string | null {
  return readId(changes.find(({ name, op }) => name === trait && op === 'set')?.value);
}
