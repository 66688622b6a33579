import { z } from 'zod';
import { didYouMean } from '../shared/did-you-mean.ts';
import { someOf } from '../shared/units.ts';
import { hubspotCampaign, hubspotTask, salesforceCampaign, salesforceTask } from './acts-schema.ts';
import { readBackSchema, readSchema, reconcileSchema } from './read-back-schema.ts';

/** Facts that a field can be filled from; beside them `account.traits.<name>` and `person.traits.<name>`. */
export const ACCOUNT_FACTS = [
  'score.value',
  'score.tier',
  'score.reasons',
  'score.at',
  'score.raw',
  'score.flags',
  'score.segment',
  'account.key',
  'account.name',
  'account.domain',
  'account.website',
  'account.link',
] as const;
export const PERSON_FACTS = [
  'person.id',
  'person.email',
  'person.name',
  'person.first_name',
  'person.last_name',
  'person.last_name_or_email',
  'person.title',
  'person.department',
] as const;

export const FIELD_TYPES = [
  'text',
  'long_text',
  'number',
  'datetime',
  'date',
  'boolean',
  'picklist',
  'url',
] as const;

const ANY_ACCOUNT = 'account.traits.';
const ANY_PERSON = 'person.traits.';

/** The facts that one section of a mapping may name, as a schema: so that a wrong one is told with all other mistakes. */
function fact(facts: readonly string[], ...open: string[]) {
  const known = (name: string) =>
    facts.includes(name) || open.some((prefix) => name.startsWith(prefix) && name !== prefix);
  const allowed = [...facts, ...open.map((prefix) => `${prefix}<name>`)].join(', ');
  const patterns = open.map((prefix) => ({ pattern: `^${prefix.replaceAll('.', '\\.')}.+$` }));
  return z
    .string({ error: 'the fact it is filled from, such as score.value' })
    .refine(known, { error: ({ input }) => allowed + didYouMean(String(input), facts) })
    .meta({ description: 'The fact it is filled from.', anyOf: [{ enum: [...facts] }, ...patterns] });
}

const fieldOf = (from: z.ZodType<string>) =>
  z.strictObject({
    from,
    type: z.enum(FIELD_TYPES).describe('The type of the field in the CRM.'),
    write: z
      .enum(['always', 'on_create'])
      .default('always')
      .describe('always: whenever it differs. on_create: only into a record that we create.'),
    length: z
      .number()
      .int()
      .positive()
      .max(100_000)
      .optional()
      .describe('Longest text in characters; longer text is cut with a mark. Not for numbers.'),
    unique: z
      .boolean()
      .default(false)
      .describe(
        'The record is found by it. One field of the account must be, and only one filled from account.key.',
      ),
    clear: z
      .boolean()
      .default(false)
      .describe('Write an empty value when the fact is unknown; otherwise nothing is written.'),
  });

const accountFields = z.record(z.string(), fieldOf(fact(ACCOUNT_FACTS, ANY_ACCOUNT)));
const personFields = z.record(
  z.string(),
  fieldOf(fact([...ACCOUNT_FACTS, ...PERSON_FACTS], ANY_PERSON, ANY_ACCOUNT)),
);

const create = z
  .enum(['never', 'when_qualified', 'always'])
  .default('when_qualified')
  .describe('When a missing record is created. when_qualified: with the first entry into an acting tier.');

const MATCH = 'How a record is found, tried in this order; the stored link always comes first.';

const account = z.strictObject({
  create,
  match: someOf(z.enum(['link', 'unique', 'domain']), MATCH),
  read: readSchema,
  fields: accountFields,
});
const person = z.strictObject({
  create,
  match: someOf(z.enum(['link', 'unique', 'email']), MATCH),
  fields: personFields,
});

/** The shape of `mappings/hubspot.yaml`. */
export const hubspotSchema = z.strictObject({
  crm: z.literal('hubspot'),
  company: account,
  contact: person,
  campaign: hubspotCampaign,
  task: hubspotTask,
  read_back: readBackSchema,
  reconcile: reconcileSchema,
});

/** The shape of `mappings/salesforce.yaml`. `Contact` stands for leads too: the fields have the same names. */
export const salesforceSchema = z.strictObject({
  crm: z.literal('salesforce'),
  Account: account,
  Contact: person,
  Lead: z.strictObject({ fields: personFields }),
  campaign: salesforceCampaign,
  task: salesforceTask,
  read_back: readBackSchema,
  reconcile: reconcileSchema,
});

export type FieldConfig = z.output<typeof account>['fields'][string];
export type RecordConfig = Pick<z.output<typeof account>, 'create'> & {
  match: (z.output<typeof account> | z.output<typeof person>)['match'][number][];
};
export type HubspotConfig = z.output<typeof hubspotSchema>;
export type SalesforceConfig = z.output<typeof salesforceSchema>;
