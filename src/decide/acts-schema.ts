import { z } from 'zod';
import { formOf, someOf } from '../shared/units.ts';
import { CAMPAIGN_NAME } from './campaign-name.ts';
import { ownerEmail as email, poolName } from './handoff/people-schema.ts';
import { crmField } from './read-back-schema.ts';

/** The parts of a mapping that say how an account is handed over: the campaign and the task. */

const name = formOf(
  CAMPAIGN_NAME,
  'The campaign, or the list in HubSpot, that people of qualified accounts join. `PQL MQL` is one for ever, `PQL MQL {{ month }}` one a month (2026-03); also {{ quarter }}, {{ year }}, {{ model }}, {{ tier }} and {{ route }}. It is made when it is missing',
  ['PQL MQL', 'PQL MQL {{ month }}'],
);

const timezone = z
  .string()
  .default('UTC')
  .describe('Whose months and years the name means: an IANA time zone, such as Europe/Berlin.');

const campaign = z.strictObject({
  name,
  timezone,
  status: z.string().optional().describe('The status of a new campaign member (Salesforce).'),
  lifecycle_stage: z
    .string()
    .optional()
    .describe('The lifecycle stage that members get, forward only (HubSpot).'),
});

export const hubspotCampaign = campaign.extend({
  lead_status: z
    .strictObject({
      to: z.string().min(1).describe('A value of hs_lead_status of the portal.'),
      from: z
        .array(z.string())
        .default([''])
        .describe('Only from these values; "" stands for none. What a rep has set since is not touched.'),
    })
    .optional()
    .describe('The lead status that members get.'),
  marketing_campaign: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Id or name of a marketing campaign that the list is attached to. It needs Marketing Hub Professional; without it people join the list all the same.',
    ),
});

const memberStatus = z.strictObject({
  label: z.string().min(1).max(40),
  responded: z.boolean().default(false).describe('Whether a member with this status counts as responded.'),
  default: z.boolean().default(false).describe('The status of members for whom nobody names one.'),
});

export const salesforceCampaign = campaign.extend({
  key: crmField.describe('The unique field of a campaign member.'),
  type: z.string().min(1).optional().describe('Campaign.Type of a campaign that we make.'),
  statuses: z
    .array(memberStatus)
    .default([])
    .describe(
      'Member statuses that the campaign has, in the order in which a member moves forward. Missing ones are made before anybody joins. A member whose status is not among them is left alone.',
    ),
  status_by_tier: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Another status for those who crossed into a tier, such as { hot: Hot }. Members only move forward.',
    ),
});

const ownerFact = formOf(
  /^(route|score\.tier|score\.segment|account\.traits\..+)$/,
  'The fact that decides',
  ['account.traits.region', 'route', 'score.segment', 'score.tier'],
);

const ownerStep = z.union(
  [
    z.literal('account_owner').describe('The owner of the company or Account in the CRM.'),
    z.strictObject({
      by: ownerFact,
      owners: z
        .record(
          z.string(),
          z.union([
            email,
            someOf(email, 'Several people: one of them, always the same.'),
            z.strictObject({ pool: poolName.describe('A pool of handoff.yaml.') }),
          ]),
        )
        .describe('Who gets the task for each value of the fact. Case does not count.'),
    }),
    z.strictObject({
      pool: z.union([
        poolName.describe('A pool of handoff.yaml.'),
        someOf(email, 'People who share the accounts: the same account always goes to the same of them.'),
      ]),
    }),
    z.strictObject({
      fallback: z
        .string()
        .min(1)
        .describe(
          'An e-mail, or the name of a queue: who gets what nobody else can take. It must be the last.',
        ),
    }),
  ],
  {
    error:
      'account_owner, { by: account.traits.region, owners: { EMEA: ann@acme.com } }, { pool: sdr }, { pool: [ann@acme.com] } or { fallback: ann@acme.com }',
  },
);

const task = z.strictObject({
  key: crmField.describe('The unique field that holds our key, so that no task is made twice.'),
  priority: z
    .enum(['high', 'normal', 'low'])
    .default('high')
    .describe('Salesforce: the value of that name, else the default of the org.'),
  type: z
    .enum(['todo', 'call', 'email'])
    .default('todo')
    .describe('HubSpot: the type of the task. Salesforce: Type and TaskSubtype, where the org has them.'),
  owner: z
    .array(ownerStep)
    .default([])
    .describe(
      'Who gets the task: the first of these who is active. Without a fallback a task that nobody can take is made without an owner; with one it is parked.',
    ),
});

export const hubspotTask = task;
export const salesforceTask = task.extend({
  closed_status: z
    .string()
    .min(1)
    .optional()
    .describe('The status that closes a task; otherwise Completed, or the first closed status of the org.'),
});

export type OwnerRule = z.output<typeof ownerStep>;
export type MemberStatus = z.output<typeof memberStatus>;
export type HubspotCampaign = z.output<typeof hubspotCampaign>;
export type SalesforceCampaign = z.output<typeof salesforceCampaign>;
export type TaskConfig = z.output<typeof salesforceTask>;
