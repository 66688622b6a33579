import type { AccountChange, Outcome, Outcomes } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, type Written, writeCollection } from './collections.ts';
import { isDuplicate, type Refused, withDuplicateIds } from './duplicates.ts';
import { failureOf } from './failure.ts';
import { type AccountMatch, type AccountMatching, matchAccounts } from './match-accounts.ts';
import { outcomeOf } from './outcomes.ts';
import { inList, selectWhere } from './soql.ts';

/** Only for records that are known: a rule that merely warns must not stop an update. */
export const ALLOW_DUPLICATES = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };

const UPDATE = { kind: 'update', sobject: 'Account' } as const;
const ACCOUNT_PREFIX = '001';

/**
 * Accounts: by link, then as the mapping says (the external id, the web site); created by external-id upsert, so
 * that a repeat finds what the first attempt made. An account that another key of ours owns is never taken over.
 */
export async function writeAccounts(
  client: SalesforceClient,
  matching: AccountMatching,
  changes: readonly AccountChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const linked = changes.filter(({ crmId }) => crmId !== null);
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  let found: Map<string, AccountMatch>;
  try {
    found = await matchAccounts(client, matching, unlinked);
  } catch (error) {
    const outcome = outcomeOf(failureOf(error), 'harmless');
    found = new Map();
    for (const { key } of unlinked) {
      outcomes.set(key, outcome);
    }
  }
  const updates = [
    ...linked.map((change) => row(change, { Id: change.crmId, ...change.fields })),
    ...unlinked.flatMap((change) => {
      const id = found.get(change.key)?.id;
      return id === undefined ? [] : [row(change, adopted(matching, change, id))];
    }),
  ];
  for (const written of await writeCollection(client, UPDATE, updates, ALLOW_DUPLICATES)) {
    const outcome = toOutcome(written, 'harmless', matching.key);
    outcomes.set(written.key, withNote(outcome, found.get(written.key)?.note));
  }
  const missing = unlinked.filter(({ key }) => !found.has(key) && !outcomes.has(key));
  await create(client, matching, missing, outcomes);
  return outcomes;
}

function row({ key }: AccountChange, record: Record<string, unknown>): Row {
  return { key, record };
}

/** A record of the org becomes ours: it gets our key and every field. */
function adopted({ key: field }: AccountMatching, { key, allFields }: AccountChange, id: string) {
  return { Id: id, ...allFields, [field]: key };
}

function withNote(outcome: Outcome, note: string | undefined): Outcome {
  return outcome.state === 'done' && note !== undefined ? { ...outcome, note } : outcome;
}

async function create(
  client: SalesforceClient,
  matching: AccountMatching,
  changes: readonly AccountChange[],
  outcomes: Outcomes,
): Promise<void> {
  for (const { key } of changes.filter((change) => !change.create)) {
    outcomes.set(key, {
      state: 'skipped',
      code: 'no_match',
      reason: 'no account matches, and none is to be created',
    });
  }
  const { key: field } = matching;
  const rows = changes
    .filter((change) => change.create)
    .map((change) => row(change, { ...change.createFields, ...change.allFields, [field]: change.key }));
  const written = await writeCollection(client, { kind: 'upsert', sobject: 'Account', by: field }, rows);
  const named = await withDuplicateIds(client, written, rows, ({ key, record: { [field]: _, ...body } }) => ({
    method: 'PATCH',
    path: `/sobjects/Account/${field}/${encodeURIComponent(key)}`,
    body,
  }));
  for (const one of named) {
    outcomes.set(one.key, toOutcome(one, 'harmless', field));
  }
  await adoptDuplicates(client, matching, named.filter(isDuplicate), changes, outcomes);
}

/** The org knows the company already: that record is ours to fill, unless another key of ours owns it. */
async function adoptDuplicates(
  client: SalesforceClient,
  matching: AccountMatching,
  duplicates: readonly Refused[],
  changes: readonly AccountChange[],
  outcomes: Outcomes,
): Promise<void> {
  const byKey = new Map(changes.map((change) => [change.key, change]));
  let written: Written[];
  try {
    const free = await unowned(client, matching, duplicates);
    const rows = duplicates.flatMap(({ key, failure }) => {
      const change = byKey.get(key);
      const id = failure.duplicateIds.find((one) => free.delete(one));
      return change === undefined || id === undefined ? [] : [row(change, adopted(matching, change, id))];
    });
    written = await writeCollection(client, UPDATE, rows, ALLOW_DUPLICATES);
  } catch (error) {
    const failure = failureOf(error);
    written = duplicates.map(({ key }) => ({ key, result: 'failed', failure }));
  }
  for (const one of written) {
    outcomes.set(
      one.key,
      withNote(
        toOutcome(one, 'harmless', matching.key),
        "linked to the record that the org's duplicate rule named",
      ),
    );
  }
}

async function unowned(
  client: SalesforceClient,
  { key: field }: AccountMatching,
  duplicates: readonly Refused[],
): Promise<Set<string>> {
  const ids = duplicates
    .flatMap(({ failure }) => failure.duplicateIds)
    .filter((id) => id.startsWith(ACCOUNT_PREFIX));
  const rows = await selectWhere<{ Id: string; [field: string]: string | null }>(
    client,
    `SELECT Id, ${field} FROM Account`,
    ids,
    (part) => inList('Id', part),
  );
  return new Set(rows.filter((account) => account[field] === null).map((account) => account.Id));
}
