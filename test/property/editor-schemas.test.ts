import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EDITOR_SCHEMAS, editorSchemaText } from '../../src/editor-schemas.ts';
import { fromJsonSchema } from '../support/from-json-schema.ts';

describe('whatever a program writes from a published schema alone has the shape that we read', () => {
  it.each(EDITOR_SCHEMAS.map((one) => [one.name, one] as const))(
    '%s',
    (_, one) => {
      const written = fromJsonSchema(JSON.parse(editorSchemaText(one)) as object);
      fc.assert(
        fc.property(written, (value) => {
          const read = one.schema.safeParse(value);
          const issues = read.success ? [] : read.error.issues;
          // No pattern knows how long February is.
          const wrong = issues.filter(({ message }) => message !== 'a date that the calendar has');
          expect(wrong.map(({ path, message }) => [path.join('.'), message])).toEqual([]);
        }),
        { numRuns: 100 },
      );
    },
    60_000,
  );
});
