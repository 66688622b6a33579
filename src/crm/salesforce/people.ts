import type { Outcomes, PersonChange } from '../../sync/crm.ts';
import { noMatch } from '../../sync/refused.ts';
import { settleRest } from '../settle-all.ts';
import type { SalesforceClient } from './client.ts';
import { toOutcome, writeCollection } from './collections.ts';
import type { Describes } from './describe.ts';
import { isDuplicate, withDuplicateIds } from './duplicates.ts';
import { failureOf } from './failure.ts';
import {
  bestOfNamed,
  isLead,
  matchPeople,
  type PeopleMatching,
  type PersonMatch,
  severalPeople,
} from './match-people.ts';
import { conversionNote, conversionsOf, mergedInto } from './moved.ts';
import { newRecord } from './new-record.ts';
import { outcomeOf } from './outcomes.ts';
import { personAccountsOf, writePersonAccounts } from './person-accounts.ts';
import { type KnownRecord, updateRecords } from './update.ts';

/** What the steps of one write share. */
interface Work {
  client: SalesforceClient;
  describes: Describes;
  matching: PeopleMatching;
  outcomes: Outcomes;
}

/**
 * People: by link, then as the mapping says, by e-mail as shipped: a contact (of the account if there is a choice), else an unconverted lead,
 * else the contact that a converted lead became, else a new contact under the account if one may be made: one for
 * all who share an e-mail. A converted lead is never written to: its link follows it to the contact. A repeat after a
 * lost answer finds the contact by its e-mail.
 */
export async function writePeople(
  client: SalesforceClient,
  describes: Describes,
  matching: PeopleMatching,
  changes: readonly PersonChange[],
): Promise<Outcomes> {
  const work: Work = { client, describes, matching, outcomes: new Map() };
  const { outcomes } = work;
  try {
    const unlinked = changes.filter(({ crmId }) => crmId === null);
    const found = await matchPeople(client, matching, unlinked);
    await updateKnown(
      work,
      changes.flatMap((change) => knownOf(work, change, found.get(change.key))),
    );
    await follow(
      work,
      changes.filter(({ key, crmId }) => crmId !== null && outcomes.get(key)?.state === 'rematch'),
    );
    await create(
      work,
      unlinked.filter(({ key }) => !found.has(key)),
    );
  } catch (error) {
    settleRest(changes, outcomeOf(failureOf(error), 'harmless'), outcomes);
  }
  return outcomes;
}

function knownOf({ outcomes }: Work, change: PersonChange, match: PersonMatch | undefined): KnownRecord[] {
  if (change.crmId !== null) {
    return [{ change, id: change.crmId, matched: false }];
  }
  if (match?.kind === 'several') {
    outcomes.set(change.key, severalPeople(match.ids));
  }
  return match?.kind === 'found' ? [matched(change, match)] : [];
}

function matched(
  change: PersonChange,
  { id, how, note }: Extract<PersonMatch, { kind: 'found' }>,
): KnownRecord {
  return { change, id, matched: true, beside: { how, ...(note === undefined ? {} : { note }) } };
}

/** A newly matched record gets every field, a linked one what changed; a lead only what leads have. */
async function updateKnown(work: Work, known: readonly KnownRecord[]): Promise<void> {
  const { client, describes, matching, outcomes } = work;
  const leads = known.filter(({ id }) => isLead(id));
  const contacts = known.filter(({ id }) => !isLead(id));
  const account = describes.known('Account');
  const accounts = await personAccountsOf(
    client,
    account,
    contacts.map(({ id }) => id),
  );
  const target = { sobject: 'Contact', fields: describes.known('Contact') };
  const people = contacts.filter(({ id }) => !accounts.has(id));
  const written = people.length > 0 ? [await updateRecords(client, target, people)] : [];
  if (leads.length > 0) {
    const fields = await describes.fields('Lead');
    const taken = leads.map((one) => onlyOf(fields, one));
    written.push(await updateRecords(client, { sobject: 'Lead', fields }, taken));
  }
  if (accounts.size > 0) {
    const halves = contacts.filter(({ id }) => accounts.has(id));
    const policy = matching.personAccounts ?? 'skip';
    written.push(await writePersonAccounts(client, target, account, accounts, halves, policy));
  }
  for (const [key, outcome] of written.flatMap((one) => [...one])) {
    outcomes.set(key, outcome);
  }
}

function onlyOf(fields: ReadonlyMap<string, unknown>, known: KnownRecord): KnownRecord {
  const own = (values: PersonChange['fields']) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => fields.has(name)));
  const { change } = known;
  return { ...known, change: { ...change, fields: own(change.fields), allFields: own(change.allFields) } };
}

/** Records behind a link that are no longer to be written: a converted lead's contact is, or what they were merged into. */
async function follow(work: Work, gone: readonly PersonChange[]): Promise<void> {
  const { client } = work;
  if (gone.length === 0) {
    return;
  }
  const ids = (lead: boolean) =>
    gone.flatMap(({ crmId }) => (crmId !== null && isLead(crmId) === lead ? crmId : []));
  const conversions = await conversionsOf(client, ids(true));
  const merged = new Map([
    ...(await mergedInto(
      client,
      'Lead',
      ids(true).filter((id) => !conversions.has(id)),
    )),
    ...(await mergedInto(client, 'Contact', ids(false))),
  ]);
  const known = gone.flatMap((change): KnownRecord[] => {
    const from = change.crmId ?? '';
    const conversion = conversions.get(from);
    const master = merged.get(from);
    if (conversion !== undefined) {
      const note = conversionNote(from, conversion);
      return [matched(change, { kind: 'found', id: conversion.contact, how: 'conversion', note })];
    }
    const note = `${from} was merged into ${master}`;
    return master === undefined ? [] : [matched(change, { kind: 'found', id: master, how: 'merge', note })];
  });
  await updateKnown(work, known);
}

async function create(work: Work, changes: readonly PersonChange[]): Promise<void> {
  const { client, describes, outcomes } = work;
  const fields = describes.known('Contact');
  const makes = changes.flatMap((change) => {
    const made =
      change.create && change.accountCrmId !== null
        ? newRecord('Contact', fields, change, { AccountId: change.accountCrmId })
        : { refused: noMatch('contact or lead') };
    if ('refused' in made) {
      outcomes.set(change.key, made.refused);
      return [];
    }
    return [{ change, ...made }];
  });
  const sharers = [...Map.groupBy(makes, ({ change }) => change.email?.toLowerCase() ?? change.key).values()];
  const rows = sharers.flatMap(([first]) =>
    first === undefined
      ? []
      : [{ key: first.change.key, record: first.record, parent: first.change.accountCrmId }],
  );
  const written = await writeCollection(client, { kind: 'create', sobject: 'Contact' }, rows);
  const named = await withDuplicateIds(client, written, rows, ({ record }) => ({
    method: 'POST',
    path: '/sobjects/Contact',
    body: record,
  }));
  const known: KnownRecord[] = [];
  for (const one of named) {
    const group = sharers.find(([first]) => first?.change.key === one.key) ?? [];
    for (const { change, beside } of group) {
      const outcome = toOutcome(one, 'harmless');
      outcomes.set(
        change.key,
        outcome.state === 'done' ? { ...outcome, how: 'created', ...beside } : outcome,
      );
    }
    const match: PersonMatch | undefined =
      one.result === 'ok'
        ? { kind: 'found', id: one.id, how: 'email' }
        : isDuplicate(one)
          ? await bestOfNamed(client, one.failure.duplicateIds)
          : undefined;
    if (match?.kind === 'found') {
      // The maker's fields are in it already; those who share it, and a record that a duplicate rule named, follow.
      known.push(...group.slice(one.result === 'ok' ? 1 : 0).map(({ change }) => matched(change, match)));
    }
  }
  await updateKnown(work, known);
}
