import { z } from 'zod';
import { didYouMean } from '../shared/config-file.ts';

/** Facts that a field can be filled from; beside them `account.traits.<name>` and `person.traits.<name>`. */
export const ACCOUNT_FACTS = [
  'score.value',
  'score.tier',
  'score.reasons',
  'score.at',
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
  return z
    .string({ error: 'the fact it is filled from, such as score.value' })
    .refine(known, { error: ({ input }) => allowed + didYouMean(String(input), facts) });
}

const fieldOf = (from: z.ZodType<string>) =>
  z.strictObject({
    from,
    type: z.enum(FIELD_TYPES),
    /** `always`: whenever it differs. `on_create`: only into a record that we create. */
    write: z.enum(['always', 'on_create']).default('always'),
    /** Longest text in characters; longer text is cut with a mark. */
    length: z.number().int().positive().max(100_000).optional(),
    /** The record is found by it. */
    unique: z.boolean().default(false),
    /** Write an empty value when the fact is unknown; otherwise nothing is written. */
    clear: z.boolean().default(false),
  });

const accountFields = z.record(z.string(), fieldOf(fact(ACCOUNT_FACTS, ANY_ACCOUNT)));
const personFields = z.record(
  z.string(),
  fieldOf(fact([...ACCOUNT_FACTS, ...PERSON_FACTS], ANY_PERSON, ANY_ACCOUNT)),
);

const create = z.enum(['never', 'when_qualified', 'always']).default('when_qualified');

/** How a record is found, tried in this order; the stored link always comes first. */
const account = z.strictObject({
  create,
  match: z.array(z.enum(['link', 'unique', 'domain'])).min(1),
  fields: accountFields,
});
const person = z.strictObject({
  create,
  match: z.array(z.enum(['link', 'unique', 'email'])).min(1),
  fields: personFields,
});

const campaign = z.strictObject({
  name: z.string().min(1),
  status: z.string().optional(),
  lifecycle_stage: z.string().optional(),
});

const task = z.strictObject({ key: z.string(), priority: z.enum(['high', 'normal']).default('high') });

/** The shape of `mappings/hubspot.yaml`. */
export const hubspotSchema = z.strictObject({
  crm: z.literal('hubspot'),
  company: account,
  contact: person,
  campaign,
  task,
});

/** The shape of `mappings/salesforce.yaml`. `Contact` stands for leads too: the fields have the same names. */
export const salesforceSchema = z.strictObject({
  crm: z.literal('salesforce'),
  Account: account,
  Contact: person,
  Lead: z.strictObject({ fields: personFields }),
  campaign: campaign.extend({ key: z.string() }),
  task,
});

export type FieldConfig = z.output<typeof account>['fields'][string];
export type RecordConfig = Pick<z.output<typeof account>, 'create'> & {
  match: (z.output<typeof account> | z.output<typeof person>)['match'][number][];
};
export type HubspotConfig = z.output<typeof hubspotSchema>;
export type SalesforceConfig = z.output<typeof salesforceSchema>;
