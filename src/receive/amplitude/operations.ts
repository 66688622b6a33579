import type { TraitChange } from '../../events/event.ts';
import { type TraitOwner, traitChanges } from '../../events/trait-names.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';

export interface Operations {
  changes: TraitChange[];
  /** Operations that need the value before them ($add, $append …): journaled, not applied (decision 7). */
  ignored: JsonObject;
}

const APPLIED: Record<string, TraitChange['op']> = { $set: 'set', $setOnce: 'set_once', $unset: 'unset' };

/** `user_properties` or `group_properties`, plain or as Identify operations, as changes. */
export function readOperations(owner: TraitOwner, properties: Json | undefined): Operations {
  const read: Operations = { changes: [], ignored: {} };
  if (!isJsonObject(properties)) {
    return read;
  }
  const plain: JsonObject = {};
  for (const [key, value] of Object.entries(properties)) {
    const op = APPLIED[key];
    if (op !== undefined && isJsonObject(value)) {
      read.changes.push(...traitChanges(owner, value, op));
    } else if (key.startsWith('$')) {
      read.ignored[key] = value;
    } else {
      plain[key] = value;
    }
  }
  read.changes.push(...traitChanges(owner, plain));
  return read;
}
