import { z } from 'zod';
import { derivedShape } from './catalogue/derived-config.ts';
import { filter } from './catalogue/filter-config.ts';
import { RECENT_DEFAULT, RECENT_MAX } from './state.ts';

/** How occurrences become a number. Mandatory: "once or each time?" is the question every user asks first. */
export const COUNT_MODES = [
  'once',
  'each',
  'distinct value',
  'distinct users',
  'distinct days',
  'consecutive days',
  'sum',
] as const;

export const KINDS = ['track', 'page', 'screen'] as const;
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const CLOCK = 'a time of day on a quarter of an hour, such as "09:00" or "17:30"';
const clock = z
  .string({ error: CLOCK })
  .regex(/^(([01]\d|2[0-3]):(00|15|30|45)|24:00)$/, { error: CLOCK })
  .meta({ examples: ['09:00', '17:30', '24:00'] });

const during = z
  .strictObject({
    from: clock.meta({ description: 'First time of day that counts.' }),
    to: clock.meta({ description: 'First time of day that no longer counts; after `from`, up to "24:00".' }),
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1, { error: 'at least one day of the week' })
      .default(['mon', 'tue', 'wed', 'thu', 'fri'])
      .meta({ description: 'Days of the week that count; Monday to Friday unless said.' }),
  })
  .optional()
  .meta({
    description:
      'Only what happens at these times of day in the account’s time zone counts (trait `timezone`, an IANA name; unknown or none: UTC, and the evidence says so). The days of such a signal are always local. It cannot count distinct values, nor be a step of sequences and abandoned flows.',
  });

/** What is counted: exactly one of these keys. */
const sources = {
  events: z
    .array(z.string().min(1))
    .min(1, { error: 'at least one name' })
    .optional()
    .meta({
      description:
        'Names of events, any of them. Case, spaces, underscores and a leading "User " do not count; * stands for any characters. Of page and screen calls, the name or the property `path`.',
      examples: [['Invite Sent'], ['Limit *'], ['/pricing*']],
    }),
  activity: z.literal(true).optional().meta({
    description: 'Every track, page and screen call that counts as activity, instead of `events`.',
  }),
  ...derivedShape,
};

export const SOURCES = Object.keys(sources) as (keyof typeof sources)[];

const signal = z
  .strictObject({
    ...sources,
    kinds: z.array(z.enum(KINDS)).min(1, { error: 'at least one kind' }).optional().meta({
      description: 'Kinds of calls that `events` names: track, page, screen; only track unless said.',
    }),
    where: z.record(z.string().min(1), filter).optional().meta({
      description:
        'Tests of the event’s properties by name (any spelling: `inviteeEmail` is `invitee_email`). All must pass.',
    }),
    count: z
      .enum(COUNT_MODES)
      .optional()
      .meta({
        description: [
          'How occurrences in the window become a number; needed by all but some_of, ratio and trend.',
          'once: 1 if there is any, else 0.',
          'each: every one.',
          'distinct value: different values of the property `of` (exact up to 1,000 per person, then an estimate within about 3 %).',
          'distinct users: people with at least one; events without a person are nobody.',
          'distinct days: days with at least one.',
          'consecutive days: the longest run of such days without a gap, wherever in the window.',
          'sum: the property `of` added up, of each event to six decimals.',
        ].join(' '),
      }),
    of: z.string().min(1).optional().meta({
      description:
        'The property for `distinct value` (compared without case and outer blanks; an event without it does not count) and `sum` (events without a number, or with a negative one, do not count). What does not count is no occurrence of the signal at all, however a model counts it.',
    }),
    days: z.enum(['utc', 'local']).default('utc').meta({
      description:
        'Which days are meant by windows in days, `first N days`, distinct days and streaks (but not by how long ago the newest was): of UTC, or of the account’s time zone (trait `timezone`, an IANA name such as Europe/Berlin; unknown or none: UTC, and the evidence says so). Local days of events are known for 92 days, and of each person’s first 31; longer windows are refused.',
    }),
    during,
    recent: z
      .int({ error: 'a whole number' })
      .min(1, { error: 'at least 1' })
      .max(RECENT_MAX, { error: `at most ${RECENT_MAX}` })
      .default(RECENT_DEFAULT)
      .meta({
        description: `How many of the newest instants of each person are kept: all that windows in hours, sequences and abandoned flows can see. ${RECENT_DEFAULT} unless said.`,
      }),
    trigger: z.boolean().default(false).meta({
      description:
        'The account is scored within two seconds. For any_of and some_of: after each of their signals; for a sequence: after its last step.',
    }),
    buying: z
      .boolean()
      .default(false)
      .meta({ description: 'It starts the short clock of a rep: two hours.' }),
    label: z
      .string()
      .min(1)
      .max(120)
      .optional()
      .meta({
        description:
          'What was done, for the texts that reps read and send: a verb in the past tense, such as "invited {count|teammate|teammates}" or "tried to go past a plan limit {times}". {count} is the number, {count|one|many} the number with the fitting word, {times} is once, twice, 3 times. It changes no score.',
        examples: ['invited {count|teammate|teammates}', 'asked for a demo'],
      }),
    named_by: z.string().min(1).optional().meta({
      description:
        'A signal of count `distinct value` over the same events: its value says which one it was, such as the limit or the feature. For texts; it changes no score.',
    }),
  })
  .meta({
    description: `One thing that is counted. Exactly one of ${SOURCES.join(', ')}.`,
    oneOf: SOURCES.map((source) => ({ required: [source] })),
  });

/** The shape of `mappings/signals.yaml`. */
export const signalsSchema = z
  .strictObject({
    activity: z
      .strictObject({
        ignore: z
          .array(z.string())
          .default([])
          .meta({ description: 'Track events that are no activity, named as in `events`.' }),
        public_pages: z.array(z.string()).default([]).meta({
          description: 'Pages and screens, by name or path, that are no activity, named as in `events`.',
        }),
      })
      .default({ ignore: [], public_pages: [] })
      .meta({ description: 'Track, page and screen calls are activity of their person, but for these.' }),
    signals: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, { error: 'a lower-case id such as seats_invited' }),
        signal,
      )
      .meta({
        description: 'Signals by id. `activity` is always there: every call that counts as activity.',
      }),
  })
  .meta({ title: 'What counts: signals' });

export type SignalsConfig = z.output<typeof signalsSchema>;
export type SignalConfig = SignalsConfig['signals'][string];
export type DuringConfig = NonNullable<SignalConfig['during']>;
export type CountMode = (typeof COUNT_MODES)[number];
