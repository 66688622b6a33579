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
  /** `sieveOf` each of the names whose hashes these are. */
  sieve: ReadonlySet<number>;
}

/** By what one name of a forgotten person is known. */
export interface Tombstone {
  /** `tombstoneOf` the name. */
  id: string;
  sieve: number;
}

/** Nobody is forgotten yet. */
export function nobody(key: string): Forgotten {
  return { key, hashes: new Set(), sieve: new Set() };
}

export function withTombstones(before: Forgotten, more: readonly Tombstone[]): Forgotten {
  return {
    key: before.key,
    hashes: new Set([...before.hashes, ...more.map(({ id }) => id)]),
    sieve: new Set([...before.sieve, ...more.map(({ sieve }) => sieve)]),
  };
}

export function tombstonesOf(key: string, names: readonly string[]): Tombstone[] {
  return names.map((name) => ({ id: tombstoneOf(key, name), sieve: sieveOf(seedOf(key), name) }));
}

/**
 * 24 bits of FNV-1a, begun with the key. Every word of every event is looked up among the forgotten names, and a word whose
 * number no name has needs no HMAC, which costs fifty times as much; of 10,000 names one other word in 1,700 has the number of one. It
 * is kept beside the tombstone and is no cryptographic hash: alone it would let guesses be tested, roughly. Whoever can read it
 * can read the key too, which stands in the same database, and tests guesses exactly: it tells them nothing more.
 */
export function sieveOf(seed: number, name: string): number {
  let number = FNV_OFFSET ^ seed;
  for (let i = 0; i < name.length; i++) {
    number = Math.imul(number ^ name.charCodeAt(i), FNV_PRIME);
  }
  return ((number >>> 24) ^ number) & 0xffffff;
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** The first 32 bits of the key. */
export function seedOf(key: string): number {
  return Number.parseInt(key.slice(0, 8), 16) | 0;
}

/** Whether a name (`u:`, `a:`, `m:` or `t:`, and the id or address) is a forgotten one. */
export function isForgotten(forgotten: Forgotten, name: string): boolean {
  return lookup(forgotten)(name) !== null;
}

/** Gives the tombstone of a name, if it has one. */
function lookup({ key, hashes, sieve }: Forgotten): (name: string) => string | null {
  if (hashes.size === 0) {
    return () => null;
  }
  const seed = seedOf(key);
  return (name) => {
    const hash = sieve.has(sieveOf(seed, name)) ? tombstoneOf(key, name) : null;
    return hash !== null && hashes.has(hash) ? hash : null;
  };
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
export function forgottenBy(forgotten: Forgotten, event: ProductEvent): string | null {
  const tombstone = lookup(forgotten);
  const { userId, anonymousId, previousId, email } = event;
  const names = [
    userId === null ? null : `u:${userId}`,
    userId === null && anonymousId !== null ? `a:${anonymousId}` : null,
    previousId === null ? null : `u:${previousId}`,
    email === null ? null : `m:${email}`,
  ];
  return names.map((name) => (name === null ? null : tombstone(name))).find((hash) => hash !== null) ?? null;
}

/** Replaces texts: gives what shall stand in the place of `text`, or the same. */
export type Replace = (text: string) => string;

// Each look-behind keeps a run from being tried again at each of its characters.
const ADDRESS = /(?<![\p{L}\p{N}._+'-])([\p{L}\p{N}._+'-]+)(@|%40)([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
const TOKEN = /[^\s/?&=,;()<>[\]{}"'#]+/g;
const ENDS = /(?<![.:!])[.:!]+$/;

/** Replaces the forgotten ids and addresses that stand in what somebody else said. */
export function mentionsReplaced(forgotten: Forgotten): Replace {
  const { key } = forgotten;
  const tombstone = lookup(forgotten);
  const isKnown = (name: string) => tombstone(name) !== null;
  const token: Replace = (found) => {
    const id = found.replace(ENDS, '');
    return isKnown(`t:${id}`) && isTelling(id) ? found.replace(id, pseudonymOf(key, id)) : found;
  };
  return (text) => {
    if (isKnown(`t:${text}`) && isTelling(text)) {
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
