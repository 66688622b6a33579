import { z } from 'zod';
import { COUNT_MODES } from '../../accounts/signals-config.ts';
import { id, number, window } from './units.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' });

/** Tests of a number: how often, how many, how large. */
export const numberTest = {
  at_least: number.optional().meta({ description: 'This many or more.' }),
  at_most: number.optional().meta({ description: 'This many or fewer.' }),
  between: z.tuple([number, number], { error: 'two numbers: [101, 500], both included' }).optional().meta({
    description:
      'Both ends included. A trait written as a range ("101-500") passes when it lies wholly inside.',
  }),
};

/** Tests of a value: all of the above for numbers, and these. Case and outer blanks do not count. */
export const valueTest = {
  ...numberTest,
  equals: scalar.optional().meta({ description: 'The value is this. Case and outer blanks do not count.' }),
  in: z
    .array(scalar)
    .min(1, { error: 'at least one value' })
    .optional()
    .meta({ description: 'The value, or an entry of a list, is one of these.' }),
  known: z
    .boolean()
    .optional()
    .meta({ description: 'true: there is a value, whatever it is. false: there is none.' }),
};

/** What a signal's test looks at: a count in a window. */
export const signalSubject = {
  signal: id.meta({
    description: 'A signal of signals.yaml, or `activity`: every track, page and screen call.',
  }),
  count: z.enum(COUNT_MODES).optional().meta({
    description:
      'How occurrences become a number. Without it: as signals.yaml says. Needed for points each, and for `activity`.',
  }),
  window,
};

/** How long ago the newest of some signals was. */
export const lastSubject = {
  last: z
    .union([id, z.array(id).min(1)])
    .meta({ description: 'The newest occurrence of this signal, or of any of these, by anybody.' }),
};
export const lastTest = {
  within: window.meta({ description: 'It lies in this window.' }),
};

export const signupTest = {
  signed_up_within: window.meta({
    description:
      'The account signed up in this window: its first `signed_up`, else its trait `created_at`, else the earliest `created_at` of its people. When none of them is known, the condition is unknown.',
  }),
};

export const traitSubject = {
  trait: z
    .string()
    .min(1)
    .meta({ description: 'A trait of the account, or a fact about it such as `customer` or `domain_kind`.' }),
};

export const entriesSubject = {
  ...traitSubject,
  entries: z
    .literal('distinct')
    .meta({ description: 'The trait is a list: counted are its different entries.' }),
};

const personFilter = z
  .strictObject(valueTest)
  .meta({ description: 'Exactly one test of a trait of the person.' });

export const peopleSubject = {
  people: z
    .strictObject({
      where: z.record(z.string().min(1), personFilter).optional().meta({
        description:
          'Only people whose traits pass all of these, e.g. { seniority: { in: [vp, c_level] } }. Whoever lacks a trait does not pass.',
      }),
      active_within: window
        .optional()
        .meta({ description: 'Only people with activity in this window. Without it: everybody known.' }),
      distinct: z
        .string()
        .min(1)
        .optional()
        .meta({ description: 'Count different values of this trait instead of people, e.g. `department`.' }),
      at_least: z
        .int({ error: 'a whole number from 1' })
        .min(1, { error: 'a whole number from 1' })
        .optional()
        .meta({ description: 'This many or more; 1 unless said.' }),
    })
    .meta({ description: 'People of the account: those with a user id or an e-mail.' }),
};

const signalAtom = z.strictObject({ ...signalSubject, ...numberTest }).meta({
  title: 'a signal',
  description: 'A signal counted in a window. Without a test: at least 1.',
});
const lastAtom = z.strictObject({ ...lastSubject, ...lastTest }).meta({ title: 'how long ago' });
const signupAtom = z.strictObject(signupTest).meta({ title: 'how new the account is' });
const traitAtom = z.strictObject({ ...traitSubject, ...valueTest }).meta({
  title: 'a trait',
  description: 'Exactly one test. A trait that nobody knows is neither: the condition is unknown.',
});
const entriesAtom = z.strictObject({ ...entriesSubject, ...numberTest }).meta({ title: 'entries of a list' });
const peopleAtom = z.strictObject(peopleSubject).meta({ title: 'people' });
const ruleAtom = z
  .strictObject({ rule: id })
  .meta({ title: 'a rule above', description: 'The rule of that id, which stands above, gave something.' });
const gateAtom = z
  .strictObject({ gate: id })
  .meta({ title: 'a gate above', description: 'The gate of that id, which stands above, passes.' });

export type AtomConfig = z.output<
  | typeof signalAtom
  | typeof lastAtom
  | typeof signupAtom
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
 * else unknown when one is unknown; `any` is true when one is true, else unknown when one is; `not` keeps unknown.
 */
export const condition: z.ZodType<ConditionConfig> = z
  .lazy(() =>
    z.union([
      signalAtom,
      lastAtom,
      signupAtom,
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
        .meta({ title: 'k of n', description: 'At least this many of the conditions hold (S2-119).' }),
      z.strictObject({ not: condition }).meta({ title: 'not' }),
    ]),
  )
  .meta({
    id: 'condition',
    description:
      'True, false, or unknown when a trait it asks for is not known. all: false when one is false, else unknown when one is unknown. any: true when one is true, else unknown when one is unknown. not: unknown stays unknown.',
  }) as z.ZodType<ConditionConfig>;
