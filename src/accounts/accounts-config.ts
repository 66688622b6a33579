import { createHash } from 'node:crypto';
import { z } from 'zod';
import { stableJson } from '../shared/stable-json.ts';

/** Which of several memberships in force gets an event that names no account. */
export const SEVERAL_ACCOUNTS = ['most recently declared', 'first declared'] as const;

const domains = z
  .array(z.string({ error: 'a domain name such as acme.com' }), { error: 'a list of domain names' })
  .default([]);

/** The shape of `mappings/accounts.yaml`. Every key may be left out. */
export const accountsSchema = z.strictObject({
  own_domains: domains.describe(
    'Mail domains of your own staff, sub-domains included. Such mail names no company: staff never make an account by it, and a customer account with staff in it never owns the domain.',
  ),
  domain_aliases: z
    .record(
      z.string(),
      z
        .array(z.string({ error: 'a domain name such as acme.io' }))
        .min(1, { error: 'the other domains of the company, at least one' }),
      {
        error: 'a company’s main domain, with the list of its other ones',
      },
    )
    .default({})
    .describe(
      'Main domain of a company -> its other domains. Mail and web sites of all of them count as the main one. What is listed here is work mail, whatever the lists of free mail say.',
    ),
  free_mail: domains.describe('Further domains whose mail is private and never names a company.'),
  disposable_mail: domains.describe('Further domains of throw-away mail, which never names a company.'),
  work_mail: domains.describe(
    'Exceptions: domains that name a company although a maintained list calls them free or disposable.',
  ),
  several_accounts: z
    .enum(SEVERAL_ACCOUNTS)
    .default('most recently declared')
    .describe(
      'A person belongs to several accounts at the time of an event that names none: it goes to the account declared last before it, or to the one that the person has belonged to for longest.',
    ),
  account_id_at: z
    .array(z.string().regex(/^[^.]+(\.[^.]+)*$/, { error: 'a dotted path such as properties.workspace_id' }))
    .default([])
    .describe(
      'Further places in a Segment call where the account id stands, such as properties.workspace_id. Segment’s own places come first. For calls that come from now on.',
    ),
  removed_by: z
    .array(z.string({ error: 'the name of a track event' }))
    .default(['Account Removed User'])
    .describe(
      'Track events that end a membership: of the account they name, else of all. The person’s past stays in the account. Names match as in signals.yaml.',
    ),
});

export type AccountsConfig = z.output<typeof accountsSchema>;

/** What holds while there is no `accounts.yaml`. */
export function defaultAccounts(): AccountsConfig {
  return accountsSchema.parse({});
}

/** Part of the hash: raised whenever the code gives the same events to other accounts, so that all are folded anew. */
const ACCOUNTS_FORM = 1;

/** Changes exactly when events may belong to other accounts than before, or `planHash` changes. */
export function foldHash(planHash: string, accounts: AccountsConfig): string {
  // Where ids are read from is settled when a call comes in.
  const { account_id_at: _, ...config } = accounts;
  return createHash('sha256')
    .update(stableJson({ form: ACCOUNTS_FORM, planHash, config }))
    .digest('hex');
}
