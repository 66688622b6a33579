import type { Test } from '../model.ts';
import type { Complain } from './complain.ts';
import { windowText } from './window.ts';

type Scalar = string | number | boolean;

interface NumberTestConfig {
  at_least?: number | undefined;
  at_most?: number | undefined;
  between?: readonly [number, number] | undefined;
}

interface ValueTestConfig extends NumberTestConfig {
  equals?: Scalar | undefined;
  in?: readonly Scalar[] | undefined;
  known?: boolean | undefined;
}

/** The test of a count; without one: at least 1. null after complaining. */
export function numberTestOf(
  config: NumberTestConfig,
  path: readonly PropertyKey[],
  complain: Complain,
): Test | null {
  const { at_least, at_most, between } = config;
  if (defined(config, NUMBER_KEYS).length > 1) {
    return complain(path, defined(config, NUMBER_KEYS), `at most one of ${NUMBER_KEYS.join(', ')}`);
  }
  if (between !== undefined) {
    const [least, most] = between;
    return least > most
      ? complain([...path, 'between'], between, 'the smaller number first')
      : { kind: 'number', least, most };
  }
  return at_most === undefined
    ? { kind: 'number', least: at_least ?? 1, most: Number.POSITIVE_INFINITY }
    : { kind: 'number', least: Number.NEGATIVE_INFINITY, most: at_most };
}

/** The one test of a value; null after complaining. */
export function valueTestOf(
  config: ValueTestConfig,
  path: readonly PropertyKey[],
  complain: Complain,
): Test | null {
  const keys = defined(config, VALUE_KEYS);
  if (keys.length !== 1) {
    return complain(path, keys, `exactly one of ${VALUE_KEYS.join(', ')}`);
  }
  if (config.known !== undefined) {
    return { kind: 'known', known: config.known };
  }
  const values = config.in ?? (config.equals === undefined ? undefined : [config.equals]);
  return values === undefined ? numberTestOf(config, path, complain) : { kind: 'one_of', values };
}

const NUMBER_KEYS = ['at_least', 'at_most', 'between'] as const;
const VALUE_KEYS = [...NUMBER_KEYS, 'equals', 'in', 'known'] as const;

export function hasTest(config: object): boolean {
  return defined(config, VALUE_KEYS).length > 0;
}

function defined(config: object, keys: readonly string[]): string[] {
  return keys.filter((key) => (config as Record<string, unknown>)[key] !== undefined);
}

/** `at least 3`, `101 to 500`, `one of Software, Healthcare`, `in the last 7 days`. */
export function testText(test: Test): string {
  switch (test.kind) {
    case 'number':
      return numberText(test);
    case 'one_of':
      return test.values.length === 1 ? `${test.values[0]}` : `one of ${test.values.join(', ')}`;
    case 'known':
      return test.known ? 'known' : 'not known';
    case 'within':
      return `within ${windowText(test.window)}`;
  }
}

function numberText({ least, most }: { least: number; most: number }): string {
  if (most === Number.POSITIVE_INFINITY) {
    return `at least ${least}`;
  }
  return least === Number.NEGATIVE_INFINITY ? `at most ${most}` : `${least} to ${most}`;
}
