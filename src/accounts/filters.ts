import { looseName } from '../events/trait-names.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { comparable, numberOf } from './coerce.ts';
import type { FilterConfig } from './signals-config.ts';

/** Whether an event's properties pass every filter. */
export function passesAll(where: Readonly<Record<string, FilterConfig>>, properties: JsonObject): boolean {
  return Object.entries(where).every(([name, filter]) => passes(filter, propertyOf(properties, name)));
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

function passes(filter: FilterConfig, value: Json | undefined): boolean {
  if (filter.exists !== undefined) {
    return filter.exists === (value !== undefined && value !== null);
  }
  if (filter.at_least !== undefined) {
    const number = numberOf(value);
    return number !== null && number >= filter.at_least;
  }
  const allowed = filter.in ?? (filter.equals === undefined ? [] : [filter.equals]);
  return allowed.some((one) => isSame(one, value));
}

/** The filter's own type decides how the value is read: senders deliver numbers and booleans as text. */
function isSame(expected: string | number | boolean, value: Json | undefined): boolean {
  return typeof expected === 'number'
    ? numberOf(value) === expected
    : comparable(value) === comparable(expected);
}
