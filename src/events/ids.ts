import type { Json } from '../shared/json.ts';
import { type Refusal, refusal } from './refusal.ts';
import { isDamaged } from './text.ts';

/** Longer ids are refused. Stores key ids by hash, so this guards memory, not columns. */
export const ID_MAX_BYTES = 4096;

/** An id as sent: text, or a number as text. Blank texts and everything else are no id. */
export function readId(value: Json | undefined): string | null {
  if (typeof value === 'number') {
    return String(value);
  }
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** The first of several values that is an id. */
export function firstId(...values: (Json | undefined)[]): string | null {
  for (const value of values) {
    const id = readId(value);
    if (id !== null) {
      return id;
    }
  }
  return null;
}

/** Why these (cleaned) ids cannot be used; null when all of them can. */
export function checkIds(ids: Readonly<Record<string, string | null>>): Refusal | null {
  for (const [name, id] of Object.entries(ids)) {
    if (id !== null && isDamaged(id)) {
      return refusal(
        'bad_text',
        `The ${name} holds characters that no id may hold (NUL, half a surrogate pair, bad UTF-8).`,
      );
    }
    if (id !== null && id.length * 3 > ID_MAX_BYTES && Buffer.byteLength(id) > ID_MAX_BYTES) {
      return refusal('id_too_long', `The ${name} is longer than ${ID_MAX_BYTES} bytes.`);
    }
  }
  return null;
}

/** A lower-cased e-mail address; null when the value is none. */
export function readEmail(value: Json | undefined): string | null {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return /^[^\s@]+@[^\s@]+$/.test(text) && !isDamaged(text) ? text : null;
}
