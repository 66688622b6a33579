import { z } from 'zod';
import {
  condition,
  entriesSubject,
  lastSubject,
  lastTest,
  numberTest,
  peopleSubject,
  signalSubject,
  traitSubject,
  valueTest,
} from './condition.ts';
import { amount, award, cap, days, id, percent, why, window } from './units.ts';

const head = {
  id,
  group: id.meta({ description: 'One of the model’s groups.' }),
  why,
  only: z
    .array(id)
    .min(1)
    .optional()
    .meta({ description: 'Segments to whose accounts the rule applies. Without it: all (S1-94).' }),
};

/** Steps of one rule: the best one reached counts, or all that are reached. */
function steps<T extends z.ZodType>(step: T) {
  const list = z.array(step).min(1, { error: 'at least one step' });
  return z.union([
    z.strictObject({ best_of: list }).meta({
      title: 'the best step',
      description: 'Of the steps that are reached, the one with the most points counts (X-13).',
    }),
    z
      .strictObject({ sum_of: list })
      .meta({ title: 'every step', description: 'The points of all steps that are reached are added.' }),
  ]);
}

function pointsOr<T extends z.ZodType>(other: T) {
  return z.union([award, other], {
    error: 'points with their unit: "15 points once" or "5 points each"; or best_of or sum_of with steps',
  });
}

const countSteps = steps(z.strictObject({ ...numberTest, points: amount }));
const valueSteps = steps(z.strictObject({ ...valueTest, points: amount }));
const lastSteps = steps(z.strictObject({ within: window, points: amount }));

/** Points of what happened fade with its age in UTC days. */
const fade = z
  .union([
    z.strictObject({ over: days, to: percent.optional() }).meta({
      title: 'linear',
      description: 'Full today, falling in equal daily steps to `to` (0 %) after `over` days.',
    }),
    z.strictObject({ half_every: days, to: percent.optional() }).meta({
      title: 'half-life',
      description: 'Halved every so many days, day by day, but never below `to` (0 %).',
    }),
  ])
  .optional()
  .meta({
    description:
      'Each occurrence is worth less with every UTC day of its age: (over - age) / over, or 0.5 ^ (age / half_every). The sum is rounded half up to six decimals.',
  });

const signalRule = z
  .strictObject({
    ...head,
    ...signalSubject,
    ...numberTest,
    points: pointsOr(countSteps),
    cap: cap.optional(),
    fade,
  })
  .meta({ title: 'points for a signal', description: 'Without a test, `points once` are due from 1 on.' });

const lastRule = z
  .strictObject({
    ...head,
    ...lastSubject,
    within: lastTest.within.optional(),
    points: pointsOr(lastSteps),
  })
  .meta({ title: 'points for recency' });

const traitRule = z
  .strictObject({ ...head, ...traitSubject, ...valueTest, points: pointsOr(valueSteps) })
  .meta({
    title: 'points for a trait',
    description:
      'Exactly one test, or steps with one test each. An unknown trait gives nothing and is named as missing.',
  });

const entriesRule = z
  .strictObject({
    ...head,
    ...entriesSubject,
    ...numberTest,
    points: pointsOr(countSteps),
    cap: cap.optional(),
  })
  .meta({ title: 'points for entries of a list' });

const peopleRule = z
  .strictObject({ ...head, ...peopleSubject, points: pointsOr(countSteps), cap: cap.optional() })
  .meta({ title: 'points for people' });

const whenRule = z
  .strictObject({ ...head, when: condition, points: award })
  .meta({ title: 'points for a combination', description: 'Points once, when the condition is true.' });

/** Points for something. What it looks at is told by the key: signal, last, trait, people or when. */
export const rule = z.union([signalRule, lastRule, entriesRule, traitRule, peopleRule, whenRule]);

export type RuleConfig = z.output<typeof rule>;
