import { textOf } from '../../accounts/coerce.ts';
import type { Json } from '../../shared/json.ts';

/** A text with values in the places of its words. */
export type Sentence = (words: Readonly<Record<string, Json>>) => string;

/** `{name}`, `{name|one|many}` */
const PLACEHOLDER = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g;

/**
 * Takes a `why` text apart once: `{value}` is the value, `{count|teammate|teammates}` the number with the fitting
 * word. A placeholder that has no value stays as it is. Values come from strangers and are never read as placeholders.
 */
export function sentence(template: string): Sentence {
  const pieces: Sentence[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(end, match.index);
    const [whole, name = '', one, many] = match;
    pieces.push(
      () => before,
      (words) => placed(words, whole, name, one, many),
    );
    end = match.index + whole.length;
  }
  const rest = template.slice(end);
  if (pieces.length === 0) {
    return () => template;
  }
  return (words) => {
    let text = '';
    for (const piece of pieces) {
      text += piece(words);
    }
    return text + rest;
  };
}

function placed(
  words: Readonly<Record<string, Json>>,
  whole: string,
  name: string,
  one: string | undefined,
  many: string | undefined,
): string {
  const value = Object.hasOwn(words, name) ? words[name] : undefined;
  if (value === undefined) {
    return whole;
  }
  const text = textOf(value) ?? '';
  return one === undefined ? text : `${text} ${value === 1 ? one : many}`;
}
