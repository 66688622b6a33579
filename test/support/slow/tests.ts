import { Decimal } from 'decimal.js';
import type { PlainTest } from './plain.ts';
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

/** Whether a value passes: true, false, or null when nobody knows it. */
export function valuePasses(test: PlainTest, value: unknown): boolean | null {
  if (test.known !== undefined) {
    return (value !== null) === test.known;
  }
  if (value === null) {
    return null;
  }
  if (test.equals !== undefined) {
    return plain(value) === plain(test.equals);
  }
  if (test.in !== undefined) {
    const wanted = test.in.map(plain);
    return (Array.isArray(value) ? value : [value]).some((one) => wanted.includes(plain(one)));
  }
  const range = rangeOf(value);
  return range !== null && rangePasses(test, ...range);
}

/** A number, a text that is one, or a text such as "101-500": its two ends. */
function rangeOf(value: unknown): [Decimal, Decimal] | null {
  if (typeof value !== 'number' && typeof value !== 'string') {
    return null;
  }
  const found = /^(\d+(?:\.\d+)?)(?:\s*-\s*(\d+(?:\.\d+)?))?$/.exec(plain(value));
  if (found === null) {
    return null;
  }
  return [new Decimal(found[1] ?? ''), new Decimal(found[2] ?? found[1] ?? '')];
}
