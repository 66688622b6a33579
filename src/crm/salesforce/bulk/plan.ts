import { needsPresent } from '../../../decide/field-rule.ts';
import type { BulkPlanned, BulkRow } from '../../../sync/bulk.ts';
import type { AccountChange, Outcome, PersonChange } from '../../../sync/crm.ts';
import { noMatch } from '../../../sync/refused.ts';
import type { RecentDomains } from '../../recent-domains.ts';
import type { SalesforceClient } from '../client.ts';
import type { Describes, Fields } from '../describe.ts';
import { failureOf } from '../failure.ts';
import { type AccountMatch, type AccountMatching, matchAccounts, refusedMatch } from '../match-accounts.ts';
import {
  isLead,
  matchPeople,
  type PeopleMatching,
  type PersonMatch,
  severalPeople,
} from '../match-people.ts';
import { newRecord } from '../new-record.ts';
import { outcomeOf } from '../outcomes.ts';
import { hasPersonAccounts } from '../person-accounts.ts';
import { shaped, tooLong } from '../shape.ts';
import { fitsCsv } from './csv.ts';

type Change = AccountChange | PersonChange;
type Plans = Map<string, BulkPlanned>;

/** An object of the org as described; null: not known, and values go as they are. */
interface Described {
  sobject: 'Account' | 'Contact';
  fields: Fields;
}

/**
 * Accounts as `writeAccounts` finds them: linked and found ones by id, new ones by our key. Where the rules of the fields
 * ask what a record holds at present, the ordinary way reads it.
 */
export async function planAccounts(
  client: SalesforceClient,
  describes: Describes,
  matching: AccountMatching,
  recent: RecentDomains,
  changes: readonly AccountChange[],
): Promise<Plans> {
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  const account = { sobject: 'Account', fields: describes.known('Account') } as const;
  const found = matchAccounts(client, matching, recent, unlinked, hasPersonAccounts(account.fields));
  return planned<AccountChange, AccountMatch>(changes, unlinked, found, (change, match) => {
    const own = { [matching.key]: change.key };
    if (change.crmId !== null) {
      return update(account, change, change.crmId, change.fields);
    }
    if (match !== undefined && match.kind !== 'found') {
      return nobody(change, refusedMatch(change, match, matching));
    }
    if (match !== undefined) {
      return update(account, change, match.id, { ...change.allFields, ...own }, match);
    }
    return change.create ? create(account, change, own) : nobody(change, noMatch('account'));
  });
}

/**
 * Contacts as `writePeople` finds them. A lead, a contact that no unique field of ours could find again, and any contact in
 * an org with person accounts, whose halves take no writes, are left to the ordinary way.
 */
export async function planPeople(
  client: SalesforceClient,
  describes: Describes,
  matching: PeopleMatching,
  changes: readonly PersonChange[],
): Promise<Plans> {
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  const contact = { sobject: 'Contact', fields: describes.known('Contact') } as const;
  const matches = matchPeople(client, matching, unlinked);
  return planned<PersonChange, PersonMatch>(changes, unlinked, matches, (change, match) => {
    if (match?.kind === 'several') {
      return nobody(change, severalPeople(match.ids));
    }
    const id = change.crmId ?? match?.id;
    if (id !== undefined) {
      return isLead(id) || hasPersonAccounts(describes.known('Account'))
        ? ORDINARY
        : update(contact, change, id, change.crmId === null ? change.allFields : change.fields, match);
    }
    if (!change.create || change.accountCrmId === null) {
      return nobody(change, noMatch('contact or lead'));
    }
    const value = matching.key === null ? undefined : change.allFields[matching.key];
    return matching.key === null || value === undefined || value === null || value === ''
      ? ORDINARY
      : create(contact, change, { [matching.key]: value, AccountId: change.accountCrmId });
  });
}

const ORDINARY: BulkPlanned = { by: 'ordinary' };

/** A record stands in one job once: whoever shares it comes after. */
async function planned<C extends Change, M>(
  changes: readonly C[],
  unlinked: readonly C[],
  matches: Promise<Map<string, M>>,
  way: (change: C, match: M | undefined) => BulkPlanned,
): Promise<Plans> {
  try {
    const found = await matches;
    const taken = new Set<string>();
    return new Map(
      changes.map((change) => {
        const one = way(change, found.get(change.key));
        const id = one.by === 'job' ? one.row.crmId : null;
        const again = id !== null && taken.has(id);
        if (id !== null) {
          taken.add(id);
        }
        return [change.key, again ? ORDINARY : one];
      }),
    );
  } catch (error) {
    const outcome = outcomeOf(failureOf(error), 'harmless');
    const failed = new Set(unlinked);
    return new Map(
      changes.map((change) => [
        change.key,
        failed.has(change) ? { by: 'nobody', key: change.key, outcome } : way(change, undefined),
      ]),
    );
  }
}

function update(
  { fields }: Described,
  change: Change,
  id: string,
  values: BulkRow['record'],
  found: { how?: BulkRow['how']; note?: string } = {},
): BulkPlanned {
  const record = { Id: id, ...shaped(fields, values) };
  const row = { key: change.key, crmId: id, record, note: found.note, how: found.how };
  // An address that is left out: only the ordinary way says so with the record.
  const lacksAddress = tooLong(fields, change.allFields).length > 0;
  const plain = fitsCsv(record) && !mustBeRead(change, values) && !lacksAddress;
  return plain ? { by: 'job', operation: 'update', row } : ORDINARY;
}

/** A field that is filled when empty, only increased, or left as a person set it, cannot be written unseen. */
function mustBeRead({ guard }: Change, values: BulkRow['record']): boolean {
  return Object.keys(values).some((field) => {
    const rule = guard?.rules[field];
    return rule !== undefined && needsPresent(rule);
  });
}

function create({ sobject, fields }: Described, change: Change, own: BulkRow['record']): BulkPlanned {
  const made = newRecord(sobject, fields, change, own);
  if ('refused' in made) {
    return nobody(change, made.refused);
  }
  const row = { key: change.key, crmId: null, record: made.record };
  const plain = fitsCsv(made.record) && made.beside.held === undefined;
  return plain ? { by: 'job', operation: 'upsert', row } : ORDINARY;
}

function nobody({ key }: Change, outcome: Outcome): BulkPlanned {
  return { by: 'nobody', key, outcome };
}
