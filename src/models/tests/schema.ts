import { z } from 'zod';
import { parseInstant } from '../../shared/time.ts';

const json = z.json();
const traits = z.record(z.string().min(1), json);
const whole = z.int({ error: 'a whole number of days, such as 0 or -3' });

const id = z.string({ error: 'a name' }).min(1, { error: 'a name' });

const date = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, { error: 'a date such as 2026-02-27' })
  .refine((text) => parseInstant(text) !== null, { error: 'a date that the calendar has' });

const instant = z
  .string({ error: 'a date such as 2026-03-02 (12:00 UTC), or an instant such as 2026-03-02T09:30:00Z' })
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?Z)?$/, {
    error: 'a date such as 2026-03-02 (12:00 UTC), or an instant such as 2026-03-02T09:30:00Z',
  })
  .refine((text) => parseInstant(text) !== null, { error: 'a date that the calendar has' })
  .transform((text) => Date.parse(text.includes('T') ? text : `${text}T12:00:00Z`));

/** What may be expected of a score; at least one. */
const expected = {
  score: z.number().optional().describe('The number.'),
  raw: z.number().optional().describe('The sum of the lines before modifiers and clamping.'),
  tier: id.optional().describe('The tier that the score itself gives, without memory of earlier tiers.'),
  gates: z
    .record(id, z.enum(['passed', 'failed']))
    .optional()
    .describe('Gates by id: passed or failed. Those not named are not looked at.'),
  points: z
    .record(id, z.number())
    .optional()
    .describe('Points of rules by id, after caps. Rules not named are not looked at.'),
  groups: z.record(id, z.number()).optional().describe('Points of groups by id.'),
  reasons: z
    .array(id)
    .optional()
    .describe(
      'Texts that the sentences of the explanation must contain, of rules, gates or modifiers alike.',
    ),
  flags: z.array(id).optional().describe('Flags that the account must have; [] means none at all.'),
  segment: id.optional().describe('The segment that the account falls into.'),
};

const event = z.strictObject({
  event: id.describe('Name of a track call, as the product sends it.'),
  by: z
    .union([id, z.array(id).min(1)], { error: 'a person, or a list of people' })
    .optional()
    .describe(
      'Who did it; a list means one event of each. Unset: the first of `people`, or somebody without traits.',
    ),
  day: z
    .union([whole, date], { error: 'a whole number of days, such as -3, or a date such as 2026-02-27' })
    .optional()
    .describe(
      'Days from `at` at the same time of day: 0 is `at` itself, -3 exactly 72 hours before. Or a date, at the time of day of `at`.',
    ),
  days: z
    .tuple([whole, whole], { error: 'the first and the last day, such as [-13, 0]' })
    .optional()
    .describe('One event on every day from the first to the last, both included.'),
  hours: z
    .number({ error: 'hours from `at`, such as -167.5' })
    .optional()
    .describe('Hours from `at` instead of days: -167.5 is half an hour inside the last 168 hours.'),
  times: z
    .int({ error: 'a whole number from 1' })
    .min(1, { error: 'a whole number from 1' })
    .max(10_000, { error: 'at most 10000' })
    .default(1)
    .describe('How many such events, all at that instant.'),
  properties: z
    .record(z.string(), json)
    .default({})
    .describe('Properties of the event, as the product sends them.'),
});

const later = z.strictObject({
  in: z
    .string({ error: 'a time with its unit: "8 days" or "36 hours"' })
    .regex(/^\d{1,4} (days?|hours?)$/, { error: 'a time with its unit: "8 days" or "36 hours"' })
    .transform((text) => Number(text.split(' ')[0]) * (text.includes('day') ? 24 : 1))
    .describe(
      'How long after `at`. Only events up to then count: with none dated after `at`, it shows what silence does.',
    ),
  ...expected,
});

const testCase = z.strictObject({
  name: id.describe('What the case shows, as a sentence; with seed ids where it proves one.'),
  at: instant
    .default(Date.UTC(2026, 2, 2, 12))
    .describe('When the account is scored: a date (12:00 UTC) or an instant. Default: 2026-03-02, a Monday.'),
  account: traits.default({}).describe('Traits of the account, as a group call sends them.'),
  people: z
    .record(id, traits)
    .default({})
    .describe('People by id with their traits, as an identify call sends them. Being known is no activity.'),
  events: z.array(event).default([]).describe('What happened, in any order.'),
  facts: traits
    .default({})
    .describe(
      'Facts that no event brought, such as fields read back from the CRM; they count like declared traits. What mail addresses say about `domain_kind` beats them.',
    ),
  expect: z.strictObject(expected).describe('What the score at `at` must be.'),
  later: z.array(later).default([]).describe('What it must be some time later.'),
});

/** The shape of `mappings/models/NAME.test.yaml`. */
export const testFileSchema = z.strictObject({
  model: id.describe('The model that is tested: the name of the file before `.test.yaml`.'),
  cases: z
    .array(testCase)
    .min(1, { error: 'at least one case' })
    .describe('The cases, each on its own account.'),
});

export type TestFile = z.output<typeof testFileSchema>;
export type TestCase = TestFile['cases'][number];
export type TestEvent = TestCase['events'][number];
export type Expected = TestCase['expect'];
