import { createHmac } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../shared/json.ts';
import type { ProductEvent, TraitChange } from './event.ts';

/**
 * Whom we must not know again (I12), as keyed hashes: by `u:` and a user id, `a:` and an anonymous id, `m:` and an
 * address. `t:` and an id: the id also means them where it stands in what others said.
 */
export interface Forgotten {
  key: string;
  hashes: ReadonlySet<string>;
}

/** Under which a forgotten id is known: the first 128 bits of its HMAC-SHA-256, as a uuid. */
export function tombstoneOf(key: string, id: string): string {
  const hex = createHmac('sha256', key).update(id).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** What stands in the place of a forgotten id, address or name: the same for the same text, so that it counts once. */
export function pseudonymOf(key: string, text: string): string {
  return `forgotten-${createHmac('sha256', key).update(`p:${text}`).digest('hex').slice(0, 24)}`;
}

/** Whether an id is unlike any word or number of ordinary text, so that it can be looked for there. */
export function isTelling(id: string): boolean {
  return id.length >= 4 && (/[^\d\s]/.test(id) || id.length >= 6);
}

/**
 * The tombstone by which an event belongs to a forgotten person; null: to nobody of them. A user id decides; without
 * one the anonymous id; and the person's own address always.
 */
export function forgottenBy({ key, hashes }: Forgotten, event: ProductEvent): string | null {
  const { userId, anonymousId, previousId, email } = event;
  const names = [
    userId === null ? null : `u:${userId}`,
    userId === null && anonymousId !== null ? `a:${anonymousId}` : null,
    previousId === null ? null : `u:${previousId}`,
    email === null ? null : `m:${email}`,
  ];
  const found = names.map((name) => (name === null ? null : tombstoneOf(key, name)));
  return found.find((hash) => hash !== null && hashes.has(hash)) ?? null;
}

/** Replaces texts: gives what shall stand in the place of `text`, or the same. */
export type Replace = (text: string) => string;

const ADDRESS = /([\p{L}\p{N}._+'-]+)(@|%40)([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
const TOKEN = /[^\s/?&=,;()<>[\]{}"'#]+/g;
const ENDS = /[.:!]+$/;

/** Replaces the forgotten ids and addresses that stand in what somebody else said. */
export function mentionsReplaced({ key, hashes }: Forgotten): Replace {
  const isKnown = (name: string) => hashes.has(tombstoneOf(key, name));
  const token: Replace = (found) => {
    const id = found.replace(ENDS, '');
    return isTelling(id) && isKnown(`t:${id}`) ? found.replace(id, pseudonymOf(key, id)) : found;
  };
  return (text) => {
    if (isTelling(text) && isKnown(`t:${text}`)) {
      return pseudonymOf(key, text);
    }
    const withoutAddresses = /@|%40/.test(text)
      ? text.replace(ADDRESS, (found, local: string, _at: string, host: string) => {
          const address = `${local}@${host}`.toLowerCase();
          return isKnown(`m:${address}`) ? pseudonymOf(key, address) : found;
        })
      : text;
    return withoutAddresses.replace(TOKEN, token);
  };
}

/**
 * Applies `replace` to every text and every key inside a value; the same value where nothing is replaced. A number counts
 * as the text of its digits.
 */
export function replacedIn(value: Json, replace: Replace): Json {
  if (typeof value === 'string') {
    return replace(value);
  }
  if (typeof value === 'number') {
    const text = String(value);
    const next = isTelling(text) ? replace(text) : text;
    return next === text ? value : next;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => replacedIn(item, replace));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  return isJsonObject(value) ? objectReplaced(value, replace) : value;
}

function objectReplaced(value: JsonObject, replace: Replace): JsonObject {
  let changed = false;
  const entries = Object.entries(value).map(([name, item]): [string, Json] => {
    const next: [string, Json] = [replace(name), replacedIn(item, replace)];
    changed ||= next[0] !== name || next[1] !== item;
    return next;
  });
  return changed ? Object.fromEntries(entries) : value;
}

/** What an event says, replaced; who did it when, and where it counts, stays. The same object where nothing is replaced. */
export function eventReplaced(event: ProductEvent, replace: Replace): ProductEvent {
  const next = {
    name: event.name === null ? null : replace(event.name),
    anonymousId: event.anonymousId === null ? null : replace(event.anonymousId),
    properties: objectReplaced(event.properties, replace),
    personTraits: traitsReplaced(event.personTraits, replace),
    accountTraits: traitsReplaced(event.accountTraits, replace),
  };
  const changed = (Object.keys(next) as (keyof typeof next)[]).some((field) => next[field] !== event[field]);
  return changed ? { ...event, ...next } : event;
}

function traitsReplaced(traits: TraitChange[], replace: Replace): TraitChange[] {
  const next = traits.map((trait) => {
    const value = replacedIn(trait.value, replace);
    return value === trait.value ? trait : { ...trait, value };
  });
  return next.some((trait, i) => trait !== traits[i]) ? next : traits;
}
