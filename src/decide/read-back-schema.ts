import { z } from 'zod';
import { traitName } from '../accounts/facts-config.ts';
import { DAY, HOUR, MINUTE } from '../shared/time.ts';
import { formOf } from '../shared/units.ts';

const UNITS: Record<string, number> = { minute: MINUTE, hour: HOUR, day: DAY };

/** `15 minutes` -> ms; `never` -> null. */
const every = (description: string) =>
  formOf(/^(never|[1-9]\d{0,3} (minute|hour|day)s?)$/, `${description} Or \`never\``, [
    '15 minutes',
    '1 day',
    'never',
  ]).transform((text): number | null => {
    const [count = '', unit = ''] = text.split(' ');
    return text === 'never' ? null : Number(count) * (UNITS[unit.replace(/s$/, '')] ?? DAY);
  });

/** Names of the CRM stand in queries as they are. */
export const crmField = formOf(/^[A-Za-z][A-Za-z0-9_]{0,99}$/, 'The name of a field in the CRM', [
  'numberofemployees',
  'NumberOfEmployees',
]);

const entry = z.strictObject({
  field: crmField,
  type: z
    .enum(['text', 'list', 'owner'])
    .default('text')
    .describe(
      'list: entries separated by semicolons. owner: the e-mail address of the owner whose id the field holds; the fact <name>_active says whether they still work there.',
    ),
  is: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'The fact is true when the field holds one of these, whatever its case, and false when it holds another.',
    ),
  optional: z
    .boolean()
    .default(false)
    .describe('A CRM without this field is no mistake: the fact is unknown there.'),
});

/** `read:` of the account's and of the person's object: trait -> field of the CRM. */
export const readSchema = z
  .record(
    traitName,
    z.union([crmField, entry], { error: 'a field of the CRM, or { field: tech_stack, type: list }' }),
  )
  .default({})
  .describe(
    'Facts that are read back from linked records once a day, and every hour for 30 days after a task: trait -> field of the CRM.',
  );

/** What else comes back. */
export const readBackSchema = z
  .strictObject({
    deals: every(
      'How often deals (opportunities) that changed are asked for; the facts open_deal, won_amount and others come from them.',
    ).default(15 * MINUTE),
  })
  .default({ deals: 15 * MINUTE })
  .describe('What comes back from the CRM, beside the fields under `read`.');

/** What people did around accounts that were handed over. */
export const activitiesSchema = z
  .strictObject({
    every: every(
      'How often calls, mails, meetings and completed tasks are read, of accounts only that were handed over and are not over. Every 5 minutes in the first two hours, every hour when nothing has happened for a day.',
    ).default(15 * MINUTE),
  })
  .default({ every: 15 * MINUTE })
  .describe('Activities: they tell when somebody got in touch, and when the buyer answered.');

/** How what stands in the CRM is looked after. */
export const reconcileSchema = z
  .strictObject({
    every: every('How often what is ours in the CRM is compared with what should stand there.').default(DAY),
    calls: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(200)
      .describe('The most read calls of one pass; the next one goes on where it ended.'),
  })
  .default({ every: DAY, calls: 200 })
  .describe('Reconciliation: repairs, by an ordinary write, what was changed, emptied or never arrived.');

/** A field of the CRM's own that becomes a fact of the account. */
export interface ReadSpec {
  trait: string;
  field: string;
  type: 'text' | 'list' | 'owner';
  /** Values that make the fact true, in lower case; null: the fact is what the field holds. */
  is: readonly string[] | null;
  optional: boolean;
}

export function readSpecs(read: z.output<typeof readSchema>): ReadSpec[] {
  return Object.entries(read).map(([trait, from]) =>
    typeof from === 'string'
      ? { trait, field: from, type: 'text', is: null, optional: false }
      : {
          trait,
          field: from.field,
          type: from.type,
          is: from.is?.map((value) => value.trim().toLowerCase()) ?? null,
          optional: from.optional,
        },
  );
}
