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
 * Parsed JSON made safe to keep: texts and keys without NUL and lone surrogates, no dangerous keys, no credentials, no
 * infinite numbers (`1e999`), nothing below DEPTH_MAX. What is safe already is given back as it is, not as a copy: nearly
 * everything is, and copying cost more than reading it from JSON.
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
  return Array.isArray(value) ? cleanArray(value, level, found) : cleanObject(value, level, found);
}

function cleanArray(given: readonly unknown[], level: number, found: { tooDeep: boolean }): Json {
  const cleaned = given.map((item) => clean(item, level + 1, found));
  return cleaned.every((item, i) => item === given[i]) ? (given as Json[]) : cleaned;
}

function cleanObject(value: object, level: number, found: { tooDeep: boolean }): JsonObject {
  const given = value as Record<string, unknown>;
  let copy: JsonObject | null = null;
  for (const key of Object.keys(given)) {
    const name = keptName(key);
    const item = name === null ? null : clean(given[key], level + 1, found);
    if (copy === null && (name !== key || item !== given[key])) {
      copy = whatStandsBefore(given, key);
    }
    if (copy !== null && name !== null) {
      copy[name] = item;
    }
  }
  return copy ?? (given as JsonObject);
}

function whatStandsBefore(given: Record<string, unknown>, end: string): JsonObject {
  const keys = Object.keys(given);
  return Object.fromEntries(keys.slice(0, keys.indexOf(end)).map((key) => [key, given[key] as Json]));
}

/** Names of keys that were looked at and are kept as they are: senders use the same few hundred for ever. */
const KNOWN_NAMES = new Set<string>();
const KNOWN_MAX = 5000;
const KNOWN_LENGTH = 64;

/** The cleaned name of a key; null: it is kept out. */
function keptName(key: string): string | null {
  if (KNOWN_NAMES.has(key)) {
    return key;
  }
  const name = cleanText(key);
  if (KEPT_OUT.has(name) || isCredentialName(name)) {
    return null;
  }
  if (name === key && key.length <= KNOWN_LENGTH && KNOWN_NAMES.size < KNOWN_MAX) {
    KNOWN_NAMES.add(key);
  }
  return name;
}
