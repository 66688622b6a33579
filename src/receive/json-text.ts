import { err, ok, type Result } from '../shared/result.ts';

/** An integer too long for a JavaScript number; may also match inside a text, which only costs time. */
const LONG_INTEGER = /[[:,]\s*-?\d{16,}\s*[,}\]]/;

/**
 * Parses a body. Integers that JavaScript would round (a user id of 18 digits) become text, so that two ids
 * never become one.
 */
export function parseJson(body: Buffer): Result<unknown, 'bad_json'> {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return ok(LONG_INTEGER.test(text) ? parseExactly(text) : JSON.parse(text));
  } catch {
    return err('bad_json');
  }
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

const keepLongIntegers: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value;

/** A reviver walks by recursion; what is nested too deeply for it is parsed without, and refused later. */
function parseExactly(text: string): unknown {
  try {
    return JSON.parse(text, keepLongIntegers as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof RangeError) {
      return JSON.parse(text);
    }
    throw error;
  }
}
