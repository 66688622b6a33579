import { z } from 'zod';
import { didYouMean } from '../shared/did-you-mean.ts';
import { someOf } from '../shared/units.ts';
import { hubspotCampaign, hubspotTask, salesforceCampaign, salesforceTask } from './acts-schema.ts';
import {
  activitiesSchema,
  crmField,
  readBackSchema,
  readSchema,
  reconcileSchema,
} from './read-back-schema.ts';

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
  'account.holdout',
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

const WRITE_MODES = ['always', 'fill_if_empty', 'only_increase', 'on_create'] as const;

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
      .enum(WRITE_MODES)
      .default('always')
      .describe(
        'always: whenever it differs. fill_if_empty: only while the field is empty in the CRM. only_increase: only a higher number or a later date than the CRM holds. on_create: only into a record that we create.',
      ),
    by_hand: z
      .enum(['restore', 'leave'])
      .optional()
      .describe(
        'When the CRM holds another value than the one it last took from us, because a person or another program changed it. restore: write ours again. leave: keep theirs, and say so. Default: restore for fields named pql_ and those that only we can know (score.*, account.key, account.link, person.id), leave for all others. A record with a field that is left, filled or increased is read before it is written: one call for each 100 (HubSpot) or 200 (Salesforce).',
      ),
    values: z
      .record(z.string(), z.string({ error: 'the value that the CRM gets' }))
      .optional()
      .describe(
        'What the CRM gets for each value of the fact, such as { mql: Hot, stage_1: Warm }. Of a list, a picklist gets every entry.',
      ),
    otherwise: z
      .string({ error: 'skip, or a value' })
      .optional()
      .describe(
        'For values of the fact that `values` does not name. skip (default): nothing is written. Else: this value.',
      ),
    length: z
      .number()
      .int()
      .positive()
      .max(100_000)
      .optional()
      .describe(
        'Longest text in characters; longer text is cut with a mark. Not for numbers. An address (url) is never cut: one that the field of the CRM is too short for is left out, and the act and `pql crm links` say so.',
      ),
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

const accountFields = z.record(crmField, fieldOf(fact(ACCOUNT_FACTS, ANY_ACCOUNT)));
const personFields = z.record(
  crmField,
  fieldOf(fact([...ACCOUNT_FACTS, ...PERSON_FACTS], ANY_PERSON, ANY_ACCOUNT)),
);

const create = z
  .enum(['never', 'when_qualified', 'always'])
  .default('when_qualified')
  .describe('When a missing record is created. when_qualified: with the first entry into an acting tier.');

const createPerson = z
  .enum(['never', 'for_members', 'when_qualified', 'always'])
  .default('for_members')
  .describe(
    'When a missing person is created. for_members: only who joins the campaign, so no more for each crossing than handoff.yaml allows. when_qualified: everybody with an e-mail, with the first entry of the account into an acting tier.',
  );

const several = z
  .enum(['oldest', 'refuse'])
  .default('oldest')
  .describe(
    'When several records match equally well. oldest: the one created first, and the act says so. refuse: none is written, and the act is parked with their ids.',
  );

const MATCH = 'How a record is found, tried in this order; the stored link always comes first.';

const account = z.strictObject({
  create,
  match: someOf(z.enum(['link', 'unique', 'domain']), MATCH),
  several,
  read: readSchema,
  fields: accountFields,
});
const person = z.strictObject({
  create: createPerson,
  match: someOf(z.enum(['link', 'unique', 'email']), MATCH),
  several,
  read: readSchema,
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
  activities: activitiesSchema,
  reconcile: reconcileSchema,
});

/** The shape of `mappings/salesforce.yaml`. `Contact` stands for leads too: the fields have the same names. */
export const salesforceSchema = z.strictObject({
  crm: z.literal('salesforce'),
  Account: account,
  Contact: person.extend({
    person_accounts: z
      .enum(['skip', 'write'])
      .default('skip')
      .describe(
        'Contacts that are half of a person account take no writes of their own. skip: linked, and no field is written. write: through the account (Email -> PersonEmail, X__c -> X__pc).',
      ),
  }),
  Lead: z.strictObject({ fields: personFields }),
  campaign: salesforceCampaign,
  task: salesforceTask,
  read_back: readBackSchema,
  activities: activitiesSchema,
  reconcile: reconcileSchema,
});

export type FieldConfig = z.output<typeof account>['fields'][string];
/** One field that we own in a CRM. */
export interface FieldSpec extends FieldConfig {
  object: string;
  field: string;
}

export type WriteMode = (typeof WRITE_MODES)[number];
export interface RecordConfig {
  create: z.output<typeof create> | z.output<typeof createPerson>;
  match: (z.output<typeof account> | z.output<typeof person>)['match'][number][];
  /** What is done when several records match equally well; absent: the oldest is taken. */
  several?: z.output<typeof several>;
  /** What happens to contacts that are half of a person account; absent: they are skipped. */
  personAccounts?: 'skip' | 'write';
}
export type HubspotConfig = z.output<typeof hubspotSchema>;
export type SalesforceConfig = z.output<typeof salesforceSchema>;
