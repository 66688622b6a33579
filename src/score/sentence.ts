import { textOf } from '../accounts/coerce.ts';
import type { Json } from '../shared/json.ts';

/**
 * Fills a `why` text: `{value}` is the value, `{count|teammate|teammates}` the number with the fitting word.
 * An unknown placeholder stays as it is, so that a typo shows.
 */
export function sentence(template: string, words: Record<string, Json>): string {
  return template
    .replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (whole, name: string, one: string, many: string) => {
      const value = words[name];
      return value === undefined ? whole : `${textOf(value) ?? ''} ${value === 1 ? one : many}`;
    })
    .replace(/\{(\w+)\}/g, (whole, name: string) => (name in words ? (textOf(words[name]) ?? '') : whole));
}
