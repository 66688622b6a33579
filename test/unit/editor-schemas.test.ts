import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  EDITOR_SCHEMAS,
  type EditorSchema,
  editorComment,
  editorSchemaText,
} from '../../src/editor-schemas.ts';

const files = readdirSync('mappings', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.yaml'),
);

/** An independent reader of the published text, as an editor has one. */
function validator(schema: EditorSchema) {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  return ajv.compile(JSON.parse(editorSchemaText(schema)) as object);
}

describe('the JSON Schemas for editors', () => {
  it.each(EDITOR_SCHEMAS.map((schema) => [schema.name, schema] as const))(
    '%s.schema.json is what the code says; when this fails: npm run schema',
    (name, schema) => {
      const file = join('mappings', 'schema', `${name}.schema.json`);
      expect(existsSync(file) ? readFileSync(file, 'utf8') : 'no such file').toBe(editorSchemaText(schema));
    },
  );

  it.each(files)('mappings/%s names its schema in its first line and is valid by it', (file) => {
    const schema = EDITOR_SCHEMAS.find((one) => one.files.test(file));
    const text = readFileSync(join('mappings', file), 'utf8');
    expect(text.split('\n')[0]).toBe(schema === undefined ? 'a schema' : editorComment(schema, file));
    const validate = validator(schema as EditorSchema);
    expect(validate(parse(text)) ? [] : validate.errors).toEqual([]);
  });

  it.each(EDITOR_SCHEMAS.map((schema) => [schema.name, schema] as const))(
    '%s: an unknown key is marked by the editor too, and every example in the schema fits its pattern',
    (_, schema) => {
      const validate = validator(schema);
      validate({ no_such_key: 1 });
      expect(validate.errors?.map(({ keyword }) => keyword)).toContain('additionalProperties');
      const misfits = examplesOf(JSON.parse(editorSchemaText(schema))).filter(
        ({ pattern, example }) => !new RegExp(pattern, 'u').test(example),
      );
      expect(misfits).toEqual([]);
    },
  );
});

function examplesOf(node: unknown): { pattern: string; example: string }[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const { pattern, examples } = node as { pattern?: unknown; examples?: unknown };
  const own =
    typeof pattern === 'string' && Array.isArray(examples)
      ? examples.map((example) => ({ pattern, example: String(example) }))
      : [];
  return [...own, ...Object.values(node).flatMap(examplesOf)];
}
