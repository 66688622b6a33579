import type { BulkPlanned, BulkRow } from '../../../sync/bulk.ts';
import type { AccountChange, Outcome, PersonChange } from '../../../sync/crm.ts';
import type { SalesforceClient } from '../client.ts';
import { failureOf } from '../failure.ts';
import { type AccountMatching, matchAccounts } from '../match-accounts.ts';
import { isLead, matchPeople, type PeopleMatching } from '../match-people.ts';
import { outcomeOf } from '../outcomes.ts';
import { fitsCsv } from './csv.ts';

type Change = AccountChange | PersonChange;
type Plans = Map<string, BulkPlanned>;

/** Accounts as `writeAccounts` finds them: linked and found ones by id, new ones by our key. */
export async function planAccounts(
  client: SalesforceClient,
  matching: AccountMatching,
  changes: readonly AccountChange[],
): Promise<Plans> {
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  return planned(changes, unlinked, matchAccounts(client, matching, unlinked), (change, match) => {
    const own = { [matching.key]: change.key };
    if (change.crmId !== null) {
      return update(change, change.crmId, change.fields);
    }
    if (match !== undefined) {
      return update(change, match.id, { ...change.allFields, ...own }, match.note);
    }
    return change.create
      ? create(change, own)
      : none(change, 'no account matches, and none is to be created');
  });
}

/**
 * Contacts as `writePeople` finds them. A lead, and a contact that no unique field of ours could find again, are left to
 * the ordinary way.
 */
export async function planPeople(
  client: SalesforceClient,
  matching: PeopleMatching,
  changes: readonly PersonChange[],
): Promise<Plans> {
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  const matches = matchPeople(client, matching, unlinked).then(
    (found) => new Map([...found].map(([key, id]) => [key, { id }])),
  );
  return planned(changes, unlinked, matches, (change, match) => {
    const id = change.crmId ?? match?.id;
    if (id !== undefined) {
      return isLead(id)
        ? ORDINARY
        : update(change, id, change.crmId === null ? change.allFields : change.fields);
    }
    if (!change.create || change.accountCrmId === null) {
      return none(change, 'no contact or lead matches, and none is to be created');
    }
    const value = matching.key === null ? undefined : change.allFields[matching.key];
    return matching.key === null || value === undefined || value === null || value === ''
      ? ORDINARY
      : create(change, { [matching.key]: value, AccountId: change.accountCrmId });
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

function update(change: Change, id: string, fields: BulkRow['record'], note?: string): BulkPlanned {
  const row = { key: change.key, crmId: id, record: { Id: id, ...fields }, note };
  return fitsCsv(fields) ? { by: 'job', operation: 'update', row } : ORDINARY;
}

function create(change: Change, own: BulkRow['record']): BulkPlanned {
  const record = { ...change.createFields, ...change.allFields, ...own };
  const row = { key: change.key, crmId: null, record };
  return fitsCsv(record) ? { by: 'job', operation: 'upsert', row } : ORDINARY;
}

function none({ key }: Change, reason: string): BulkPlanned {
  const outcome: Outcome = { state: 'skipped', code: 'no_match', reason };
  return { by: 'nobody', key, outcome };
}
