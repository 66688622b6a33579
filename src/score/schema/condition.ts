import { z } from 'zod';
import { COUNT_MODES } from '../../accounts/signals-config.ts';
import { age, id, number, window } from './units.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' });

/** Tests of a number: how often, how many, how large. */
export const numberTest = {
  at_least: number.optional().meta({ description: 'This many or more.' }),
  at_most: number.optional().meta({ description: 'This many or fewer.' }),
  between: z.tuple([number, number], { error: 'two numbers: [101, 500], both included' }).optional().meta({
    description:
      'Both ends included. A trait written as a range passes a test of numbers when it lies wholly inside: "101-500", "101 to 500"; "500+" has no upper end. A text that is a number ("240", "1,000") is one; any other text passes none.',
  }),
};

/** Tests of a value: all of the above for numbers, and these. Case and outer blanks do not count. */
export const valueTest = {
  ...numberTest,
  equals: scalar.optional().meta({
    description:
      'The value, or an entry of a list, is this. Case and outer blanks do not count; a number written here is compared as a number.',
  }),
  in: z
    .array(scalar)
    .min(1, { error: 'at least one value' })
    .optional()
    .meta({ description: 'The value, or an entry of a list, is one of these, compared as with `equals`.' }),
  known: z.boolean().optional().meta({
    description:
      'true: there is a value, whatever it is. false: there is none. A blank text is none; an empty list is one. Never unknown.',
  }),
};

/** What a signal's test looks at: a count in a window. */
export const signalSubject = {
  signal: id.meta({
    description: 'A signal of signals.yaml, or `activity`: every track, page and screen call.',
  }),
  count: z.enum(COUNT_MODES).optional().meta({
    description:
      'How occurrences become a number. Without it: as signals.yaml says. Needed for points each, and for `activity`. Of a window in hours, `each` can ask for no more than signals.yaml keeps of each person (`recent`), distinct and consecutive days for no more than one, points each only for once, distinct values and distinct users, and sums for nothing.',
  }),
  window,
};

/** How long ago the newest of some signals was. */
export const lastSubject = {
  last: z.union([id, z.array(id).min(1)]).meta({
    description:
      'The newest occurrence of this signal, or of any of these, by anybody, whenever it was, by UTC days also for signals with local ones. `activity` is one; of a signal that counts only some times of day (`during`) it can be asked for up to 92 days back, in days; numbers made of signals (some_of, ratio, trend) happen at no instant and are refused.',
  }),
};
export const lastTest = {
  within: age.meta({ description: 'It lies in this window. What never happened lies in none.' }),
};

export const signupTest = {
  signed_up_within: age.meta({
    description:
      'The account signed up in this window: its first `signed_up`, else its trait `created_at`, else the earliest `created_at` of its people. When none of them is known, the condition is unknown.',
  }),
};

export const dateTest = {
  date: z.string().min(1).meta({
    description:
      'A trait or fact of the account that is a date, such as `churned_at`: ISO 8601 (without a zone: UTC), or Unix time. When nobody knows it, or it is no date, the condition is unknown.',
  }),
  within: age.meta({ description: 'It lies in this window. A date that is still to come lies in none.' }),
};

export const traitSubject = {
  trait: z
    .string()
    .min(1)
    .meta({ description: 'A trait of the account, or a fact about it such as `customer` or `domain_kind`.' }),
};

export const entriesSubject = {
  ...traitSubject,
  entries: z.literal('distinct').meta({
    description:
      'The trait is a list, or a text with commas: counted are its different entries. Case, outer blanks and blank entries do not count. Unknown when the trait is.',
  }),
};

const personFilter = z.strictObject(valueTest).meta({
  description:
    'Exactly one test of a trait of the person. A trait that is not known passes only `known: false`.',
});

export const peopleSubject = {
  people: z
    .strictObject({
      where: z.record(z.string().min(1), personFilter).optional().meta({
        description:
          'Only people whose traits pass all of these, e.g. { seniority: { in: [vp, c_level] } }. Whoever lacks a trait passes only `known: false`.',
      }),
      active_within: age
        .optional()
        .meta({ description: 'Only people with activity in this window. Without it: everybody known.' }),
      distinct: z.string().min(1).optional().meta({
        description:
          'Count different values of this trait among these people instead of the people, e.g. `department`. Case and outer blanks do not count; whoever lacks the trait, or has a list there, adds none.',
      }),
      at_least: z
        .int({ error: 'a whole number from 1' })
        .min(1, { error: 'a whole number from 1' })
        .optional()
        .meta({ description: 'This many or more; 1 unless said.' }),
    })
    .meta({
      description: 'People of the account: those with a user id or an e-mail. Their number is always known.',
    }),
};

const signalAtom = z.strictObject({ ...signalSubject, ...numberTest }).meta({
  title: 'a signal',
  description:
    'A signal counted in a window, with at most one test; without one: at least 1. Unknown only when the number is: `first N days` of an account whose sign-up nobody knows, a ratio or trend without enough to go by.',
});
const lastAtom = z.strictObject({ ...lastSubject, ...lastTest }).meta({ title: 'how long ago' });
const signupAtom = z.strictObject(signupTest).meta({ title: 'how new the account is' });
const dateAtom = z.strictObject(dateTest).meta({ title: 'how long ago a date was' });
const traitAtom = z.strictObject({ ...traitSubject, ...valueTest }).meta({
  title: 'a trait',
  description: 'Exactly one test. A trait that nobody knows is neither: the condition is unknown.',
});
const entriesAtom = z.strictObject({ ...entriesSubject, ...numberTest }).meta({ title: 'entries of a list' });
const peopleAtom = z.strictObject(peopleSubject).meta({ title: 'people' });
const ruleAtom = z.strictObject({ rule: id }).meta({
  title: 'a rule above',
  description: 'The rule of that id, which stands above, gave points, more or less than 0. Never unknown.',
});
const gateAtom = z.strictObject({ gate: id }).meta({
  title: 'a gate above',
  description:
    'The gate of that id, which stands above, passes, as the score shows it: `when_unknown` has decided. Never unknown.',
});

export type AtomConfig = z.output<
  | typeof signalAtom
  | typeof lastAtom
  | typeof signupAtom
  | typeof dateAtom
  | typeof traitAtom
  | typeof entriesAtom
  | typeof peopleAtom
  | typeof ruleAtom
  | typeof gateAtom
>;

/** All, any, k of n, not; or one thing to look at with its test. */
export type ConditionConfig =
  | AtomConfig
  | { all: ConditionConfig[] }
  | { any: ConditionConfig[] }
  | { at_least: number; of: ConditionConfig[] }
  | { not: ConditionConfig };

const several = z.lazy(() => z.array(condition).min(1, { error: 'at least one condition' }));

/**
 * A condition is true, false, or unknown when a trait it asks for is not known. `all` is false when one is false,
 * else unknown when one is unknown; `any` is true when one is true, else unknown when one is; k of n is true with k
 * true ones, else unknown when unknown ones could make k; `not` keeps unknown.
 */
export const condition: z.ZodType<ConditionConfig> = z
  .lazy(() =>
    z.union([
      signalAtom,
      lastAtom,
      signupAtom,
      dateAtom,
      entriesAtom,
      traitAtom,
      peopleAtom,
      ruleAtom,
      gateAtom,
      z.strictObject({ all: several }).meta({ title: 'all of' }),
      z.strictObject({ any: several }).meta({ title: 'any of' }),
      z
        .strictObject({
          of: several,
          at_least: z.int({ error: 'a whole number from 1' }).min(1, { error: 'a whole number from 1' }),
        })
        .meta({
          title: 'k of n',
          description:
            'At least this many of the conditions are true (S2-119); unknown when unknown ones could still make so many.',
        }),
      z.strictObject({ not: condition }).meta({ title: 'not' }),
    ]),
  )
  .meta({
    id: 'condition',
    description:
      'True, false, or unknown when a trait it asks for is not known. all: false when one is false, else unknown when one is unknown. any: true when one is true, else unknown when one is unknown. at_least … of: true with so many true, else unknown when unknown ones could make so many. not: unknown stays unknown.',
  }) as z.ZodType<ConditionConfig>;
