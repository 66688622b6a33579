import { z } from 'zod';

type Schema = z.core.$ZodType;

/** Without the wrappers that change what a missing or a parsed value becomes. */
function bare(schema: Schema): Schema {
  if (schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault) {
    return bare(schema._zod.def.innerType);
  }
  if (schema instanceof z.core.$ZodLazy) {
    return bare(schema._zod.def.getter());
  }
  return schema instanceof z.core.$ZodPipe ? bare(schema._zod.def.in) : schema;
}

/** Which of several forms a value was meant to have; or the keys, or words of one key, that tell the forms apart. */
export type Meant = { option: Schema; index: number } | { namedBy: string[] };

/**
 * A thing that can have several forms is told apart by a `kind`, or by the first key that it must have in one form
 * and not in all. Of forms with the same first key the one with most of its other keys is meant; of two that exclude
 * each other, nobody can say which.
 */
export function meantOption(union: z.core.$ZodUnion, value: unknown): Meant {
  const has = (key: string) => typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  const required = union._zod.def.options.map(requiredKeys);
  const fits = required
    .map((keys, index) => ({
      index,
      keys: keys.filter((key) => !required.every((all) => all.includes(key))),
    }))
    .filter(({ keys: [first] }) => first !== undefined && has(first))
    .sort((a, b) => b.keys.filter(has).length - a.keys.filter(has).length || a.keys.length - b.keys.length);
  const [best, ...others] = fits;
  const option = union._zod.def.options[best?.index ?? -1];
  if (best === undefined || option === undefined || others.some(({ keys }) => keys[0] !== best.keys[0])) {
    const firsts = required.flatMap(
      (keys) => keys.find((key) => !required.every((all) => all.includes(key))) ?? [],
    );
    return { namedBy: [...new Set(firsts)] };
  }
  return { option, index: best.index };
}

function requiredKeys(option: Schema): string[] {
  const object = bare(option);
  return object instanceof z.core.$ZodObject
    ? Object.entries(object._zod.def.shape)
        .filter(([, schema]) => schema._zod.optin !== 'optional')
        .map(([key]) => key)
    : [];
}

/**
 * The schema at `path`, without wrappers: of several forms, the one that the values on the way were meant to have.
 * Undefined where nobody can say.
 */
export function formAt(schema: Schema, raw: unknown, path: readonly PropertyKey[]): Schema | undefined {
  let at: Schema | undefined = bare(schema);
  let value = raw;
  for (const key of path) {
    const form: Schema | undefined = at === undefined ? undefined : formOf(at, value);
    const child: Schema | undefined = form === undefined ? undefined : childOf(form, key);
    at = child === undefined ? undefined : bare(child);
    value =
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return at;
}

/** Of several forms the meant one; anything else is itself. */
export function formOf(schema: Schema, value: unknown): Schema | undefined {
  if (schema instanceof z.core.$ZodDiscriminatedUnion) {
    return bareOrNone(optionByWord(schema, value));
  }
  if (schema instanceof z.core.$ZodUnion) {
    const meant = meantOption(schema, value);
    return 'option' in meant ? formOf(bare(meant.option), value) : undefined;
  }
  return schema;
}

function bareOrNone(schema: Schema | undefined): Schema | undefined {
  return schema === undefined ? undefined : bare(schema);
}

/** The option of a union told apart by one key whose word the value has; undefined: another word, or none. */
function optionByWord(union: z.core.$ZodDiscriminatedUnion, value: unknown): Schema | undefined {
  const { discriminator, options } = union._zod.def;
  const word =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[discriminator] : null;
  return options.find((option) => {
    const object = bare(option);
    const literal = object instanceof z.core.$ZodObject ? object._zod.def.shape[discriminator] : undefined;
    return literal instanceof z.core.$ZodLiteral && literal._zod.def.values.includes(word as string);
  });
}

function childOf(schema: Schema, key: PropertyKey): Schema | undefined {
  if (schema instanceof z.core.$ZodObject) {
    return schema._zod.def.shape[String(key)];
  }
  if (schema instanceof z.core.$ZodRecord) {
    return schema._zod.def.valueType;
  }
  if (schema instanceof z.core.$ZodTuple) {
    return schema._zod.def.items[Number(key)];
  }
  return schema instanceof z.core.$ZodArray ? schema._zod.def.element : undefined;
}
