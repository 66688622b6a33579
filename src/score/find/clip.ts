import { textOf } from '../../accounts/coerce.ts';
import type { Json } from '../../shared/json.ts';

const TEXT_MAX = 200;
const LIST_MAX = 25;

/** At most 200 characters with a mark. Whole characters: half of a pair would be refused by the database. */
export function clipText(text: string): string {
  const characters = text.length > TEXT_MAX ? [...text] : [];
  return characters.length > TEXT_MAX ? `${characters.slice(0, TEXT_MAX - 1).join('')}…` : text;
}

/** A value for the evidence: numbers and short texts as they are, structures as clipped text. */
export function clipValue(value: Json): Json {
  return typeof value === 'number' ? value : clipText(textOf(value) ?? JSON.stringify(value));
}

/** The first entries of a list, and how many more there are. */
export function clipList(entries: readonly string[]): Record<string, Json> {
  const value = entries.slice(0, LIST_MAX).map(clipText);
  const more = entries.length - value.length;
  return more > 0 ? { value, more } : { value };
}
