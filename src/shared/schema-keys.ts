import { z } from 'zod';

/** The names that a schema allows in the object at `path`; none where anything goes. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const at = path.reduce<z.core.$ZodType | undefined>(
    (inner, key) => (inner === undefined ? undefined : childOf(bare(inner), key)),
    schema,
  );
  const object = at === undefined ? undefined : bare(at);
  return object instanceof z.core.$ZodObject ? Object.keys(object._zod.def.shape) : [];
}

/** Without the wrappers that change what a missing or a parsed value becomes. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault) {
    return bare(schema._zod.def.innerType);
  }
  return schema instanceof z.core.$ZodPipe ? bare(schema._zod.def.in) : schema;
}

function childOf(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.core.$ZodObject) {
    return schema._zod.def.shape[String(key)];
  }
  if (schema instanceof z.core.$ZodRecord) {
    return schema._zod.def.valueType;
  }
  return schema instanceof z.core.$ZodArray ? schema._zod.def.element : undefined;
}
