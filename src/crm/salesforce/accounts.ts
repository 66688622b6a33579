import type { AccountChange, Beside, Outcome, Outcomes } from '../../sync/crm.ts';
import { noMatch } from '../../sync/refused.ts';
import type { RecentDomains } from '../recent-domains.ts';
import { settleAll, settleRest } from '../settle-all.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, writeCollection } from './collections.ts';
import type { Describes, Fields } from './describe.ts';
import { isDuplicate, type Refused, withDuplicateIds } from './duplicates.ts';
import { failureOf } from './failure.ts';
import { type AccountMatch, type AccountMatching, matchAccounts, refusedMatch } from './match-accounts.ts';
import { mergedInto } from './moved.ts';
import { newRecord } from './new-record.ts';
import { outcomeOf } from './outcomes.ts';
import { hasPersonAccounts } from './person-accounts.ts';
import { inList, selectWhere } from './soql.ts';
import { type KnownRecord, type Target, updateRecords } from './update.ts';

const ACCOUNT_PREFIX = '001';

/** What the steps of one write share. */
interface Work {
  client: SalesforceClient;
  matching: AccountMatching;
  recent: RecentDomains;
  fields: Fields;
  target: Target;
  outcomes: Outcomes;
}

/**
 * Accounts: by link, then as the mapping says (the external id, the web site); created by external-id upsert, so
 * that a repeat finds what the first attempt made. An account that another key of ours owns is never taken over, and none is
 * made beside it: that is parked. One that was merged away is followed to the account that it is part of.
 */
export async function writeAccounts(
  client: SalesforceClient,
  describes: Describes,
  matching: AccountMatching,
  recent: RecentDomains,
  changes: readonly AccountChange[],
): Promise<Outcomes> {
  const fields = describes.known('Account');
  const target = { sobject: 'Account', fields, keyField: matching.key };
  const work: Work = { client, matching, recent, fields, target, outcomes: new Map() };
  const linked = changes.filter(({ crmId }) => crmId !== null);
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  await orFail(work, linked, () => updateLinked(work, linked));
  await orFail(work, unlinked, () => matchOrMake(work, unlinked));
  return work.outcomes;
}

/** What stops the work stops it for those that have no outcome yet. */
async function orFail({ outcomes }: Work, changes: readonly AccountChange[], act: () => Promise<void>) {
  try {
    await act();
  } catch (error) {
    settleRest(changes, outcomeOf(failureOf(error), 'harmless'), outcomes);
  }
}

async function updateLinked(work: Work, linked: readonly AccountChange[]): Promise<void> {
  const known = linked.map((change) => ({ change, id: change.crmId ?? '', matched: false }));
  const updated = await updateRecords(work.client, work.target, known);
  const gone = known.filter(({ change }) => updated.get(change.key)?.state === 'rematch');
  for (const [key, outcome] of updated) {
    work.outcomes.set(key, outcome);
  }
  if (gone.length > 0) {
    await followMerged(work, gone);
  }
}

/**
 * An account that was merged into one of another key of ours: who shall have it only a person can say. Whoever carries
 * our key is ours all the same.
 */
async function followMerged(
  work: Work,
  gone: readonly { change: AccountChange; id: string }[],
): Promise<void> {
  const { client, matching, recent, outcomes } = work;
  const masters = await mergedInto(
    client,
    'Account',
    gone.map(({ id }) => id),
  );
  const owners = await ownersOf(work, [...masters.values()]);
  const followed: KnownRecord[] = [];
  const taken: AccountChange[] = [];
  for (const { change, id } of gone) {
    const master = masters.get(id);
    const owner = owners.get(master ?? '');
    if (master !== undefined && (owner === null || owner === change.key)) {
      const note = `account ${id} was merged into ${master}`;
      followed.push(adopted(matching, change, { kind: 'found', id: master, how: 'merge', note }));
    } else if (master !== undefined && typeof owner === 'string') {
      outcomes.set(change.key, mergedAway(matching.key, change, master, owner));
      taken.push(change);
    }
  }
  const named = await matchAccounts(client, { ...matching, order: ['unique'] }, recent, taken, false);
  followed.push(
    ...taken.flatMap((change) => {
      const match = named.get(change.key);
      return match?.kind === 'found' ? [adopted(matching, change, match)] : [];
    }),
  );
  for (const [key, outcome] of await updateRecords(client, work.target, followed)) {
    outcomes.set(key, outcome);
  }
}

function mergedAway(field: string, { key, crmId }: AccountChange, master: string, owner: string): Outcome {
  return {
    state: 'parked',
    code: 'merged_away',
    reason: `account ${crmId} was merged into ${master}, which stands for ${owner}`,
    remedy: `merge the two here too (pql accounts merge), or write ${key} into ${field} of an account of its own, then: pql errors retry`,
  };
}

/** The key that each account carries, by id; null: none of ours. */
async function ownersOf(
  { client, matching }: Work,
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const rows = await selectWhere<{ Id: string; [field: string]: string | null }>(
    client,
    `SELECT Id, ${matching.key} FROM Account`,
    ids.filter((id) => id.startsWith(ACCOUNT_PREFIX)),
    (part) => inList('Id', part),
  );
  return new Map(rows.map((row) => [row.Id, row[matching.key] ?? null]));
}

async function matchOrMake(work: Work, unlinked: readonly AccountChange[]): Promise<void> {
  const { client, matching, recent, fields, outcomes } = work;
  const found = await matchAccounts(client, matching, recent, unlinked, hasPersonAccounts(fields));
  const known = unlinked.flatMap((change) => {
    const match = found.get(change.key);
    if (match !== undefined && match.kind !== 'found') {
      outcomes.set(change.key, refusedMatch(change, match, matching));
    }
    return match?.kind === 'found' ? [adopted(matching, change, match)] : [];
  });
  for (const [key, outcome] of await updateRecords(client, work.target, known)) {
    outcomes.set(key, outcome);
  }
  await create(
    work,
    unlinked.filter(({ key }) => !found.has(key)),
  );
}

/** A record of the org becomes ours: it gets our key and every field. */
function adopted(
  { key: field }: AccountMatching,
  change: KnownRecord['change'],
  { id, how, note }: Extract<AccountMatch, { kind: 'found' }>,
): KnownRecord {
  const beside = { how, ...(note === undefined ? {} : { note }) };
  return { change, id, matched: true, extra: { [field]: change.key }, beside };
}

async function create(work: Work, changes: readonly AccountChange[]): Promise<void> {
  const { client, fields, outcomes } = work;
  const { key: field } = work.matching;
  const rows: Row[] = [];
  const besides = new Map<string, Beside>();
  for (const change of changes) {
    const { key } = change;
    const made = change.create
      ? newRecord('Account', fields, change, { [field]: key })
      : { refused: noMatch('account') };
    if ('refused' in made) {
      outcomes.set(key, made.refused);
    } else {
      rows.push({ key, record: made.record });
      besides.set(key, made.beside);
    }
  }
  const written = await writeCollection(client, { kind: 'upsert', sobject: 'Account', by: field }, rows);
  const named = await withDuplicateIds(client, written, rows, ({ key, record: { [field]: _, ...body } }) => ({
    method: 'PATCH',
    path: `/sobjects/Account/${field}/${encodeURIComponent(key)}`,
    body,
  }));
  for (const one of named) {
    const outcome = toOutcome(one, 'harmless', field);
    outcomes.set(
      one.key,
      outcome.state === 'done'
        ? { ...outcome, how: outcome.created ? 'created' : 'unique', ...besides.get(one.key) }
        : outcome,
    );
  }
  await adoptDuplicates(work, named.filter(isDuplicate), changes);
}

/** The org knows the company already: that record is ours to fill, unless another key of ours owns it. */
async function adoptDuplicates(
  work: Work,
  duplicates: readonly Refused[],
  changes: readonly AccountChange[],
): Promise<void> {
  const { client, matching, outcomes, target } = work;
  const byKey = new Map(changes.map((change) => [change.key, change]));
  try {
    const owners = await ownersOf(
      work,
      duplicates.flatMap(({ failure }) => failure.duplicateIds),
    );
    const free = new Set([...owners].filter(([, owner]) => owner === null).map(([id]) => id));
    const note = "linked to the record that the org's duplicate rule named";
    const known = duplicates.flatMap(({ key, failure }) => {
      const change = byKey.get(key);
      const id = failure.duplicateIds.find((one) => free.delete(one));
      return change === undefined || id === undefined
        ? []
        : [adopted(matching, change, { kind: 'found', id, how: 'duplicate rule', note })];
    });
    for (const [key, outcome] of await updateRecords(client, target, known)) {
      outcomes.set(key, outcome);
    }
  } catch (error) {
    settleAll(duplicates, outcomeOf(failureOf(error), 'harmless'), outcomes);
  }
}
