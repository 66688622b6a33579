import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' });

/** The longest regular expression that signals.yaml may hold, in characters. */
export const PATTERN_MAX = 200;

/** How much of a text a regular expression looks at, in characters. */
export const PATTERN_TEXT_MAX = 1000;

/** Tests of a property's value, one of them. A new kind of test is a line here and one in `filters.ts`. */
const tests = {
  equals: scalar.optional().meta({
    description:
      'The value is this. A text is compared without case and outer blanks; a number also with a text that is one ("5.0" is 5); true also with "true".',
  }),
  in: z.array(scalar).min(1, { error: 'at least one value' }).optional().meta({
    description: 'The value equals one of these.',
  }),
  exists: z.boolean().optional().meta({
    description: 'true: the property is there and not null, whatever it is. false: it is missing or null.',
  }),
  at_least: z
    .number({ error: 'a number' })
    .optional()
    .meta({ description: 'A number, or a text that is one, this large or larger.' }),
  at_most: z
    .number({ error: 'a number' })
    .optional()
    .meta({ description: 'A number, or a text that is one, this large or smaller.' }),
  between: z
    .tuple([z.number(), z.number()], { error: 'two numbers, the smaller first: [10, 50], both included' })
    .optional()
    .meta({ description: 'A number, or a text that is one, from the first to the second, both included.' }),
  matches: z
    .string()
    .min(1, { error: 'a regular expression' })
    .max(PATTERN_MAX, { error: `at most ${PATTERN_MAX} characters` })
    .optional()
    .meta({
      description: `A regular expression (RE2: no backreferences, no lookaround) that is found in the value as text; ^ and $ tie it to the ends. Case and outer blanks do not count; only the first ${PATTERN_TEXT_MAX} characters are looked at.`,
    }),
};

const one = { minProperties: 1, maxProperties: 1 };

const plainFilter = z.strictObject(tests).meta({
  ...one,
  description: 'Exactly one test. A property that is missing passes only `exists: false`.',
});

export const filter = z
  .strictObject({
    ...tests,
    not: plainFilter.optional().meta({
      ...one,
      description: 'Passes exactly when this one test does not: also when the property is missing.',
    }),
  })
  .meta({ ...one, description: 'Exactly one test of the property.' });

export type PlainFilter = z.output<typeof plainFilter>;
export type FilterConfig = z.output<typeof filter>;
export const PLAIN_FILTERS = Object.keys(plainFilter.shape);
export const FILTERS = Object.keys(filter.shape);
