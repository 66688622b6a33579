import { z } from 'zod';

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

const field = z.strictObject({
  from: z.string({ error: 'the fact it is filled from, such as score.value' }),
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

const record = z.strictObject({
  create: z.enum(['never', 'when_qualified', 'always']).default('when_qualified'),
  match: z.array(z.enum(['link', 'unique', 'domain', 'email'])).min(1),
  fields: z.record(z.string(), field),
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
  company: record,
  contact: record,
  campaign,
  task,
});

/** The shape of `mappings/salesforce.yaml`. `Contact` stands for leads too: the fields have the same names. */
export const salesforceSchema = z.strictObject({
  crm: z.literal('salesforce'),
  Account: record,
  Contact: record,
  Lead: z.strictObject({ fields: z.record(z.string(), field) }),
  campaign: campaign.extend({ key: z.string() }),
  task,
});

export type FieldConfig = z.output<typeof field>;
export type RecordConfig = z.output<typeof record>;
