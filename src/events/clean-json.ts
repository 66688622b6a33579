import type { Json, JsonObject } from '../shared/json.ts';
import { isCredentialName, withoutCredentials } from './credentials.ts';
import { cleanText } from './text.ts';

/** Levels of nesting that are kept, the element itself being the first. Amplitude documents the same limit. */
export const DEPTH_MAX = 40;

/**
 * Keys that never enter, beside the senders' credentials: every name that an object inherits (a reader's
 * `record[key]` would find a function there, and a writer's would change it for everybody).
 */
const KEPT_OUT: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

export interface CleanJson {
  value: Json;
  /** Something lay deeper than DEPTH_MAX and was cut off. */
  tooDeep: boolean;
}

/**
 * A copy of parsed JSON that is safe to keep: texts and keys without NUL and lone surrogates, no dangerous keys,
 * no credentials, no infinite numbers (`1e999`), nothing below DEPTH_MAX.
 */
export function cleanJson(value: unknown): CleanJson {
  const found = { tooDeep: false };
  return { value: clean(value, 1, found), tooDeep: found.tooDeep };
}

function clean(value: unknown, level: number, found: { tooDeep: boolean }): Json {
  if (typeof value === 'string') {
    return withoutCredentials(cleanText(value));
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : null;
  }
  if (typeof value === 'boolean') {
    return value;
  }
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  if (level > DEPTH_MAX) {
    found.tooDeep = true;
    return null;
  }
  return Array.isArray(value)
    ? value.map((item) => clean(item, level + 1, found))
    : cleanObject(value, level, found);
}

function cleanObject(value: object, level: number, found: { tooDeep: boolean }): JsonObject {
  const cleaned: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const name = cleanText(key);
    if (!KEPT_OUT.has(name) && !isCredentialName(name)) {
      cleaned[name] = clean(item, level + 1, found);
    }
  }
  return cleaned;
}
