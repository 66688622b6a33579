import { textOf } from '../../accounts/coerce.ts';
import type { Json } from '../../shared/json.ts';

/**
 * Fills a `why` text: `{value}` is the value, `{count|teammate|teammates}` the number with the fitting word.
 * A placeholder that has no value stays as it is. Values come from strangers and are never read as placeholders.
 */
export function sentence(template: string, words: Readonly<Record<string, Json>>): string {
  return template.replace(
    /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = Object.hasOwn(words, name) ? words[name] : undefined;
      if (value === undefined) {
        return whole;
      }
      const text = textOf(value) ?? '';
      return one === undefined ? text : `${text} ${value === 1 ? one : many}`;
    },
  );
}
