import { isJsonObject, type Json, type JsonObject } from '../shared/json.ts';

/** The object at `value`; an empty one when there is none. */
export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The value at a path such as `['context', 'traits', 'company', 'id']`. */
export function valueAt(element: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = element;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) {
      return undefined;
    }
    value = value[key];
  }
  return value;
}
