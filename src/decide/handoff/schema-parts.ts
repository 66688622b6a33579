import { z } from 'zod';
import { someOf } from '../../shared/units.ts';

/** What sections of `mappings/handoff.yaml` have in common. */

export const id = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, { error: 'small letters, digits and _, beginning with a letter' });
export const whole = z.number().int().positive();

export const setOffBy = z
  .union([z.literal('buying'), someOf(z.string(), 'Signals of signals.yaml.')], {
    error: 'buying, or a list of signals',
  })
  .optional()
  .describe('Only when one of these signals set the crossing off. buying: those that signals.yaml calls so.');
