import { isTelling, pseudonymOf, type Replace } from './forgotten.ts';

/** By what a person is found in the record while they are being forgotten. */
export interface Needles {
  users: string[];
  /** Anonymous ids that are theirs alone. */
  anonymous: string[];
  /** Lower case. */
  emails: string[];
  /** Their name, and other words that mean them only where something else names them too. */
  words: string[];
}

export const NO_NEEDLES: Needles = { users: [], anonymous: [], emails: [], words: [] };

/** Ids and addresses that can be looked for in any text. */
export function tellingOf({ users, anonymous, emails }: Needles): string[] {
  return [...new Set([...[...users, ...anonymous].filter(isTelling), ...emails])];
}

/** A needle is no part of a longer word or address. The same in PostgreSQL's expressions as here. */
const BEFORE = '(?<![\\w-]|[\\w][.@|+])';
const AFTER = '(?![\\w-]|[.@|][\\w])';

/** A regular expression (case does not count) that finds each of `texts`, also as JSON and addresses of pages spell it; null: nothing to find. */
export function patternOf(texts: readonly string[]): string | null {
  const escaped = [...new Set(texts.flatMap(spelled))].filter((text) => text !== '').map(escapeLiteral);
  // The longest first: an address before the id that it begins with.
  escaped.sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return escaped.length === 0 ? null : `${BEFORE}(?:${escaped.join('|')})${AFTER}`;
}

/** PostgreSQL's word characters are those of all scripts. */
function ofOurs(pattern: string): string {
  return pattern.replaceAll('\\w', '\\p{L}\\p{N}_');
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll(/\s/g, '\\s');
}

/** Whether a text names them. */
export function mentions(needles: Needles): (text: string) => boolean {
  const pattern = patternOf(tellingOf(needles));
  const found = pattern === null ? null : new RegExp(ofOurs(pattern), 'iu');
  return (text) => found?.test(text) ?? false;
}

/** Puts keyed hashes in the place of the needles, and of the words too where `all`. */
export function needlesReplaced(key: string, needles: Needles, all: boolean): Replace {
  const texts = all ? [...tellingOf(needles), ...needles.words] : tellingOf(needles);
  const pattern = patternOf(texts);
  if (pattern === null) {
    return (text) => text;
  }
  const found = new RegExp(ofOurs(pattern), 'giu');
  const plain = new Map(texts.flatMap((text) => spelled(text).map((one) => [one.toLowerCase(), text])));
  return (text) =>
    text.replace(found, (match) => pseudonymOf(key, plain.get(match.toLowerCase()) ?? match.toLowerCase()));
}

function spelled(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
}
