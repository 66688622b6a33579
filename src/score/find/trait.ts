import { comparable, listOf, numberOf, textOf } from '../../accounts/coerce.ts';
import type { Json } from '../../shared/json.ts';
import { testText } from '../compile/test.ts';
import type { Test } from '../model.ts';
import { clipList, clipText, clipValue } from './clip.ts';
import type { Look } from './look.ts';
import { rangeOf, withoutUnit } from './ranges.ts';

/** The value of a trait. Unknown is said to be unknown, never taken for zero. */
export function lookAtTrait(name: string, traits: Readonly<Record<string, Json>>): Look {
  const value = known(name, traits);
  const text = value === undefined ? '' : clipText(textOf(value) ?? JSON.stringify(value));
  return {
    amount: null,
    value,
    missing: value === undefined ? name : null,
    nextChange: null,
    evidence: () => (value === undefined ? { missing: name } : { value: clipValue(value) }),
    words: () => (value === undefined ? {} : { value: rangeOf(text) === null ? text : withoutUnit(text) }),
    short: (test) => {
      const wanted = test === null ? '' : `, ${unlike(test)}`;
      return value === undefined ? `${name} is not known` : `${name} is ${text}${wanted}`;
    },
  };
}

function unlike(test: Test): string {
  if (test.kind === 'one_of') {
    return `not one of ${clipText(test.values.join(', '))}`;
  }
  return test.kind === 'number' ? `not wholly within ${testText(test)}` : `not ${testText(test)}`;
}

/** Different entries of a list, whatever their case; shown in the spelling that came first. */
export function lookAtEntries(name: string, traits: Readonly<Record<string, Json>>): Look {
  const value = known(name, traits);
  const entries = value === undefined ? [] : distinctEntries(value);
  return {
    amount: value === undefined ? null : entries.length,
    missing: value === undefined ? name : null,
    nextChange: null,
    evidence: () =>
      value === undefined ? { missing: name } : { unique: entries.length, ...clipList(entries) },
    words: () => ({ count: entries.length, value: clipText(entries.join(', ')) }),
    short: (test) => {
      if (value === undefined) {
        return `${name} is not known`;
      }
      const wanted = test === null || entries.length === 0 ? '' : ` of ${testText(test)}`;
      return entries.length === 0 ? `${name} has no entries` : `${entries.length}${wanted} in ${name}`;
    },
  };
}

function known(name: string, traits: Readonly<Record<string, Json>>): Json | undefined {
  const value = Object.hasOwn(traits, name) ? traits[name] : undefined;
  return isKnown(value) ? value : undefined;
}

/** Nothing, and a text of blanks, are not known. An empty list is: there is none. */
export function isKnown(value: Json | undefined): value is Json {
  return value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
}

function distinctEntries(value: Json): string[] {
  const spellings = new Map<string, string>();
  for (const entry of listOf(value)) {
    const key = entry.toLowerCase();
    spellings.set(key, spellings.get(key) ?? entry);
  }
  return [...spellings.values()];
}

/** Whether a known value passes a test of values. A range written as text passes when it lies wholly inside. */
export function valuePasses(test: Test, value: Json): boolean {
  if (test.kind === 'number') {
    const number = numberOf(value);
    const range = number === null ? rangeOf(textOf(value) ?? '') : { from: number, to: number };
    return range !== null && range.from >= test.least && range.to <= test.most;
  }
  return test.kind === 'one_of' && test.values.some((one) => isSame(one, value));
}

/** The value, or an entry of a list. The wanted one's type decides how it is read: senders deliver numbers as text. */
function isSame(wanted: string | number | boolean, value: Json): boolean {
  if (Array.isArray(value)) {
    return value.some((entry) => isSame(wanted, entry));
  }
  return typeof wanted === 'number' ? numberOf(value) === wanted : comparable(value) === comparable(wanted);
}
