import { comparable, listOf, numberOf, textOf } from '../accounts/coerce.ts';
import type { Json } from '../shared/json.ts';
import { clipList, clipText, clipValue } from './clip.ts';
import type { Source } from './compile-source.ts';
import type { Finding, Scene } from './finding.ts';
import { rangeOf, withoutUnit } from './ranges.ts';

type TraitSource = Extract<Source, { trait: string }>;

/** What one of the account's traits says. Unknown is said to be unknown, never taken for zero. */
export function findTrait(source: TraitSource, { traits }: Scene): Finding {
  const name = source.trait;
  const value = Object.hasOwn(traits, name) ? traits[name] : undefined;
  if (value === undefined || value === '' || (typeof value === 'string' && value.trim() === '')) {
    const otherwise = `${name} is not known`;
    return { awards: 0, evidence: { missing: name }, words: {}, otherwise, nextChange: null };
  }
  if (source.kind === 'entries') {
    return entriesOf(name, value);
  }
  const inside = source.kind === 'in' ? isIn(value, source.values) : isBetween(value, source);
  const wanted =
    source.kind === 'in'
      ? `not one of ${clipText(source.values.join(', '))}`
      : `not wholly within ${source.least} to ${source.most}`;
  const text = clipText(textOf(value) ?? JSON.stringify(value));
  return {
    awards: inside ? 1 : 0,
    evidence: { value: clipValue(value) },
    words: { value: source.kind === 'between' ? withoutUnit(text) : text },
    otherwise: `${name} is ${text}, ${wanted}`,
    nextChange: null,
  };
}

/** Different entries of a list, whatever their case; shown in the spelling that came first. */
function entriesOf(name: string, value: Json): Finding {
  const spellings = new Map<string, string>();
  for (const entry of listOf(value)) {
    const key = entry.toLowerCase();
    spellings.set(key, spellings.get(key) ?? entry);
  }
  const entries = [...spellings.values()];
  return {
    awards: entries.length,
    evidence: { unique: entries.length, ...clipList(entries) },
    words: { count: entries.length, value: clipText(entries.join(', ')) },
    otherwise: `${name} has no entries`,
    nextChange: null,
  };
}

function isIn(value: Json, allowed: readonly string[]): boolean {
  const text = comparable(value);
  return text !== null && allowed.some((one) => comparable(one) === text);
}

/** A number inside, or a textual range that lies wholly inside; bounds included. */
function isBetween(value: Json, { least, most }: { least: number; most: number }): boolean {
  const number = numberOf(value);
  const range = number === null ? rangeOf(textOf(value) ?? '') : { from: number, to: number };
  return range !== null && range.from >= least && range.to <= most;
}
