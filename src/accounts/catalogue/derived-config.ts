import { z } from 'zod';
import { DAY, HOUR, MINUTE } from '../../shared/time.ts';

/** Signals that are not counted from events but derived from other signals when an account is scored. */

const UNITS = { minute: MINUTE, hour: HOUR, day: DAY } as const;

const SPAN = 'a length of time with its unit: "30 minutes", "24 hours" or "7 days"';

/** `24 hours` -> milliseconds; a day is 24 hours. */
const span = z
  .string({ error: SPAN })
  .regex(/^[1-9]\d{0,3} (minute|hour|day)s?$/, { error: SPAN })
  .meta({ description: 'Exact time, a day being 24 hours.', examples: ['30 minutes', '24 hours', '7 days'] })
  .transform((text) => {
    const [length = '', unit = ''] = text.split(' ');
    return Number(length) * UNITS[unit.replace(/s$/, '') as keyof typeof UNITS];
  });

const signalId = z.string({ error: 'the id of a signal' });

function listOf(least: number) {
  return z.array(signalId, { error: 'a list of ids' }).min(least, { error: `at least ${least} signals` });
}

const SEEN = 'Looked at are the newest `recent` occurrences of each signal and person.';

export const derivedShape = {
  abandoned: z
    .strictObject({
      started: signalId.meta({ description: 'A signal counted from events: somebody began.' }),
      completed: signalId.meta({ description: 'A signal counted from events: somebody finished.' }),
      after_hours: z
        .number({ error: 'hours' })
        .positive({ error: 'more than 0 hours' })
        .max(2400, { error: 'at most 2400 hours' })
        .meta({ description: 'How many hours after the start the time is up; exact, may have decimals.' }),
    })
    .optional()
    .meta({
      description: `A flow that somebody began and nobody of the account finished in time (S2-84). One occurrence for each start that has no completion, by anybody of the account, at the start or less than \`after_hours\` after it; dated when the time is up, and belonging to whoever started. ${SEEN}`,
    }),
  sequence: z
    .strictObject({
      steps: listOf(2).max(6, { error: 'at most 6 steps' }).meta({
        description: 'Different signals counted from events, in their order.',
      }),
      within: span.meta({
        description: 'The last step comes no more than this after the first, e.g. "24 hours" (exact).',
      }),
      by: z.enum(['person', 'account']).default('person').meta({
        description:
          'person: one person does all steps; events without a person form no sequence. account: anybody of the account.',
      }),
    })
    .optional()
    .meta({
      description: `One occurrence for each occurrence of the last step before which the other steps came in their order (at the same instant counts as before), all within the time; dated at the last step and belonging to whoever did it (S1-92). ${SEEN}`,
    }),
  became_active: z
    .strictObject({
      invited: signalId.meta({
        description: 'A signal with `count: distinct value` whose values are e-mail addresses.',
      }),
    })
    .optional()
    .meta({
      description:
        'People of the account whose e-mail was invited, and whose first activity in the account came at the first invitation of that address or after it (S2-77). One occurrence for each, dated at that first activity; `count` is once or distinct users.',
    }),
  any_of: listOf(2).optional().meta({
    description:
      'The occurrences of all these signals together, whatever each of them counts. An event that gives two of them is two occurrences for `each`. No sums, and no any_of, some_of, ratio or trend. All count days of UTC, or all local ones; theirs are its days.',
  }),
  some_of: listOf(2).optional().meta({
    description:
      'How many of these signals were given in the window: a number from 0 to their count, such as 3 of 5 setup steps (S2-119). A signal was given when its own amount is above 0. No some_of, ratio or trend.',
  }),
  ratio: z
    .strictObject({
      of: signalId.meta({
        description: 'The signal above the line; its amount in the window. No some_of, ratio or trend.',
      }),
      to: signalId.meta({
        description: 'The signal below the line; its amount in the same window. No some_of, ratio or trend.',
      }),
      at_least_to: z.number({ error: 'a number' }).positive({ error: 'more than 0' }).default(1).meta({
        description: 'While the amount of `to` is below this, the ratio is unknown; 1 unless said.',
      }),
    })
    .optional()
    .meta({
      description:
        'The amount of `of` divided by the amount of `to`, rounded to six decimals. Unknown, not 0, while there is too little of `to`.',
    }),
  trend: z
    .strictObject({
      of: signalId.meta({ description: 'Any signal but distinct values, some_of, ratio and trend.' }),
      days: z.int({ error: 'a whole number of days' }).min(1, { error: 'at least 1 day' }).meta({
        description: 'Length of each of the two stretches.',
      }),
    })
    .optional()
    .meta({
      description:
        'The amount of `of` in the last N days, today included, divided by its amount in the N days before those, rounded to six decimals: 1 is steady, 2 is twice as much. Unknown while there was nothing in the days before. The window of a rule does not matter.',
    }),
};
