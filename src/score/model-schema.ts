import { z } from 'zod';

const id = z.string().regex(/^[a-z][a-z0-9_-]*$/, { error: 'a lower-case id such as seats_invited' });

/** `5 points each`, `15 points once`. */
const points = z
  .string({ error: 'points with their unit: "15 points once" or "5 points each"' })
  .regex(/^-?\d+(\.\d{1,6})? points? (once|each)$/, { error: '"15 points once" or "5 points each"' })
  .transform((text) => ({ amount: text.split(' ')[0] ?? '0', each: text.endsWith('each') }));

/** `20 points`. */
const cap = z
  .string({ error: 'points with their unit: "20 points"' })
  .regex(/^\d+(\.\d{1,6})? points?$/, { error: '"20 points"' })
  .transform((text) => text.split(' ')[0] ?? '0');

/** `90 days` (UTC days, today included), `168 hours` (exactly), `lifetime`. */
const window = z
  .string({ error: 'a window with its unit: "90 days", "168 hours" or "lifetime"' })
  .regex(/^(\d{1,4} days?|\d{1,5} hours?|lifetime)$/, { error: '"90 days", "168 hours" or "lifetime"' })
  .transform((text) => {
    const [length, unit] = text.split(' ');
    if (unit === undefined) {
      return 'lifetime' as const;
    }
    return unit.startsWith('day') ? { days: Number(length) } : { hours: Number(length) };
  });

const why = z.string().min(1, { error: 'a sentence for the rep' });

const rule = z.strictObject({
  id,
  group: id,
  points,
  cap: cap.optional(),
  why,
  /** Points for a signal within a window. */
  signal: id.optional(),
  window: window.optional(),
  /** Points for an account trait: one of between, in, entries. */
  trait: z.string().optional(),
  between: z.tuple([z.number(), z.number()]).optional(),
  in: z.array(z.string()).min(1).optional(),
  entries: z.literal('distinct').optional(),
  /** Points when people of several kinds were active. */
  people: z
    .strictObject({ distinct: z.string(), active_within: window, at_least: z.number().int().min(2) })
    .optional(),
});

const gate = z.strictObject({
  id,
  why,
  any_of: z.array(id).min(1).optional(),
  within: window.optional(),
  minimum_points: z.record(id, z.number()).optional(),
});

const tier = z.strictObject({
  id,
  from: z.number(),
  requires: z.array(id).default([]),
  /** An entry from below acts: a task and a campaign membership, once (I6). */
  acts: z.literal(true).optional(),
  /** How long after its last crossing an entry acts again. */
  rearm: z
    .string({ error: 'days with their unit: "30 days"' })
    .regex(/^\d{1,3} days?$/, { error: '"30 days"' })
    .transform((text) => Number(text.split(' ')[0]))
    .optional(),
});

/** The shape of `mappings/models/*.yaml`. */
export const modelSchema = z.strictObject({
  model: id,
  title: z.string(),
  /** How groups add up (X-1): `raw` is the plain sum. */
  weighting: z.literal('raw'),
  groups: z.array(id).min(1),
  rules: z.array(rule).min(1),
  gates: z.array(gate).default([]),
  tiers: z.array(tier).min(1),
});

export type ModelConfig = z.output<typeof modelSchema>;
export type RuleConfig = ModelConfig['rules'][number];
export type GateConfig = ModelConfig['gates'][number];
export type TierConfig = ModelConfig['tiers'][number];
