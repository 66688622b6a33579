import { z } from 'zod';
import { formOf, someOf } from '../../shared/units.ts';

/** The sections `people` and `pools` of `mappings/handoff.yaml`, and how a pool is named elsewhere. */

const address = (error: string) =>
  z
    .string({ error })
    .regex(/^[^\s@]+@[^\s@]+$/, { error })
    .describe('The e-mail of a user of the CRM.');

/** An address as a file says it. Case does not count. */
export const ownerEmail = address('an e-mail address of a user of the CRM');

export const poolName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, { error: 'a name under `pools` of handoff.yaml' });

const date = formOf(/^\d{4}-\d\d-\d\d$/, 'A date', ['2026-08-15']);

const aWeek = (description: string) =>
  z
    .number()
    .int({ error: 'a whole number, from 1' })
    .min(1, { error: 'a whole number, from 1' })
    .describe(description);

export const person = z
  .strictObject({
    email: ownerEmail,
    name: z.string().min(1).max(100).optional().describe('Shown beside the address.'),
    manager: ownerEmail
      .optional()
      .describe('Who hears of it when they let a deadline pass. One of `people`.'),
    a_week: aWeek(
      'New tasks in a week (Monday to Sunday), at most, from all pools together. It counts before that of a pool.',
    ).optional(),
    out: z
      .array(
        z.strictObject({
          from: date.describe('The first day.'),
          to: date.describe('The last day.'),
        }),
      )
      .default([])
      .describe('Days on which they get nothing new, by the clock of their hours.'),
    hours: z
      .string()
      .optional()
      .describe(
        'When they work, by the name under `hours`: whose days and weeks count. Without it those of UTC.',
      ),
  })
  .describe('Somebody who can be given accounts.');

export const pool = z
  .strictObject({
    people: someOf(ownerEmail, 'Who shares the accounts.'),
    pick: z
      .enum(['round_robin', 'least_loaded', 'steady'])
      .default('round_robin')
      .describe(
        'Who gets a new account. round_robin: whoever waited longest. least_loaded: whoever has the fewest open tasks of the last 30 days. steady: drawn by the key of the account.',
      ),
    a_week: aWeek('New tasks in a week for each of them, at most.').optional(),
  })
  .describe(
    'People who share accounts. An account stays with the one who has it for as long as they can take it.',
  );

/** Whoever owns what comes by a route, before the chain of the mapping. */
const OWNER = 'an e-mail address, or { pool: sdr } with a name under `pools`';
export const routeOwner = z.union([address(OWNER), z.strictObject({ pool: poolName })], { error: OWNER });

export type PersonConfig = z.output<typeof person>;
export type PoolConfig = z.output<typeof pool>;
export type RouteOwner = z.output<typeof routeOwner>;
