import { z } from 'zod';
import { someOf, days as wholeDays } from '../../shared/units.ts';
import { id, setOffBy } from './schema-parts.ts';

/** The sections `texts` and `touches` of `mappings/handoff.yaml`. */

const text = z
  .strictObject({
    template: z.string().describe('The text of the task: the name of a file of templates/.'),
    signals: setOffBy,
    routes: someOf(z.string(), 'Only for accounts that go there, such as CSM.').optional(),
    tiers: someOf(z.string(), 'Only for crossings into these acting tiers.').optional(),
  })
  .describe('Which accounts get which text.');

const plan = z
  .strictObject({
    id: z.string().min(1).max(60).describe('As the account’s trait `plan` says it.'),
    name: z.string().min(1).max(60).describe('As buyers know it.'),
    unlocks: z
      .string()
      .max(200)
      .default('')
      .describe(
        'What it has that the plan before has not, in words that end a sentence, such as single sign-on and audit logs.',
      ),
  })
  .describe('A plan that we sell.');

export const texts = z
  .strictObject({
    our: z
      .record(id, z.string().max(500))
      .default({})
      .describe(
        'Words of ours that a template names as our.NAME. One that is empty is left out of the texts.',
      ),
    names: z
      .record(z.string().max(200), z.string().min(1).max(60))
      .default({})
      .describe(
        'Better words for what events call things, such as  sso: SSO. By the value in small letters.',
      ),
    plans: z.array(plan).default([]).describe('Plans, the lowest first.'),
    by: z
      .array(text)
      .default([])
      .describe(
        'Which text a crossing gets: the first that fits, asked of the buying signals that set it off, then of the others, then of the newest behaviour that earned points. What fits none gets the template of its play.',
      ),
  })
  .default({ our: {}, names: {}, plans: [], by: [] })
  .describe('Texts that reps read and send.');

export const touch = z
  .strictObject({
    after: wholeDays('How long after the touch before; the first is at once: 0 days'),
    template: z
      .string()
      .optional()
      .describe('Its text: the name of a file of templates/. The first has the text of the crossing.'),
  })
  .describe('One task of the plan.');
