import { z } from 'zod';
import { formOf, someOf } from '../shared/units.ts';
import { SENIORITIES } from './titles.ts';

/** Kinds of domains, the strongest first: a domain on several lists is of the first kind. */
export const DOMAIN_KINDS = ['own', 'competitor', 'agency', 'student', 'free', 'disposable', 'work'] as const;
export type CompanyKind = (typeof DOMAIN_KINDS)[number];

export const FACT_SOURCES = ['events', 'crm', 'csv'] as const;
export type FactSource = (typeof FACT_SOURCES)[number];

export const FACT_TYPES = ['text', 'number', 'boolean', 'list'] as const;
export type FactType = (typeof FACT_TYPES)[number];

/** Names that every object inherits are no traits: receiving keeps them out too. */
export const traitName = formOf(/^[^\s.](.{0,98}[^\s])?$/, 'The name of a trait', [
  'employees',
  'industry',
]).refine((name) => !(name in {}), { error: 'another name: programs give this one a meaning' });
const trait = traitName;
const domain = formOf(
  /^[A-Za-z0-9\u0080-\uffff]([A-Za-z0-9\u0080-\uffff-]*[A-Za-z0-9\u0080-\uffff])?(\.[A-Za-z0-9\u0080-\uffff]([A-Za-z0-9\u0080-\uffff-]*[A-Za-z0-9\u0080-\uffff])?)+$/,
  'A domain, without www and https',
  ['acme.com', 'acme.co.uk'],
);
const suffix = formOf(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'The end of a domain, without a leading dot', [
  'edu',
  'ac.uk',
]);
const id = formOf(/^[a-z][a-z0-9_-]*$/, 'A lower-case id', ['enterprise', 'companies']);
const seniority = z.enum(SENIORITIES);
const words = someOf(
  z.string().min(1).max(100),
  'Phrases, found as whole words whatever their case and punctuation. * stands for one to four words.',
);
const domains = (description: string) => z.array(domain).default([]).describe(description);

const seniorityRule = z
  .strictObject({ is: seniority.describe('The rank that the title shows.'), words })
  .describe('The first rule with a phrase that the title contains decides.');

const titles = z
  .strictObject({
    from: z
      .array(trait)
      .min(1)
      .default(['title'])
      .describe('Traits of a person that may hold the title; the first one that is known counts.'),
    seniority: z
      .array(seniorityRule)
      .optional()
      .describe(
        'Ordered rules from title to rank. Left out: the shipped ones. No rule fits: the rank is unknown.',
      ),
    economic_buyer: z
      .array(
        z.strictObject({
          seniority: z.array(seniority).min(1).describe('Ranks that hold a budget.'),
          words: words.optional().describe('Only with one of these phrases in the title.'),
        }),
      )
      .default([{ seniority: ['c_level', 'vp'] }])
      .describe('Who counts as an economic buyer: anybody whom one of these fits. Unknown rank: unknown.'),
  })
  .describe('What a title says: the facts seniority and economic_buyer of a person.');

const domainLists = z
  .strictObject({
    own: domains('Our own domains.'),
    competitor: domains('Competitors.'),
    agency: domains('Agencies and consultants, who try the product for others.'),
    student: domains('Schools whose domain no suffix below tells.'),
    student_suffixes: z
      .array(suffix)
      .optional()
      .describe('Ends of the domains of schools. Left out: the shipped ones.'),
    free: domains('Free mail, beside the maintained list. Such a domain makes no account.'),
    disposable: domains('Throw-away mail, beside the maintained list. Such a domain makes no account.'),
    manual: z
      .record(domain, z.enum(DOMAIN_KINDS))
      .default({})
      .describe('What a person decided about a domain. It beats every list, the maintained ones too.'),
  })
  .describe(
    'What a domain says: the facts domain_kind of an account and email_kind of a person. Sub-domains belong to their domain.',
  );

const customer = z
  .strictObject({
    trait: trait.default('is_customer').describe('1. This trait decides when it is true or false.'),
    started: id
      .default('became_customer')
      .describe(
        '2. This signal makes a customer, unless the next one happened since; same instant: no customer.',
      ),
    cancelled: id
      .default('churned')
      .describe('2. This signal ends it. Its newest time is the fact churned_at.'),
    plan: trait
      .default('plan')
      .describe('3. This trait: a plan of the list below is no customer, any other is one.'),
    free_plans: z
      .array(z.string().min(1))
      .default(['free', 'freemium', 'trial', 'free trial', 'community', 'hobby'])
      .describe('Plans that nobody pays for, whatever their case.'),
    crm: trait
      .default('crm_customer')
      .describe(
        '4. This trait: what a CRM says. It is true for who has a won deal, and can be read from a field too. Not for who left (churned_at) after the last won deal.',
      ),
  })
  .describe('The fact customer: the first of four that knows decides; when none does, it is unknown.');

const acv = z
  .strictObject({
    from: trait.default('employees').describe('The trait that the estimate is made from, a number.'),
    bands: someOf(
      z.strictObject({
        from: z.number().min(0).describe('From this number on, up to where the next band begins.'),
        is: z.number().min(0).describe('The estimated contract value of a year.'),
      }),
      'Lowest first. A number below the first band gives no estimate.',
    ),
  })
  .describe('An estimate for the fact acv_potential, where no source says it.');

const column = z.union(
  [
    trait,
    z.strictObject({
      trait,
      type: z
        .enum(FACT_TYPES)
        .default('text')
        .describe(
          'A cell that is not of this type makes its row a bad one: reported, and skipped. Empty: unknown.',
        ),
    }),
  ],
  { error: 'the name of a trait, or { trait: employees, type: number }' },
);

const source = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .regex(/^(?:\.\/)?[^\\/.][^\\/]*(?:[\\/][^\\/.][^\\/]*)*$/, {
        error: 'a path below the configuration folder, none of its names beginning with a dot',
      })
      .describe('A CSV file with a header line, below the configuration folder.'),
    key: z
      .enum(['domain', 'account'])
      .describe(
        'How a row finds its account: by its domain, or by its account key (a former key works too).',
      ),
    key_column: z.string().min(1).optional().describe('The column of the key. Left out: named as the key.'),
    columns: z
      .record(z.string().min(1), column)
      .describe('Column -> the trait it fills. Other columns are not read.'),
  })
  .describe(
    'One CSV file. A row for an account that is not known yet waits for it; of two rows with one key the last counts.',
  );

const preference = z.array(z.enum(FACT_SOURCES)).min(1);

/** The shape of `mappings/facts.yaml`. Every section may be left out, and the file too. */
export const factsSchema = z.strictObject({
  titles: titles.optional(),
  unsubscribed: z
    .array(trait)
    .min(1)
    .optional()
    .describe(
      'Traits of a person that say that they want no e-mail: the fact unsubscribed of a person is true when one of them is true, false when one is known and none is true. Left out: the shipped ones.',
    ),
  domains: domainLists.optional(),
  lists: z
    .record(id, z.array(domain))
    .default({})
    .describe('Target lists. The fact target_lists of an account names those that its domain is on.'),
  customer: customer.optional(),
  acv_potential: acv.optional(),
  sources: z
    .record(id, source)
    .default({})
    .describe('CSV files with facts about companies; for one trait the first source listed counts.'),
  prefer: preference
    .default([...FACT_SOURCES])
    .describe('When several know a trait, the first of these counts. A source left out is not used.'),
  prefer_for: z.record(trait, preference).default({}).describe('Another order for single traits.'),
});

export type FactsConfig = z.output<typeof factsSchema>;
export type CsvSource = z.output<typeof source>;
