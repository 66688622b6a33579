import { Decimal } from 'decimal.js';
import type { PlainTest, Scalar } from './plain.ts';
import { plain } from './units.ts';

const hasTest = (test: PlainTest) =>
  ['at_least', 'at_most', 'between', 'equals', 'in', 'known'].some((key) => key in test);

/** Whether a count passes; without any test: whether it is 1 or more. */
export function countPasses(test: PlainTest, count: Decimal): boolean {
  if (!hasTest(test)) {
    return count.gte(1);
  }
  return rangePasses(test, count, count);
}

function rangePasses({ at_least, at_most, between }: PlainTest, low: Decimal, high: Decimal): boolean {
  return (
    (at_least === undefined || low.gte(at_least)) &&
    (at_most === undefined || high.lte(at_most)) &&
    (between === undefined || (low.gte(between[0]) && high.lte(between[1])))
  );
}

/** Whether a value passes: true, false, or null when nobody knows it. A blank text is no value. */
export function valuePasses(test: PlainTest, value: unknown): boolean | null {
  const isKnown = value !== null && plain(value) !== '' ? true : Array.isArray(value);
  if (test.known !== undefined) {
    return isKnown === test.known;
  }
  if (!isKnown) {
    return null;
  }
  const wanted = test.in ?? (test.equals === undefined ? undefined : [test.equals]);
  if (wanted !== undefined) {
    const values = Array.isArray(value) ? value : [value];
    return values.some((one) => wanted.some((each) => isSame(each, one)));
  }
  const range = rangeOf(value);
  return range !== null && rangePasses(test, ...range);
}

/** A wanted number is compared as a number, everything else as text. */
function isSame(wanted: Scalar, value: unknown): boolean {
  if (typeof wanted !== 'number') {
    return plain(wanted) === plain(value);
  }
  const [low, high] = (typeof value === 'boolean' ? null : rangeOf(value)) ?? [];
  return low !== undefined && high !== undefined && low.eq(high) && low.eq(wanted);
}

/** A number, a text that is one, or a text such as "101-500", "101 to 500" or "500+": its two ends. */
function rangeOf(value: unknown): [Decimal, Decimal] | null {
  if (typeof value !== 'number' && typeof value !== 'string') {
    return null;
  }
  const text = plain(value).replace(/(\d),(?=\d{3})/g, '$1');
  const found = /^(\d+(?:\.\d+)?)(?:\s*(?:-|to)\s*(\d+(?:\.\d+)?)|(\+))?$/.exec(text);
  if (found === null) {
    return null;
  }
  const low = new Decimal(found[1] ?? '');
  return [low, found[3] === '+' ? new Decimal(Infinity) : new Decimal(found[2] ?? low)];
}
