import fc from 'fast-check';

/** As much of JSON Schema (draft 2020-12) as the published schemas use. */
interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema | boolean;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
}

/** Sections of a schema that contains itself are opened so many times; then only what must be there is. */
const DEEPEST = 1;

/** Values that a published schema allows, as a program would write them that knows nothing else. */
export function fromJsonSchema(root: object): fc.Arbitrary<unknown> {
  const whole = root as Schema;
  const find = ($ref: string): Schema =>
    $ref
      .split('/')
      .slice(1)
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], whole) as Schema;

  const of = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    if (schema.$ref !== undefined) {
      return of(find(schema.$ref), depth + 1);
    }
    const types = Array.isArray(schema.type) ? schema.type.map((type) => ({ type })) : undefined;
    const choices = types ?? schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) {
      const { anyOf: _, oneOf: __, ...rest } = schema;
      const flat = choices.filter((choice) => !JSON.stringify(choice).includes('"$ref"'));
      const open = depth > DEEPEST && flat.length > 0 ? flat : choices;
      return fc.oneof(...open.map((choice) => of({ ...rest, ...choice }, depth)));
    }
    if (schema.const !== undefined) {
      return fc.constant(schema.const);
    }
    return schema.enum !== undefined ? fc.constantFrom(...schema.enum) : byType(schema, depth);
  };

  const byType = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    switch (schema.type) {
      case 'object':
        return object(schema, depth);
      case 'array':
        return list(schema, depth);
      case 'string':
        return text(schema);
      case 'integer':
        return fc.integer(bounds(schema, 1));
      case 'number':
        return fc.integer(bounds(schema, 1));
      case 'boolean':
        return fc.boolean();
      default:
        return fc.constant(null);
    }
  };

  const list = ({ items, prefixItems, minItems = 0, maxItems }: Schema, depth: number) =>
    prefixItems !== undefined
      ? fc.tuple(...prefixItems.map((item) => of(item, depth)))
      : fc.array(of(typeof items === 'object' ? items : {}, depth), {
          minLength: minItems,
          maxLength: Math.max(minItems, Math.min(maxItems ?? 3, depth > DEEPEST ? 0 : 3)),
        });

  const object = (schema: Schema, depth: number) => {
    const { properties = {}, required = [], additionalProperties: more, propertyNames } = schema;
    if (typeof more === 'object') {
      const key =
        propertyNames === undefined
          ? fc.string({ minLength: 1 })
          : of({ type: 'string', ...propertyNames }, depth);
      return fc.dictionary(key as fc.Arbitrary<string>, of(more, depth), { maxKeys: 3 });
    }
    const names = Object.keys(properties).filter((name) => depth <= DEEPEST || required.includes(name));
    const model = Object.fromEntries(names.map((name) => [name, of(properties[name] ?? {}, depth)]));
    return fc.record(model, { requiredKeys: required });
  };

  return of(whole, 0);
}

function text({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  return pattern === undefined
    ? fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) })
    : fc.stringMatching(new RegExp(pattern));
}

function bounds(schema: Schema, step: number): { min: number; max: number } {
  const min =
    schema.minimum ?? (schema.exclusiveMinimum === undefined ? -1000 : schema.exclusiveMinimum + step);
  const max =
    schema.maximum ?? (schema.exclusiveMaximum === undefined ? min + 1000 : schema.exclusiveMaximum - step);
  return { min: Math.ceil(min), max: Math.floor(Math.min(max, min + 100_000)) };
}
