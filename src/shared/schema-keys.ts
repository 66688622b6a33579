import { z } from 'zod';

/** The names that a schema allows in the object at `path`; none where anything goes. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const at = path.reduce<z.core.$ZodType[]>(
    (schemas, key) => schemas.flatMap((inner) => childrenOf(inner, key)),
    shapes(schema),
  );
  return [...new Set(at.flatMap((inner) => (inner instanceof z.core.$ZodObject ? keysOf(inner) : [])))];
}

function keysOf(object: z.core.$ZodObject): string[] {
  return Object.keys(object._zod.def.shape);
}

/**
 * Every form that the value may have, without the wrappers that change what a missing or a parsed value becomes.
 * A schema that contains itself is opened one level at a time, so this ends.
 */
function shapes(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodReadonly
  ) {
    return shapes(schema._zod.def.innerType);
  }
  if (schema instanceof z.core.$ZodLazy) {
    return shapes(schema._zod.innerType);
  }
  if (schema instanceof z.core.$ZodUnion) {
    return schema._zod.def.options.flatMap(shapes);
  }
  if (schema instanceof z.core.$ZodIntersection) {
    return [schema._zod.def.left, schema._zod.def.right].flatMap(shapes);
  }
  return schema instanceof z.core.$ZodPipe ? shapes(schema._zod.def.in) : [schema];
}

function childrenOf(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  if (schema instanceof z.core.$ZodObject) {
    const child = schema._zod.def.shape[String(key)];
    return child === undefined ? [] : shapes(child);
  }
  if (schema instanceof z.core.$ZodRecord) {
    return shapes(schema._zod.def.valueType);
  }
  if (schema instanceof z.core.$ZodTuple) {
    return schema._zod.def.items.slice(Number(key), Number(key) + 1).flatMap(shapes);
  }
  return schema instanceof z.core.$ZodArray ? shapes(schema._zod.def.element) : [];
}

/**
 * Some value that the schema of a top-level key accepts, so that the rest of a file can be read when this key cannot.
 * Undefined where none is found.
 */
export function standInFor(schema: z.core.$ZodType, key: PropertyKey): unknown {
  const [child] = shapes(schema).flatMap((inner) => childrenOf(inner, key));
  return child === undefined ? undefined : standIn(child);
}

/** Levels of required sections within each other; deeper ones are given up. */
const DEEPEST = 5;

function standIn(schema: z.core.$ZodType, depth = 0): unknown {
  const accepted = plausible(schema).find((value) => z.safeParse(schema, value).success);
  if (accepted !== undefined || depth === DEEPEST) {
    return accepted;
  }
  if (schema instanceof z.core.$ZodArray) {
    return [standIn(schema._zod.def.element, depth + 1)];
  }
  return schema instanceof z.core.$ZodObject
    ? Object.fromEntries(
        Object.entries(schema._zod.def.shape)
          .filter(([, inner]) => !z.safeParse(inner, undefined).success)
          .map(([name, inner]) => [name, standIn(shapes(inner)[0] ?? inner, depth + 1)]),
      )
    : undefined;
}

function plausible(schema: z.core.$ZodType): unknown[] {
  const { examples = [] } = (z.globalRegistry.get(schema) ?? {}) as { examples?: unknown[] };
  const values = [...(schema._zod.values ?? [])];
  return [...examples, ...values, 'x', 0, 1, false, [], {}];
}
