import type { z } from 'zod';
import { chunks } from '../../shared/rounds.ts';
import { sideBySide } from '../../shared/side-by-side.ts';
import { HOUR } from '../../shared/time.ts';
import { failedRead } from '../../sync/crm.ts';
import type { FailedRead } from '../../sync/crm-reads.ts';
import { BATCH_MAX, CALLS_AT_ONCE, type ObjectType } from './batch.ts';
import type { HubspotApi } from './client.ts';
import {
  isAbsent,
  isAway,
  isPassing,
  isRefusedRequest,
  lacksProperty,
  mayBeOneRecord,
  recordRefusal,
} from './outcomes.ts';
import { batchSchema, type CrmRecord, type Failure, pageSchema, type Reply, recordSchema } from './reply.ts';

/**
 * Reads records by id, or by the value of a unique property; what HubSpot does not have is missing from the answer.
 * No search index stands between: a record is found as soon as it exists.
 */
export async function readRecords(
  api: HubspotApi,
  object: ObjectType,
  values: string[],
  properties: string[],
  idProperty?: string,
): Promise<Reply<CrmRecord[]>> {
  const found: CrmRecord[] = [];
  const read = (part: string[]) => readPart(api, object, part, { properties, idProperty }, found);
  const failures = await sideBySide(CALLS_AT_ONCE, chunks([...new Set(values)], BATCH_MAX), read);
  const failure = failures.find((one) => one !== null);
  return failure === undefined ? { ok: true, data: found } : { ok: false, failure };
}

/**
 * Reads records of which the missing ones will be taken for deleted. HubSpot can answer success and hold nothing: when it
 * gives none of them, the first one is asked for by itself, which is answered by a clear no.
 */
export async function readCertainly(
  api: HubspotApi,
  object: ObjectType,
  ids: readonly string[],
  properties: string[],
): Promise<Reply<CrmRecord[]>> {
  const reply = await readRecords(api, object, [...ids], properties);
  const [first] = ids;
  if (!reply.ok || reply.data.length > 0 || first === undefined) {
    return reply;
  }
  const alone = await api.call(recordSchema, api.paths.record(object, first));
  if (alone.ok) {
    return { ok: false, failure: { kind: 'unaccounted' } };
  }
  return isAbsent(alone.failure) || mayBeOneRecord(alone.failure) ? reply : alone;
}

/** A scope or a property that is missing stops this reading, not the connection. */
export function failed(api: HubspotApi, failure: Failure): FailedRead {
  const read = failedRead(api.outcome(failure, 'repeatable'));
  return isRefusedRequest(failure) ? { ...read, pause: false, afterMs: HOUR } : read;
}

interface Wanted {
  properties: string[];
  idProperty: string | undefined;
}

/**
 * A value that HubSpot refuses to look for cannot be one of its records: it must not hide the others (I9). A record that it
 * failed to read may be there all the same: then nothing is known, and the caller must not take it for absent.
 */
async function readPart(
  api: HubspotApi,
  object: ObjectType,
  values: string[],
  wanted: Wanted,
  found: CrmRecord[],
): Promise<Failure | null> {
  const ask = () => askFor(api, object, values, wanted);
  const first = await askTwice(ask);
  const reply = saysNothing(first) ? await ask() : first;
  if (reply.ok) {
    found.push(...reply.data.results);
    // Who was not looked at must not be taken for somebody who is not there.
    return reply.data.errors.map(recordRefusal).find(isPassing) ?? null;
  }
  if (lacksProperty(reply.failure) || !mayBeOneRecord(reply.failure)) {
    return reply.failure;
  }
  if (values.length === 1) {
    return null;
  }
  const middle = Math.ceil(values.length / 2);
  return (
    (await readPart(api, object, values.slice(0, middle), wanted, found)) ??
    (await readPart(api, object, values.slice(middle), wanted, found))
  );
}

/**
 * The answers to many reads count together: with one in ten lost, all of a large round would never arrive. So one that got
 * lost is asked for once more at once.
 */
async function askTwice<T>(ask: () => Promise<Reply<T>>): Promise<Reply<T>> {
  const first = await ask();
  return !first.ok && isAway(first.failure) ? ask() : first;
}

function askFor(api: HubspotApi, object: ObjectType, values: string[], wanted: Wanted) {
  const { properties, idProperty } = wanted;
  return api.call(batchSchema, api.paths.batch(object, 'read'), {
    inputs: values.map((id) => ({ id })),
    properties,
    propertiesWithHistory: [],
    ...(idProperty === undefined ? {} : { idProperty }),
  });
}

/**
 * A success that names no record, neither as found nor as missing. HubSpot sometimes answers so without having looked;
 * that would be remembered as "there is none" for a day, so it is believed only when it is said twice.
 */
function saysNothing(reply: Reply<z.output<typeof batchSchema>>): boolean {
  return reply.ok && reply.data.results.length === 0 && reply.data.errors.length === 0;
}

interface SearchGroup {
  filters: {
    propertyName: string;
    operator: 'IN' | 'EQ' | 'CONTAINS_TOKEN';
    value?: string;
    values?: string[];
  }[];
}

/** HubSpot never gives more than this many results of one search. */
const SEARCH_CAP = 10_000;

/** Every record that matches one of the groups. The index lags behind writes by seconds. */
export async function searchRecords(
  api: HubspotApi,
  object: ObjectType,
  filterGroups: SearchGroup[],
  properties: string[],
): Promise<Reply<CrmRecord[]>> {
  const found: CrmRecord[] = [];
  // HubSpot's specification requires `after` also for the first page.
  let after: string | undefined = '0';
  do {
    const from: string = after;
    const query = { filterGroups, properties, sorts: ['hs_object_id'], limit: 200, after: from };
    const reply = await askTwice(() => api.call(pageSchema, api.paths.search(object), query));
    if (!reply.ok) {
      return reply;
    }
    found.push(...reply.data.results);
    after = reply.data.paging?.next?.after;
  } while (after !== undefined && found.length < SEARCH_CAP);
  return { ok: true, data: found };
}
