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
import { age, amount, award, cap, id, length, percent, why } from './units.ts';

const head = {
  id,
  group: id.meta({ description: 'One of the model’s groups.' }),
  why,
  only: z.array(id).min(1).optional().meta({
    description: 'Segments to whose accounts the rule applies; others get 0 points. Without it: all (S1-94).',
  }),
};

/** Steps of one rule: the best one reached counts, or all that are reached. */
function steps<T extends z.ZodType>(step: T) {
  const list = z.array(step).min(1, { error: 'at least one step' });
  return [
    z.strictObject({ best_of: list }).meta({
      title: 'the best step',
      description:
        'Of the steps that are reached, the one with the most points counts (X-13): of -5 and -10 points, -5. None reached: 0 points.',
    }),
    z.strictObject({ sum_of: list }).meta({
      title: 'every step',
      description: 'The points of all steps that are reached are added. None reached: 0 points.',
    }),
  ] as const;
}

/** One flat choice: a mistake within a step is then told where it stands, not of the points as a whole. */
function pointsOr<A extends z.ZodType, B extends z.ZodType>(forms: readonly [A, B]) {
  return z.union([award, ...forms], {
    error: 'points with their unit: "15 points once" or "5 points each"; or best_of or sum_of with steps',
  });
}

const countSteps = steps(
  z
    .strictObject({ ...numberTest, points: amount })
    .meta({ description: 'At most one test; without one: at least 1.' }),
);
const valueSteps = steps(z.strictObject({ ...valueTest, points: amount }));
const lastSteps = steps(z.strictObject({ within: age, points: amount }));

/** Points of what happened fade with its age in UTC days. */
const fade = z
  .union([
    z.strictObject({ over: length, to: percent.optional() }).meta({
      title: 'linear',
      description:
        'Full today, falling in equal daily steps to `to` (0 % unless said) after `over` days: a share of to + (1 - to) * (over - age) / over, later `to`.',
    }),
    z.strictObject({ half_every: length, to: percent.optional() }).meta({
      title: 'half-life',
      description:
        'Halved every so many days, day by day: a share of 0.5 ^ (age / half_every), but never below `to` (0 % unless said).',
    }),
  ])
  .optional()
  .meta({
    description:
      'Points are worth less with every UTC day of age; today is 0. Points each: every occurrence by its own age; distinct values and users by their newest, distinct days one each, of a sum the amount of every event, fractions included. Points once: by the newest that counts, while the test passes. The sum is rounded half up to six decimals, then capped. Only beside a window in days and of signals with UTC days; not beside steps or consecutive days.',
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
  .meta({
    title: 'points for a signal',
    description:
      'Points once: at most one test; without one they are due from 1 on. Points each: no test; of a sum every whole one counts (2.7 give points twice). Steps: the tests stand in the steps. What is not known gives 0 points.',
  });

const lastRule = z
  .strictObject({
    ...head,
    ...lastSubject,
    within: lastTest.within.optional(),
    points: pointsOr(lastSteps),
  })
  .meta({
    title: 'points for recency',
    description: 'Points once beside `within`, or steps with a `within` each.',
  });

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
