import { comparable, listOf, numberOf, textOf } from '../../accounts/coerce.ts';
import type { Json } from '../../shared/json.ts';
import { testText } from '../compile/test.ts';
import type { Test } from '../model.ts';
import { clipList, clipText, clipValue } from './clip.ts';
import type { Look } from './look.ts';
import { rangeOf, withoutUnit } from './ranges.ts';

type Traits = Readonly<Record<string, Json>>;

/** The value of a trait. Unknown is said to be unknown, never taken for zero. */
export class TraitLook implements Look {
  readonly amount = null;
  readonly nextChange = null;
  readonly value: Json | undefined;
  readonly missing: string | null;
  private readonly name: string;

  constructor(name: string, traits: Traits) {
    this.name = name;
    this.value = known(name, traits);
    this.missing = this.value === undefined ? name : null;
  }

  evidence(): Record<string, Json> {
    return this.value === undefined ? { missing: this.name } : { value: clipValue(this.value) };
  }

  words(): Record<string, Json> {
    const text = this.text();
    const isRange = typeof this.value === 'string' && rangeOf(text) !== null;
    return this.value === undefined ? {} : { value: isRange ? withoutUnit(text) : text };
  }

  short(test: Test | null): string {
    const wanted = test === null ? '' : `, ${unlike(test)}`;
    return this.value === undefined ? `${this.name} is not known` : `${this.name} is ${this.text()}${wanted}`;
  }

  private text(): string {
    return this.value === undefined ? '' : clipText(textOf(this.value) ?? JSON.stringify(this.value));
  }
}

/** What the value is not, in words that are the same for every account: made once for each test. */
function unlike(test: Test): string {
  const known = UNLIKE.get(test);
  if (known !== undefined) {
    return known;
  }
  const words = unlikeWords(test);
  UNLIKE.set(test, words);
  return words;
}

const UNLIKE = new WeakMap<Test, string>();

function unlikeWords(test: Test): string {
  if (test.kind === 'one_of') {
    return `not one of ${clipText(test.values.join(', '))}`;
  }
  return test.kind === 'number' ? `not wholly within ${testText(test)}` : `not ${testText(test)}`;
}

/** Different entries of a list, whatever their case; shown in the spelling that came first. */
export class EntriesLook implements Look {
  readonly nextChange = null;
  readonly amount: number | null;
  readonly missing: string | null;
  private readonly name: string;
  private readonly entries: readonly string[];

  constructor(name: string, traits: Traits) {
    const value = known(name, traits);
    this.name = name;
    this.entries = value === undefined ? [] : distinctEntries(value);
    this.amount = value === undefined ? null : this.entries.length;
    this.missing = value === undefined ? name : null;
  }

  evidence(): Record<string, Json> {
    return this.amount === null ? { missing: this.name } : { unique: this.amount, ...clipList(this.entries) };
  }

  words(): Record<string, Json> {
    return { count: this.entries.length, value: clipText(this.entries.join(', ')) };
  }

  short(test: Test | null): string {
    if (this.amount === null) {
      return `${this.name} is not known`;
    }
    const wanted = test === null ? '' : ` of ${testText(test)}`;
    return this.amount === 0 ? `${this.name} has no entries` : `${this.amount}${wanted} in ${this.name}`;
  }
}

/** The value of a trait; undefined when nobody knows it. */
export function known(name: string, traits: Readonly<Record<string, Json>>): Json | undefined {
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
