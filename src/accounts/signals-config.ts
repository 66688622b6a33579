import { z } from 'zod';

/** How occurrences become a number. Mandatory: "once or each time?" is the question every user asks first. */
export const COUNT_MODES = [
  'once',
  'each',
  'distinct value',
  'distinct users',
  'distinct days',
  'sum',
] as const;

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' });

/** Tests of a property's value, one of them. A new kind of test is a line here and one in `filters.ts`. */
const filter = z.strictObject({
  equals: scalar.optional(),
  in: z.array(scalar).min(1).optional(),
  exists: z.boolean().optional(),
  at_least: z.number().optional(),
});

const signal = z.strictObject({
  /** Names of track events, any of them. */
  events: z.array(z.string().min(1)).min(1).optional(),
  /** All must hold. Keys are property names. */
  where: z.record(z.string(), filter).optional(),
  count: z.enum(COUNT_MODES),
  /** Property for `distinct value` and `sum`. */
  of: z.string().min(1).optional(),
  /** Scored within seconds. */
  trigger: z.boolean().default(false),
  /** Starts the short clock of a rep. */
  buying: z.boolean().default(false),
  /** Started and not completed within the time: derived when scored, not counted when folded. */
  abandoned: z
    .strictObject({ started: z.string(), completed: z.string(), after_hours: z.number().positive() })
    .optional(),
});

/** The shape of `mappings/signals.yaml`. */
export const signalsSchema = z.strictObject({
  activity: z
    .strictObject({
      ignore: z.array(z.string()).default([]),
      public_pages: z.array(z.string()).default([]),
    })
    .default({ ignore: [], public_pages: [] }),
  signals: z.record(
    z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'a lower-case id such as seats_invited' }),
    signal,
  ),
});

export type SignalsConfig = z.output<typeof signalsSchema>;
export type SignalConfig = SignalsConfig['signals'][string];
export type FilterConfig = z.output<typeof filter>;
export const FILTERS = Object.keys(filter.shape);
export type CountMode = (typeof COUNT_MODES)[number];
