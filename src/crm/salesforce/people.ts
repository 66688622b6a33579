import type { Outcomes, PersonChange } from '../../sync/crm.ts';
import { ALLOW_DUPLICATES } from './accounts.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, writeCollection } from './collections.ts';
import type { Describes } from './describe.ts';
import { isDuplicate, type Refused, withDuplicateIds } from './duplicates.ts';
import { failureOf } from './failure.ts';
import { bestOfNamed, isLead, matchPeople, type PeopleMatching } from './match-people.ts';
import { outcomeOf } from './outcomes.ts';

/**
 * People: by link, then as the mapping says, by e-mail as shipped: a contact (of the account if there is a choice), else an unconverted lead,
 * else the contact that a converted lead became, else a new contact under the account if one may be made: one for
 * all who share an e-mail. A converted lead is never written to. A repeat after a lost answer finds the contact by
 * its e-mail.
 */
export async function writePeople(
  client: SalesforceClient,
  describes: Describes,
  matching: PeopleMatching,
  changes: readonly PersonChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  try {
    const unlinked = changes.filter(({ crmId }) => crmId === null);
    const found = await matchPeople(client, matching, unlinked);
    const known = changes.flatMap((change) => {
      const id = change.crmId ?? found.get(change.key);
      return id === undefined ? [] : [{ change, id }];
    });
    await updateKnown(client, describes, known, outcomes);
    await create(
      client,
      describes,
      unlinked.filter(({ key }) => !found.has(key)),
      outcomes,
    );
  } catch (error) {
    const outcome = outcomeOf(failureOf(error), 'harmless');
    for (const { key } of changes.filter((change) => !outcomes.has(change.key))) {
      outcomes.set(key, outcome);
    }
  }
  return outcomes;
}

/** A person and the record that is theirs. */
interface Known {
  change: PersonChange;
  id: string;
}

async function updateKnown(
  client: SalesforceClient,
  describes: Describes,
  known: readonly Known[],
  outcomes: Outcomes,
): Promise<void> {
  for (const sobject of ['Contact', 'Lead'] as const) {
    const own = known.filter(({ id }) => isLead(id) === (sobject === 'Lead'));
    if (own.length > 0) {
      // Only a lead's fields are asked for: a contact's own are what the mapping was checked against.
      const fields = new Set(sobject === 'Lead' ? (await describes.fields(sobject)).keys() : []);
      const rows = own.map(({ change, id }) => update(change, id, fields));
      for (const written of await writeCollection(
        client,
        { kind: 'update', sobject },
        rows,
        ALLOW_DUPLICATES,
      )) {
        outcomes.set(written.key, toOutcome(written, 'harmless'));
      }
    }
  }
}

/** A newly matched record gets every field, a linked one what changed; a lead only what leads have. */
function update(change: PersonChange, id: string, objectFields: ReadonlySet<string>): Row {
  const fields = change.crmId === null ? change.allFields : change.fields;
  const kept = Object.entries(fields).filter(([name]) => !isLead(id) || objectFields.has(name));
  return { key: change.key, record: { Id: id, ...Object.fromEntries(kept) }, parent: change.accountCrmId };
}

async function create(
  client: SalesforceClient,
  describes: Describes,
  changes: readonly PersonChange[],
  outcomes: Outcomes,
): Promise<void> {
  const makes = changes.filter((change) => change.create && change.accountCrmId !== null);
  for (const { key } of changes.filter((change) => !makes.includes(change))) {
    outcomes.set(key, {
      state: 'skipped',
      code: 'no_match',
      reason: 'no contact or lead matches, and none is to be created',
    });
  }
  const sharers = [...Map.groupBy(makes, (change) => change.email?.toLowerCase() ?? change.key).values()];
  const rows = sharers.flatMap(([first]) =>
    first === undefined
      ? []
      : [
          {
            key: first.key,
            record: { ...first.createFields, ...first.allFields, AccountId: first.accountCrmId },
            parent: first.accountCrmId,
          },
        ],
  );
  const written = await writeCollection(client, { kind: 'create', sobject: 'Contact' }, rows);
  const named = await withDuplicateIds(client, written, rows, ({ record }) => ({
    method: 'POST',
    path: '/sobjects/Contact',
    body: record,
  }));
  const known: Known[] = [];
  for (const one of named) {
    const group = sharers.find(([first]) => first?.key === one.key) ?? [];
    for (const { key } of group) {
      outcomes.set(key, toOutcome(one, 'harmless'));
    }
    const id = one.result === 'ok' ? one.id : await ofDuplicate(client, one);
    if (id !== undefined) {
      // The maker's fields are in it already; those who share it, and a record that a duplicate rule named, follow.
      known.push(...group.slice(one.result === 'ok' ? 1 : 0).map((change) => ({ change, id })));
    }
  }
  await updateKnown(client, describes, known, outcomes);
}

async function ofDuplicate(client: SalesforceClient, refused: Refused): Promise<string | undefined> {
  return isDuplicate(refused) ? bestOfNamed(client, refused.failure.duplicateIds) : undefined;
}
