import { chunks, roundsOf } from '../../shared/rounds.ts';
import { sideBySide } from '../../shared/side-by-side.ts';
import type { HubspotApi } from './client.ts';
import { mayBeOneRecord, recordRefusal, refusesAll, unknownProperties } from './outcomes.ts';
import { batchSchema, type CrmRecord, type Failure, type Reply } from './reply.ts';

/** HubSpot's cap on the inputs of one object batch. */
export const BATCH_MAX = 100;

/** Calls of one kind under way at a time: three that take 150 ms each are what a burst limit of 190 in ten seconds allows. */
export const CALLS_AT_ONCE = 3;

/** HubSpot's words for its objects, as they stand in paths. */
export type ObjectType = 'companies' | 'contacts' | 'tasks' | 'deals' | ActivityType;

/** Of its activities those that may be a touch or a reply. */
export type ActivityType = 'calls' | 'emails' | 'meetings' | 'communications';

export type Properties = Record<string, string>;

export interface Association {
  to: { id: string };
  types: { associationCategory: 'HUBSPOT_DEFINED'; associationTypeId: number }[];
}

/** A record to write; `key` is ours and pairs the result. */
export interface UpdateInput {
  key: string;
  id: string;
  properties: Properties;
}

export interface CreateInput {
  key: string;
  properties: Properties;
  associations: Association[];
}

/** Every input's own fate, by its key. */
export type Written = Map<string, Reply<CrmRecord>>;

/** Updates by record id. Two inputs for one record go in separate calls: HubSpot refuses an id twice in a batch. */
export async function updateRecords(
  api: HubspotApi,
  object: ObjectType,
  inputs: UpdateInput[],
): Promise<Written> {
  const written: Written = new Map();
  for (const round of roundsOf(inputs, ({ id }) => id)) {
    const send = (part: UpdateInput[]) =>
      api.call(batchSchema, api.paths.batch(object, 'update'), {
        inputs: part.map(({ id, properties }, index) => ({
          id,
          properties,
          objectWriteTraceId: trace(index),
        })),
      });
    await inBatches(round, send, (input, record) => record.id === input.id, written);
  }
  return written;
}

export async function createRecords(
  api: HubspotApi,
  object: ObjectType,
  inputs: CreateInput[],
  uniqueProperty: string,
): Promise<Written> {
  const written: Written = new Map();
  const send = (part: CreateInput[]) =>
    api.call(batchSchema, api.paths.batch(object, 'create'), {
      inputs: part.map(({ properties, associations }, index) => ({
        properties,
        associations,
        objectWriteTraceId: trace(index),
      })),
    });
  const same = (input: CreateInput, record: CrmRecord) => {
    const value = input.properties[uniqueProperty]?.toLowerCase();
    return value !== undefined && record.properties[uniqueProperty]?.toLowerCase() === value;
  };
  await inBatches(inputs, send, same, written);
  return written;
}

type Send<I> = (inputs: I[]) => Promise<Reply<{ results: CrmRecord[]; errors: unknown[] }>>;
type Same<I> = (input: I, record: CrmRecord) => boolean;

async function inBatches<I extends { key: string; properties: Properties }>(
  inputs: I[],
  send: Send<I>,
  same: Same<I>,
  written: Written,
): Promise<void> {
  const sending = untilRefused(send);
  await sideBySide(CALLS_AT_ONCE, chunks(inputs, BATCH_MAX), (part) =>
    writePart(part, sending, same, written),
  );
}

/** Once HubSpot has refused everybody (a limit, the token), further calls would only be refused too, and count. */
function untilRefused<I>(send: Send<I>): Send<I> {
  let refused: Awaited<ReturnType<Send<I>>> | null = null;
  return async (inputs) => {
    const reply = refused ?? (await send(inputs));
    if (!reply.ok && refusesAll(reply.failure)) {
      refused = reply;
    }
    return reply;
  };
}

async function writePart<I extends { key: string; properties: Properties }>(
  part: I[],
  send: Send<I>,
  same: Same<I>,
  written: Written,
): Promise<void> {
  const reply = await send(part);
  if (reply.ok) {
    pair(part, reply.data, same, written);
    return;
  }
  const hopeless = part.length === 1 || !mayBeOneRecord(reply.failure);
  const guilty = hopeless
    ? part
    : part.filter((input, index) => isBlamed(reply.failure, trace(index), input));
  for (const { key } of guilty) {
    written.set(key, reply);
  }
  const rest = part.filter((input) => !guilty.includes(input));
  if (rest.length === 0) {
    return;
  }
  if (rest.length < part.length) {
    await writePart(rest, send, same, written);
    return;
  }
  // A portal that does not answer per record refuses the whole batch for one: the halves go on their own.
  const middle = Math.ceil(part.length / 2);
  await writePart(part.slice(0, middle), send, same, written);
  await writePart(part.slice(middle), send, same, written);
}

/** Results come in any order: the trace id pairs them, else what `same` recognises. Nothing is paired by position. */
function pair<I extends { key: string }>(
  part: I[],
  answer: { results: CrmRecord[]; errors: unknown[] },
  same: Same<I>,
  written: Written,
): void {
  const errors = answer.errors.map(recordRefusal);
  const alone = part.length === 1 && answer.results.length === 1;
  part.forEach((input, index) => {
    const record =
      answer.results.find(({ objectWriteTraceId }) => objectWriteTraceId === trace(index)) ??
      answer.results.find((one) => one.objectWriteTraceId === undefined && (alone || same(input, one)));
    const failure =
      record === undefined ? errors.find((error) => names(error, trace(index), input)) : undefined;
    written.set(
      input.key,
      record !== undefined
        ? { ok: true, data: record }
        : { ok: false, failure: failure ?? { kind: 'unaccounted' } },
    );
  });
}

/** A refusal of a whole batch that says by itself whom it is about: by record, or by a property that the portal lacks. */
function isBlamed(failure: Failure, traceId: string, input: { properties: Properties }): boolean {
  return (
    names(failure, traceId, input) || unknownProperties(failure).some((name) => name in input.properties)
  );
}

function names(failure: Failure, traceId: string, input: object): boolean {
  if (failure.kind !== 'refused') {
    return false;
  }
  const { objectWriteTraceId, ids } = failure.context;
  return (
    objectWriteTraceId?.includes(traceId) === true ||
    ('id' in input && typeof input.id === 'string' && ids?.includes(input.id) === true)
  );
}

function trace(index: number): string {
  return `pql-${index}`;
}
