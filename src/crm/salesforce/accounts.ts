import { registrableDomain } from '../../accounts/domains.ts';
import type { AccountChange, Outcome, Outcomes } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, type Written, writeCollection } from './collections.ts';
import { failureOf } from './failure.ts';
import { outcomeOf } from './outcomes.ts';
import { containing, inList, selectWhere } from './soql.ts';

const KEY = 'PQL_Account_Id__c';

/** Only for records that are known: a rule that merely warns must not stop an update. */
export const ALLOW_DUPLICATES = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };

/**
 * Accounts: by link, then by the external id, then by web site; created by external-id upsert, so that a repeat
 * finds what the first attempt made. An account that an other key of ours owns is never taken over.
 */
export async function writeAccounts(
  client: SalesforceClient,
  changes: readonly AccountChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const linked = changes.filter(({ crmId }) => crmId !== null);
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  let found: Map<string, Match>;
  try {
    found = await match(client, unlinked);
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
      return id === undefined ? [] : [row(change, { Id: id, [KEY]: change.key, ...change.allFields })];
    }),
  ];
  for (const written of await writeCollection(
    client,
    { kind: 'update', sobject: 'Account' },
    updates,
    ALLOW_DUPLICATES,
  )) {
    outcomes.set(written.key, withNote(toOutcome(written, 'harmless'), found.get(written.key)?.note));
  }
  const missing = unlinked.filter(({ key }) => !found.has(key) && !outcomes.has(key));
  await create(client, missing, outcomes);
  return outcomes;
}

function row({ key }: AccountChange, record: Record<string, unknown>): Row {
  return { key, record };
}

function withNote(outcome: Outcome, note: string | undefined): Outcome {
  return outcome.state === 'done' && note !== undefined ? { ...outcome, note } : outcome;
}

interface Match {
  id: string;
  note?: string;
}

interface AccountRow {
  Id: string;
  Website: string | null;
  CreatedDate: string;
  [KEY]: string | null;
}

const SELECT = `SELECT Id, Website, CreatedDate, ${KEY} FROM Account`;

async function match(
  client: SalesforceClient,
  changes: readonly AccountChange[],
): Promise<Map<string, Match>> {
  const found = new Map<string, Match>();
  const keys = changes.map(({ key }) => key);
  for (const account of await selectWhere<AccountRow>(client, SELECT, keys, (part) => inList(KEY, part))) {
    found.set(account[KEY] ?? '', { id: account.Id });
  }
  const searched = changes.filter(({ key, domain }) => domain !== null && !found.has(key));
  const bySite = await selectWhere<AccountRow>(
    client,
    SELECT,
    searched.map(({ domain }) => domain ?? ''),
    (part) => part.map((domain) => `Website LIKE ${containing(domain)}`).join(' OR '),
  );
  const taken = new Set<string>();
  for (const { key, domain } of searched) {
    const candidates = bySite
      .filter((account) => account.Website !== null && registrableDomain(account.Website) === domain)
      .filter((account) => account[KEY] === null && !taken.has(account.Id))
      .sort((a, b) => (a.CreatedDate + a.Id < b.CreatedDate + b.Id ? -1 : 1));
    const [oldest] = candidates;
    if (oldest !== undefined) {
      taken.add(oldest.Id);
      const note = `${candidates.length} accounts have this web site; the oldest was taken`;
      found.set(key, candidates.length > 1 ? { id: oldest.Id, note } : { id: oldest.Id });
    }
  }
  return found;
}

async function create(
  client: SalesforceClient,
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
  const rows = changes
    .filter((change) => change.create)
    .map((change) => row(change, { ...change.createFields, ...change.allFields, [KEY]: change.key }));
  const written = await writeCollection(client, { kind: 'upsert', sobject: 'Account', by: KEY }, rows);
  const duplicates = written.filter(isDuplicate);
  for (const one of written) {
    outcomes.set(one.key, toOutcome(one, 'harmless'));
  }
  await adoptDuplicates(client, duplicates, changes, outcomes);
}

type Duplicate = Written & { result: 'failed' };

function isDuplicate(written: Written): written is Duplicate {
  return (
    written.result === 'failed' &&
    written.failure.code === 'DUPLICATES_DETECTED' &&
    written.failure.duplicateIds.length > 0
  );
}

/** The org knows the company already: that one is ours to fill. */
async function adoptDuplicates(
  client: SalesforceClient,
  duplicates: readonly Duplicate[],
  changes: readonly AccountChange[],
  outcomes: Outcomes,
): Promise<void> {
  const byKey = new Map(changes.map((change) => [change.key, change]));
  const rows = duplicates.flatMap(({ key, failure }) => {
    const change = byKey.get(key);
    const [id] = failure.duplicateIds;
    return change === undefined ? [] : [row(change, { Id: id, [KEY]: key, ...change.allFields })];
  });
  for (const one of await writeCollection(
    client,
    { kind: 'update', sobject: 'Account' },
    rows,
    ALLOW_DUPLICATES,
  )) {
    outcomes.set(
      one.key,
      withNote(toOutcome(one, 'harmless'), "linked to the record that the org's duplicate rule named"),
    );
  }
}
