import { z } from 'zod';
import { formOf, leadingNumber, someOf } from '../../shared/units.ts';
import { id, whole } from './schema-parts.ts';

/** The section `alerts` of `mappings/handoff.yaml`. */

const slackChannel = formOf(
  /^[CG][A-Z0-9]{8,20}$/,
  'The id of a channel, which stays when its name changes. Slack shows it at the bottom of the details of a channel',
  ['C0123456789'],
);
const slackUser = formOf(/^[UW][A-Z0-9]{2,20}$/, 'The id of a Slack user, shown in their profile', [
  'U0123456789',
]);
const quiet = z
  .boolean()
  .default(false)
  .describe('true: owners are named there and not mentioned, so that nobody hears a sound.');

const alertChannel = z
  .strictObject({
    id: id.describe('Shown in problems of this file.'),
    channel: slackChannel,
    tiers: someOf(z.string(), 'Only for crossings into these acting tiers.').optional(),
    routes: someOf(z.string(), 'Only for accounts that go there, such as AE.').optional(),
    quiet,
  })
  .describe('A Slack channel, and which accounts are told there.');

export const alerts = z
  .strictObject({
    default: slackChannel.describe('The channel of everybody whom none of `channels` fits.'),
    quiet,
    channels: z.array(alertChannel).default([]).describe('The first that fits counts.'),
    per_hour: whole
      .default(30)
      .describe('So many messages about new accounts an hour and channel. What comes beyond rolls up.'),
    roll_up: z
      .strictObject({
        from: z.number().int().min(2).describe('From so many new accounts on in that time.'),
        within: formOf(/^\d{1,3} minutes?$/, 'In how many minutes', ['10 minutes']).transform(leadingNumber),
      })
      .default({ from: 6, within: 10 })
      .describe('When many accounts qualify at once, one message tells of all of them.'),
    owners: z
      .record(z.string(), slackUser)
      .default({})
      .describe(
        'Slack users by the e-mail that the CRM has of them, for those whom Slack knows under another one.',
      ),
  })
  .describe('Alerts in Slack. Without SLACK_BOT_TOKEN or SLACK_WEBHOOK_URL nothing is sent.');
