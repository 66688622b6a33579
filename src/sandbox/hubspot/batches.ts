import { type ObjectName, objectNamed } from './definitions.ts';
import { HubspotError, notFound, validation } from './errors.ts';
import { type AssociationInput, nonUnique, type Portal } from './portal.ts';
import type { StoredRecord } from './records.ts';
import { recordView } from './views.ts';

export interface Answer {
  status: number;
  body?: object;
}

interface Input {
  id?: string | number;
  idProperty?: string;
  properties?: Record<string, unknown>;
  associations?: AssociationInput[];
  objectWriteTraceId?: string;
}

const BATCH_MAX = 100;

/** Checks one input and returns what writes it; `isNew` only where an answer says so. */
type Prepare = (input: Input) => { write: () => StoredRecord; isNew?: boolean };

export function batchCreate(portal: Portal, objectName: string, body: unknown): Answer {
  const object = objectNamed(objectName);
  const inputs = inputsOf(body);
  return writeBatch(portal, object, 201, inputs, ({ properties, associations }) => ({
    write: portal.prepareCreate(object, properties, associations ?? []),
  }));
}

export function batchUpdate(portal: Portal, objectName: string, body: unknown): Answer {
  const object = objectNamed(objectName);
  const inputs = inputsOf(body);
  assertNoRepeatedIds(inputs);
  return writeBatch(portal, object, 200, inputs, ({ id, idProperty, properties }) => ({
    write: portal.prepareUpdate(object, String(id), properties, idProperty),
  }));
}

export function batchUpsert(portal: Portal, objectName: string, body: unknown): Answer {
  const object = objectNamed(objectName);
  const inputs = inputsOf(body);
  assertNoRepeatedIds(inputs);
  for (const { idProperty } of inputs) {
    if (idProperty !== undefined && !portal.table(object).isUnique(idProperty)) {
      throw nonUnique(object, idProperty);
    }
  }
  return writeBatch(portal, object, 200, inputs, ({ id, idProperty, properties }) => {
    const found = portal.find(object, String(id), idProperty);
    if (found !== undefined) {
      return { write: portal.prepareUpdate(object, found.id, properties), isNew: false };
    }
    if (idProperty === undefined) {
      throw notFound(object, [String(id)]);
    }
    const created = { ...properties, [idProperty]: String(id) };
    return { write: portal.prepareCreate(object, created, []), isNew: true };
  });
}

export function batchRead(portal: Portal, objectName: string, body: unknown): Answer {
  const object = objectNamed(objectName);
  const inputs = inputsOf(body);
  const { idProperty, properties } = body as { idProperty?: string; properties?: string[] };
  const found = new Map<string, StoredRecord>();
  const missing: string[] = [];
  for (const { id } of inputs) {
    const record = portal.find(object, String(id), idProperty);
    if (record === undefined) {
      missing.push(String(id));
    } else {
      found.set(record.id, record);
    }
  }
  const results = [...found.values()].map((record) => recordView(portal, record, properties ?? []));
  return missing.length === 0
    ? { status: 200, body: envelope(results) }
    : { status: 207, body: { ...envelope(results), ...failures([notFound(object, missing).entry()]) } };
}

export function batchArchive(portal: Portal, objectName: string, body: unknown): Answer {
  const object = objectNamed(objectName);
  for (const { id } of inputsOf(body)) {
    portal.archive(object, String(id));
  }
  return { status: 204 };
}

/**
 * Answers per record (207) only when every input has a trace id of its own; without them one wrong record is the
 * answer to the whole batch, and nothing of it is written.
 */
function writeBatch(
  portal: Portal,
  object: ObjectName,
  success: number,
  inputs: Input[],
  prepare: Prepare,
): Answer {
  const traces = inputs.map(({ objectWriteTraceId }) => objectWriteTraceId);
  const traced = traces.every((trace) => trace !== undefined) && new Set(traces).size === inputs.length;
  if (!traced || portal.settings.batchErrors === 'whole_batch') {
    assertNoClashInside(portal, object, inputs);
    const prepared = inputs.map((input) => ({ input, ...prepare(input) }));
    const results = prepared.map(({ input, write, isNew }) => resultView(portal, input, write(), isNew));
    return { status: success, body: envelope(shuffled(results)) };
  }
  const results: object[] = [];
  const errors: object[] = [];
  for (const input of inputs) {
    try {
      const { write, isNew } = prepare(input);
      results.push(resultView(portal, input, write(), isNew));
    } catch (error) {
      if (!(error instanceof HubspotError)) {
        throw error;
      }
      errors.push(error.entry({ objectWriteTraceId: [input.objectWriteTraceId ?? ''] }));
    }
  }
  const body = envelope(shuffled(results));
  return errors.length === 0
    ? { status: success, body }
    : { status: 207, body: { ...body, ...failures(errors) } };
}

function resultView(portal: Portal, input: Input, record: StoredRecord, isNew: boolean | undefined): object {
  const asked = [
    ...Object.keys(input.properties ?? {}),
    ...(input.idProperty === undefined ? [] : [input.idProperty]),
  ];
  const view = recordView(portal, record, asked, input.objectWriteTraceId);
  return isNew === undefined ? view : { ...view, new: isNew };
}

function inputsOf(body: unknown): Input[] {
  const { inputs } = (body ?? {}) as { inputs?: Input[] };
  if (!Array.isArray(inputs)) {
    throw validation('Invalid input JSON: inputs is required');
  }
  if (inputs.length > BATCH_MAX) {
    throw validation(`The maximum number of inputs supported in a batch request is ${BATCH_MAX}.`);
  }
  return inputs;
}

function assertNoRepeatedIds(inputs: Input[]): void {
  const ids = inputs.map(({ id }) => String(id));
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (repeated.length > 0) {
    throw validation(`Duplicate IDs found in batch input: [${repeated.join(', ')}]. IDs must be unique`);
  }
}

function assertNoClashInside(portal: Portal, object: ObjectName, inputs: Input[]): void {
  for (const property of portal.table(object).uniqueProperties()) {
    const values = inputs.flatMap(({ properties }) => properties?.[property] ?? []).map(String);
    if (new Set(values).size < values.length) {
      throw new HubspotError(409, 'CONFLICT', `The batch has the same value of ${property} twice`);
    }
  }
}

function envelope(results: object[]): object {
  const at = new Date().toISOString();
  return { status: 'COMPLETE', requestedAt: at, startedAt: at, completedAt: at, links: {}, results };
}

function failures(errors: object[]): object {
  return { numErrors: errors.length, errors };
}

/** Any order but the request's: of 22 recorded batches 17 came back in another one. */
function shuffled(results: object[]): object[] {
  const middle = Math.ceil(results.length / 2);
  return [...results.slice(middle).reverse(), ...results.slice(0, middle)];
}
