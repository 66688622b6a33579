import { z } from 'zod';
import { COUNT_MODES } from '../accounts/signals-config.ts';

const id = z
  .string({ error: 'a lower-case id such as seats_invited' })
  .regex(/^[a-z][a-z0-9_-]*$/, { error: 'a lower-case id such as seats_invited' });

/** A number with its unit, so that "cap: 20" never leaves open whether points or people are meant (X-2). */
function withUnit(pattern: RegExp, example: string) {
  return z.string({ error: example }).regex(pattern, { error: example });
}

/** `5 points each`, `15 points once`. */
const points = withUnit(
  /^-?\d{1,6}(\.\d{1,6})? points? (once|each)$/,
  'points with their unit: "15 points once" or "5 points each"',
).transform((text) => ({ amount: text.split(' ')[0] ?? '0', each: text.endsWith('each') }));

/** `20 points`. For points below zero: how far below they go. */
const cap = withUnit(/^\d{1,9}(\.\d{1,6})? points?$/, 'points with their unit: "20 points"').transform(
  (text) => text.split(' ')[0] ?? '0',
);

/** `90 days` (UTC days, today included), `168 hours` (exactly), `lifetime`. */
const window = withUnit(
  /^([1-9]\d{0,3} days?|[1-9]\d{0,4} hours?|lifetime)$/,
  'a window with its unit: "90 days", "168 hours" or "lifetime"',
).transform((text) => {
  const [length, unit] = text.split(' ');
  if (unit === undefined) {
    return 'lifetime' as const;
  }
  return unit.startsWith('day') ? { days: Number(length) } : { hours: Number(length) };
});

const why = z.string({ error: 'a sentence for the rep' }).min(1, { error: 'a sentence for the rep' });

const number = z.number({ error: 'a number' });

const rule = z.strictObject({
  id,
  group: id,
  points,
  cap: cap.optional(),
  why,
  /** Points for a signal within a window. `count` repeats what signals.yaml says, for the reader. */
  signal: id.optional(),
  count: z.enum(COUNT_MODES).optional(),
  window: window.optional(),
  /** Points for an account trait: one of between, in, entries. */
  trait: z.string().min(1).optional(),
  between: z.tuple([number, number], { error: 'two numbers: [101, 500], both included' }).optional(),
  in: z.array(z.string().min(1)).min(1, { error: 'at least one value' }).optional(),
  entries: z.literal('distinct').optional(),
  /** Points when people of several kinds were active. */
  people: z
    .strictObject({
      distinct: z.string().min(1),
      active_within: window,
      at_least: z.int({ error: 'a whole number from 2' }).min(2, { error: 'a whole number from 2' }),
    })
    .optional(),
});

const gate = z.strictObject({
  id,
  why,
  any_of: z.array(id).min(1, { error: 'at least one signal' }).optional(),
  within: window.optional(),
  minimum_points: z.record(id, number).optional(),
});

const tier = z.strictObject({
  id,
  /** Points from which it holds, up to where the next one begins. */
  from: number,
  requires: z.array(id).default([]),
  /** An entry from below acts: a task and a campaign membership, once (I6). */
  acts: z.literal(true).optional(),
  /** How long after its last crossing an entry acts again. */
  rearm: withUnit(/^\d{1,3} days?$/, 'days with their unit: "30 days"')
    .transform((text) => Number(text.split(' ')[0]))
    .optional(),
});

/** The shape of `mappings/models/*.yaml`. */
export const modelSchema = z.strictObject({
  model: id,
  title: z.string({ error: 'a title' }).min(1),
  /** How groups add up (X-1): `raw` is the plain sum. */
  weighting: z.literal('raw'),
  groups: z.array(id).min(1, { error: 'at least one group' }),
  rules: z.array(rule).min(1, { error: 'at least one rule' }),
  gates: z.array(gate).default([]),
  tiers: z.array(tier).min(1, { error: 'at least one tier' }),
});

export type ModelConfig = z.output<typeof modelSchema>;
export type RuleConfig = ModelConfig['rules'][number];
export type GateConfig = ModelConfig['gates'][number];
export type TierConfig = ModelConfig['tiers'][number];
