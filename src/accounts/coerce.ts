import { commaList } from '../shared/comma-list.ts';
import type { Json } from '../shared/json.ts';

/**
 * Senders deliver numbers, booleans and lists as text (Amplitude turns every forwarded user property into a
 * string). The reader's need decides the type, never a guess on the raw value.
 */

/** A number, or a text that is one (`"240"`, `" 1,000 "`); else null. */
export function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : null;
  }
  if (typeof value !== 'string') {
    return null;
  }
  const text = value.trim().replace(/(?<=\d),(?=\d{3}\b)/g, '');
  const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** Text without outer blanks, numbers and booleans as text; null for nothing, empty text and structures. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === 'string') {
    const text = value.trim();
    return text === '' ? null : text;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** The form in which two values are compared: no case, no outer blanks. */
export function comparable(value: Json | undefined): string | null {
  return textOf(value)?.toLowerCase() ?? null;
}

/** true and "true"; null when it is neither true nor false. */
export function booleanOf(value: Json | undefined): boolean | null {
  const text = comparable(value);
  return text === 'true' ? true : text === 'false' ? false : null;
}

/** A list of texts: from an array, a JSON array as text, or a comma-separated text with or without brackets. */
export function listOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) {
    return value.map(textOf).filter((text) => text !== null);
  }
  const text = textOf(value);
  if (text === null) {
    return [];
  }
  const bracketed = text.startsWith('[') && text.endsWith(']');
  return (bracketed ? parseList(text) : null) ?? commaList(bracketed ? text.slice(1, -1) : text);
}

function parseList(text: string): string[] | null {
  try {
    const value = JSON.parse(text) as Json;
    return Array.isArray(value) ? listOf(value) : null;
  } catch {
    return null;
  }
}
