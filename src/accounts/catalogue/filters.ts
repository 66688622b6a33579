import { looseName } from '../../events/trait-names.ts';
import type { Json, JsonObject } from '../../shared/json.ts';
import { comparable, numberOf, textOf } from '../coerce.ts';
import type { FilterConfig, PlainFilter } from './filter-config.ts';
import { compilePattern } from './patterns.ts';

/** A test of one event's properties. */
export type PropertyTest = (properties: JsonObject) => boolean;

type ValueTest = (value: Json | undefined) => boolean;

/** Whether an event's properties pass every filter. */
export function compileFilters(where: Readonly<Record<string, FilterConfig>>): PropertyTest {
  const tests = Object.entries(where).map(([name, filter]) => ({ name, passes: compileFilter(filter) }));
  return (properties) => tests.every(({ name, passes }) => passes(propertyOf(properties, name)));
}

/** An event's own property, in this spelling or another (`inviteeEmail`); never what every object inherits. */
export function propertyOf(properties: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(properties, name)) {
    return properties[name];
  }
  const loose = looseName(name);
  const other = Object.keys(properties).find((key) => looseName(key) === loose);
  return other === undefined ? undefined : properties[other];
}

function compileFilter({ not, ...plain }: FilterConfig): ValueTest {
  if (not === undefined) {
    return compilePlain(plain);
  }
  const passes = compilePlain(not);
  return (value) => !passes(value);
}

function compilePlain(filter: PlainFilter): ValueTest {
  const { equals, exists, at_least, at_most, between, matches } = filter;
  if (exists !== undefined) {
    return (value) => exists === (value !== undefined && value !== null);
  }
  if (matches !== undefined) {
    return matchesPattern(matches);
  }
  if (at_least !== undefined || at_most !== undefined || between !== undefined) {
    const [least, most] = between ?? [at_least ?? -Infinity, at_most ?? Infinity];
    return (value) => {
      const number = numberOf(value);
      return number !== null && number >= least && number <= most;
    };
  }
  const allowed = filter.in ?? (equals === undefined ? [] : [equals]);
  return (value) => allowed.some((one) => isSame(one, value));
}

function matchesPattern(pattern: string): ValueTest {
  const compiled = compilePattern(pattern);
  return (value) => {
    const text = textOf(value);
    return text !== null && compiled.ok && compiled.value(text);
  };
}

/** The filter's own type decides how the value is read: senders deliver numbers and booleans as text. */
function isSame(expected: string | number | boolean, value: Json | undefined): boolean {
  return typeof expected === 'number'
    ? numberOf(value) === expected
    : comparable(value) === comparable(expected);
}
