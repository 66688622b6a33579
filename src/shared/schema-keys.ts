import { z } from 'zod';
import { bare, meantOption, optionByWord } from './union-branch.ts';

type Schema = z.core.$ZodType;

/** The names that a schema allows in the object at `path` of `value`; none where anything goes. */
export function keysAt(schema: Schema, value: unknown, path: readonly PropertyKey[]): string[] {
  const at = schemaAt(schema, value, path);
  const object = at === undefined ? undefined : optionOf(at, valueAt(value, path));
  return object instanceof z.core.$ZodObject ? Object.keys(object._zod.def.shape) : [];
}

/** The schema at `path`, without wrappers, of the forms that `value` was meant to have. */
export function schemaAt(schema: Schema, value: unknown, path: readonly PropertyKey[]): Schema | undefined {
  const [key, ...rest] = path;
  if (key === undefined) {
    return bare(schema);
  }
  const object = optionOf(bare(schema), value);
  const inner = object === undefined ? undefined : childOf(object, key);
  return inner === undefined ? undefined : schemaAt(inner, valueAt(value, [key]), rest);
}

export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** Of several forms the meant one; anything else is itself. */
function optionOf(schema: Schema, value: unknown): Schema | undefined {
  if (schema instanceof z.core.$ZodDiscriminatedUnion) {
    const option = optionByWord(schema, value);
    return option === undefined ? undefined : bare(option);
  }
  if (schema instanceof z.core.$ZodUnion) {
    const meant = meantOption(schema, value);
    return 'option' in meant ? optionOf(bare(meant.option), value) : undefined;
  }
  return schema;
}

function childOf(schema: Schema, key: PropertyKey): Schema | undefined {
  if (schema instanceof z.core.$ZodObject) {
    return schema._zod.def.shape[String(key)];
  }
  if (schema instanceof z.core.$ZodRecord) {
    return schema._zod.def.valueType;
  }
  return schema instanceof z.core.$ZodArray ? schema._zod.def.element : undefined;
}
