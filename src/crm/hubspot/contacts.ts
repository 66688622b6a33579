import { z } from 'zod';
import { chunks, roundsOf } from '../../shared/rounds.ts';
import type { How, Outcome, Outcomes, PersonChange } from '../../sync/crm.ts';
import { settleAll } from '../settle-all.ts';
import { BATCH_MAX, type Properties } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { toProperties } from './fields.ts';
import { readRecords } from './lookup.ts';
import { pickContact } from './match.ts';
import { isRefusedRequest } from './outcomes.ts';
import { type Adoption, adoptRecords, type Creation, createMissing, updateLinked } from './records.ts';
import type { CrmRecord, Failure, Reply } from './reply.ts';
import type { UniqueKey } from './unique-key.ts';

/** What is known about a person without a link: the contact, and the company it already has. */
type Found = Map<string, { record: CrmRecord; how: How }>;

/**
 * One contact per person: by link, else as the mapping's match order says (our property where the portal keeps it
 * unique, e-mail), else created if allowed.
 * A contact without a company is put under the account's. HubSpot itself keeps e-mail addresses unique, so a repeat
 * after a lost answer finds the contact or is refused with its id.
 */
export async function writeContacts(
  api: HubspotApi,
  personKey: UniqueKey,
  changes: PersonChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  await updateLinked(api, 'contacts', changes, outcomes);
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  // Two persons may share one address: the second is looked up after the first has been written.
  for (const round of roundsOf(unlinked, ({ email, key }) => email?.toLowerCase() ?? key)) {
    await writeUnlinked(api, personKey, round, outcomes);
  }
  return outcomes;
}

async function writeUnlinked(
  api: HubspotApi,
  personKey: UniqueKey,
  changes: PersonChange[],
  outcomes: Outcomes,
): Promise<void> {
  const unique = await personKey.since(api);
  const keyProperty = unique.ok && unique.data !== null ? api.keys.contact : null;
  const found = unique.ok ? await findContacts(api, changes, keyProperty) : unique;
  if (!found.ok) {
    settleAll(changes, api.outcome(found.failure, 'repeatable'), outcomes);
    return;
  }
  const adoptions: Adoption<PersonChange>[] = [];
  const creations: Creation<PersonChange>[] = [];
  for (const change of changes) {
    const match = found.data.get(change.key);
    if (match !== undefined) {
      const { record, how } = match;
      adoptions.push({ change, crmId: record.id, extra: keyFor(change, record, keyProperty), how });
    } else if (change.create && change.email !== null) {
      creations.push({ change, properties: created(change, change.email, keyProperty), associations: [] });
    } else {
      outcomes.set(change.key, unmatched(change));
    }
  }
  await adoptRecords(api, 'contacts', adoptions, outcomes);
  await createMissing(api, 'contacts', creations, 'email', outcomes);
  await putUnderCompanies(api, changes, found.data, outcomes);
}

async function findContacts(
  api: HubspotApi,
  changes: PersonChange[],
  keyProperty: string | null,
): Promise<Reply<Found>> {
  const properties = [
    'email',
    'hs_additional_emails',
    'associatedcompanyid',
    ...(keyProperty ? [keyProperty] : []),
  ];
  const found: Found = new Map();
  for (const way of api.match.contact) {
    const rest = changes.filter(({ key }) => !found.has(key));
    const failure =
      way === 'unique' && keyProperty !== null
        ? await findByKey(api, rest, properties, keyProperty, found)
        : way === 'email'
          ? await findByEmail(api, rest, properties, found)
          : null;
    if (failure !== null) {
      return { ok: false, failure };
    }
  }
  return { ok: true, data: found };
}

async function findByKey(
  api: HubspotApi,
  changes: PersonChange[],
  properties: string[],
  keyProperty: string,
  found: Found,
): Promise<Failure | null> {
  const values = changes.map((change) => keyOf(change, keyProperty));
  const read = await readRecords(api, 'contacts', values, properties, keyProperty);
  if (!read.ok) {
    return read.failure;
  }
  const byValue = new Map(read.data.map((record) => [record.properties[keyProperty] ?? '', record]));
  for (const change of changes) {
    const record = byValue.get(keyOf(change, keyProperty));
    if (record !== undefined) {
      found.set(change.key, { record, how: 'unique' });
    }
  }
  return null;
}

async function findByEmail(
  api: HubspotApi,
  changes: PersonChange[],
  properties: string[],
  found: Found,
): Promise<Failure | null> {
  const emails = changes.flatMap(({ email }) => (email === null ? [] : [email]));
  const read = await readRecords(api, 'contacts', emails, properties, 'email');
  if (!read.ok) {
    return read.failure;
  }
  for (const change of changes) {
    const record = pickContact(change, read.data);
    if (record !== null) {
      found.set(change.key, { record, how: 'email' });
    }
  }
  return null;
}

/** What the unique property holds of a person: what the mapping fills it with, else our own key. */
function keyOf({ key, allFields }: PersonChange, keyProperty: string): string {
  return String(allFields[keyProperty] ?? key);
}

/** A contact that carries another person's key keeps it: two of our persons may share one address. */
function keyFor(change: PersonChange, record: CrmRecord, keyProperty: string | null): Properties {
  return keyProperty === null
    ? {}
    : { [keyProperty]: record.properties[keyProperty] || keyOf(change, keyProperty) };
}

function created(change: PersonChange, email: string, keyProperty: string | null): Properties {
  const properties = { email, ...toProperties(change.createFields), ...toProperties(change.allFields) };
  return keyProperty === null ? properties : { ...properties, [keyProperty]: keyOf(change, keyProperty) };
}

function unmatched({ email }: PersonChange): Outcome {
  return email === null
    ? { state: 'skipped', code: 'no_email', reason: 'a contact is found by e-mail, and this person has none' }
    : {
        state: 'skipped',
        code: 'no_match',
        reason: 'no contact has this e-mail, and none may be created now',
      };
}

const associatedSchema = z.object({ results: z.array(z.unknown()), errors: z.array(z.unknown()).nullish() });

/** Repeatable; until it has succeeded the person is not reported done, so that it is tried again. */
async function putUnderCompanies(
  api: HubspotApi,
  changes: PersonChange[],
  found: Found,
  outcomes: Outcomes,
): Promise<void> {
  const pairs = changes.flatMap(({ key, accountCrmId }) => {
    const outcome = outcomes.get(key);
    const homeless = !found.get(key)?.record.properties.associatedcompanyid;
    return outcome?.state === 'done' && accountCrmId !== null && homeless
      ? [{ key, outcome, contact: outcome.crmId, company: accountCrmId }]
      : [];
  });
  for (const part of chunks(pairs, BATCH_MAX)) {
    await associate(api, part, outcomes);
  }
}

interface Pair {
  key: string;
  outcome: Done;
  contact: string;
  company: string;
}

async function associate(api: HubspotApi, pairs: Pair[], outcomes: Outcomes): Promise<void> {
  const reply = await api.call(associatedSchema, api.paths.associate('contacts', 'companies'), {
    inputs: pairs.map(({ contact, company }) => ({ from: { id: contact }, to: { id: company } })),
  });
  const refused = reply.ok ? (reply.data.errors ?? []).length > 0 : isRefusedRequest(reply.failure);
  if (refused && pairs.length > 1) {
    // One of them: the halves go on their own, and what is repeated changes nothing.
    const middle = Math.ceil(pairs.length / 2);
    await associate(api, pairs.slice(0, middle), outcomes);
    await associate(api, pairs.slice(middle), outcomes);
    return;
  }
  for (const { key, outcome } of pairs) {
    if (refused) {
      const alone = 'the contact could not be put under its company';
      outcomes.set(key, { ...outcome, note: outcome.note ? `${outcome.note}; ${alone}` : alone });
    } else if (!reply.ok || reply.data.results.length === 0) {
      outcomes.set(key, api.outcome(reply.ok ? { kind: 'unaccounted' } : reply.failure, 'repeatable'));
    }
  }
}

type Done = Extract<Outcome, { state: 'done' }>;
