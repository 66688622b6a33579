import { z } from 'zod';
import { minutesOf } from '../../accounts/signal-info.ts';
import { WEEKDAYS } from '../../accounts/signals-config.ts';
import { condition } from '../../score/schema/condition.ts';
import { formOf, hours, someOf } from '../../shared/units.ts';
import { alerts } from './alerts-schema.ts';
import { person, pool, poolName, routeOwner } from './people-schema.ts';
import { id, setOffBy, whole } from './schema-parts.ts';
import { texts, touch } from './texts-schema.ts';

/** The shape of `mappings/handoff.yaml`. */

const spans = formOf(
  /^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)(?:, ?(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00))*$/,
  'From when to when somebody works, by the clocks of the time zone; several parts of a day are separated by commas',
  ['09:00-17:30', '09:00-12:00, 13:00-17:00'],
);
const days = formOf(
  /^(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?$/,
  'A day of the week, or the first and the last of several',
  ['mon-fri', 'sat'],
);
const date = formOf(/^\d{4}-\d\d-\d\d$/, 'A date', ['2026-12-25']);

const businessHours = z
  .strictObject({
    timezone: z.string().describe('An IANA time zone, such as America/New_York.'),
    open: z.record(days, spans).describe('When somebody works.'),
    holidays: z
      .array(date)
      .default([])
      .describe('Days on which nobody does, by the calendar of the time zone.'),
  })
  .describe('When a team works. Deadlines count the time in which it does.');

const percent = formOf(/^(?:[1-9]?\d|100) ?%$/, 'A share', ['75 %']).transform(
  (text) => Number.parseInt(text, 10) / 100,
);

const escalate = z
  .strictObject({
    after: hours('So long after the deadline, in the working time of the promise; 0 hours: with it'),
    to: formOf(
      /^(?:next_owner|manager|[^\s@]+@[^\s@]+)$/,
      'Who gets the task then: the next of the owners of the mapping who can take it, the manager of whoever has it (under people), or the e-mail of a user of the CRM',
      ['next_owner', 'manager', 'lead@acme.com'],
    ),
  })
  .describe('What happens, once, when nobody has got in touch in time.');

const sla = z
  .strictObject({
    id: id.describe('Shown beside the deadline.'),
    tiers: someOf(z.string(), 'Only for crossings into these acting tiers.').optional(),
    signals: setOffBy,
    routes: someOf(z.string(), 'Only for accounts that go there, such as AE.').optional(),
    within: hours('How soon somebody must get in touch, counted from the crossing'),
    hours: z.string().optional().describe('Whose hours count, by the name under `hours`. Without it all do.'),
    escalate: escalate.optional(),
    warn_at: percent
      .default(0.75)
      .describe('The part of the time after which it is due soon; 75 % unless said.'),
  })
  .describe('One promise of first contact.');

const route = z
  .strictObject({
    id: id.describe('Shown as the rule that decided.'),
    to: z
      .string()
      .min(1)
      .max(40)
      .describe('Who gets the account, such as AE, SDR or CSM, or what becomes of it, such as nurture.'),
    why: z.string().min(1).max(200).describe('Why, in words that a rep and a manager read.'),
    tiers: someOf(z.string(), 'Only for crossings into these acting tiers.').optional(),
    score_from: z.number().optional().describe('Only from so many points on.'),
    flags: someOf(z.string(), 'Only when the score carries one of these flags.').optional(),
    without_flags: someOf(z.string(), 'Only when the score carries none of these flags.').optional(),
    segments: someOf(z.string(), 'Only for accounts of these segments of the model.').optional(),
    signals: setOffBy,
    when: condition
      .optional()
      .describe('Only when this is true of the account, in the language of the models.'),
    task: z.boolean().default(true).describe('false: nobody gets a task, and the account shows why.'),
    campaign: z.boolean().default(true).describe('false: nobody joins the campaign.'),
    code: id.optional().describe('A reason that can be counted, such as no_budget.'),
    owner: routeOwner.optional().describe('Who gets the task, before anybody whom the mapping names.'),
  })
  .describe('One way that a qualified account can go.');

const hold = z
  .strictObject({
    id: id.describe('Shown on the account while it holds it back.'),
    why: z.string().min(1).max(200).describe('Why, in words that a rep and a manager read.'),
    when: condition.describe('While this is true of the account, in the language of the models.'),
  })
  .describe('Accounts that are left alone, although they qualify. When it ends they are handed over.');

const holdout = z
  .strictObject({
    share: percent.describe('How many of a hundred accounts.'),
    name: z.string().min(1).max(40).describe('Another name draws other accounts, such as 2026-q1.'),
  })
  .describe(
    'Accounts that are scored and not contacted, drawn by their key, so that it can be told what contacting does.',
  );

/** Stands for everybody who has a task. */
export const OWNERS = 'owners';

const digest = z
  .strictObject({
    at: formOf(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'When it goes out, by the clocks of the time zone', ['08:00']),
    timezone: z.string().default('UTC').describe('An IANA time zone, such as America/New_York.'),
    days: days.default('mon-fri'),
    to: z
      .union([z.literal(OWNERS), someOf(z.string(), 'Addresses; owners may be one of them.')], {
        error: 'owners, or a list of addresses',
      })
      .describe(
        'owners: everybody who has a task gets the accounts that are theirs, by the e-mail that the CRM has. An address gets all of them.',
      ),
    from: z.string().describe('The sender: pql@acme.com, or PQL <pql@acme.com>.'),
  })
  .describe(
    'A mail each day about qualified accounts that are new, due or changed. Sent where SMTP_URL is set.',
  );

const play = z.strictObject({
  tier: z
    .string()
    .describe('An acting tier of the champion, or `any`: every acting tier that has no play of its own.'),
  template: z.string().describe('The text of the task: the name of a file of templates/.'),
  members: z
    .strictObject({
      active_within_days: whole.describe('Only people who were active in so many last days.'),
      at_most: whole.describe('So many people, the most recently active first.'),
    })
    .describe('Who of the account joins the campaign.'),
  when_open: z
    .enum(['note', 'another_task'])
    .default('note')
    .describe(
      'What a new crossing does while an earlier task of the account and this play is open. note: adds a line to that task. another_task: makes another.',
    ),
  when_cooled: z
    .enum(['note', 'close', 'nothing'])
    .default('note')
    .describe(
      'What happens to an open task when the account falls out of the acting tier. A purchase and a suppression always close it.',
    ),
});

export const handoffSchema = z.strictObject({
  hours: z.record(id, businessHours).default({}).describe('Working hours by name.'),
  sla: z
    .array(sla)
    .min(1, { error: 'at least one promise' })
    .describe(
      'How soon somebody gets in touch. Of all promises that fit a crossing the one that ends first counts.',
    ),
  routes: z
    .array(route)
    .min(1, { error: 'at least one route' })
    .describe(
      'Where an account goes that crosses into an acting tier: the first that fits. The last is for everybody else.',
    ),
  holds: z.array(hold).default([]).describe('Who is left alone, however many points the account has.'),
  holdout: holdout.optional(),
  alerts: alerts.optional(),
  digest: digest.optional(),
  people: z
    .array(person)
    .optional()
    .describe('Who can be given accounts. With this section pools, routes and managers name nobody else.'),
  pools: z.record(poolName, pool).default({}).describe('People who share accounts, by name.'),
  plays: z
    .array(play)
    .min(1, { error: 'at least one play' })
    .describe('What happens when an account crosses into an acting tier.'),
  report_by_owner: z
    .boolean()
    .default(false)
    .describe(
      'Whether `pql sla` and the API sum up by owner. It compares people, which some countries let you do only with a works council.',
    ),
  texts,
  touches: z
    .array(touch)
    .min(1, { error: 'at least the first touch' })
    .max(9, { error: 'at most 9 touches' })
    .default([{ after: 0 }])
    .describe(
      'Tasks of one crossing, one after the other, until somebody replies, buys, must be left alone, cools or crosses again.',
    ),
});

export type HandoffConfig = z.output<typeof handoffSchema>;
export type BusinessHoursConfig = HandoffConfig['hours'][string];
export type SlaConfig = HandoffConfig['sla'][number];
export type RouteConfig = HandoffConfig['routes'][number];
export type TextConfig = HandoffConfig['texts']['by'][number];
export type Play = HandoffConfig['plays'][number];
export type AlertsConfig = NonNullable<HandoffConfig['alerts']>;

/** `mon-wed` -> 0, 1, 2; a range that ends before it begins goes over Sunday. */
export function weekdaysOf(range: string): number[] {
  const [first = 0, last = first] = range
    .split('-')
    .map((name) => WEEKDAYS.indexOf(name as (typeof WEEKDAYS)[number]));
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => (first + i) % 7);
}

/** `09:00-12:00, 13:00-17:00` -> minutes since midnight. */
export function spansOf(text: string): { from: number; to: number }[] {
  return text.split(',').map((part) => {
    const [from = 0, to = 0] = part.trim().split('-').map(minutesOf);
    return { from, to };
  });
}
