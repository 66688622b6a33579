import type { Request, Response, Router } from 'express';
import { type Org, SfError } from './org.ts';
import { createRecord, headersOf, updateRecord, upsertRecord } from './write.ts';

const COLLECTION_MAX = 200;

interface Collection {
  allOrNone?: boolean;
  records: (Record<string, unknown> & { attributes?: { type?: string }; Id?: string; id?: string })[];
}

/** Collections: one call, one answer per record, in the order of the call. */
export function collectionRoutes(rest: Router, org: Org): void {
  const run = (
    request: Request,
    response: Response,
    one: (record: Collection['records'][number]) => { id: string; created?: boolean },
  ) => {
    const { allOrNone = false, records } = request.body as Collection;
    if (!Array.isArray(records) || records.length > COLLECTION_MAX) {
      throw new SfError(
        'EXCEEDED_ID_LIMIT',
        `record limit reached. cannot submit more than ${COLLECTION_MAX} records in this call`,
      );
    }
    const results = org.atOnce(() => {
      const value = records.map((record) => attempt(() => one(record)));
      const keep = !allOrNone || value.every(({ success }) => success);
      return { value: keep ? value : value.map((result) => (result.success ? rolledBack() : result)), keep };
    });
    response.json(results);
  };
  rest.post('/composite/sobjects', (request, response) =>
    run(request, response, (record) => ({
      id: createRecord(org, record.attributes?.type ?? '', record, headersOf(request)).Id,
    })),
  );
  rest.patch('/composite/sobjects', (request, response) => {
    const seen = new Set<string>();
    run(request, response, ({ id, Id, ...record }) => {
      const own = String(Id ?? id);
      if (seen.has(own)) {
        throw new SfError('DUPLICATE_VALUE', `duplicate id in list: ${own}`, ['Id']);
      }
      seen.add(own);
      return { id: updateRecord(org, record.attributes?.type ?? '', own, record, headersOf(request)).Id };
    });
  });
  rest.patch('/composite/sobjects/:object/:by', (request, response) => {
    const { by } = request.params;
    const times = Map.groupBy((request.body as Collection).records ?? [], (record) => record[by]);
    run(request, response, (record) => {
      if ((times.get(record[by])?.length ?? 0) > 1) {
        throw new SfError('DUPLICATE_VALUE', `Duplicate external id specified: ${record[by]}`, [by]);
      }
      const { record: saved, created } = upsertRecord(
        org,
        request.params.object,
        request.params.by,
        record,
        headersOf(request),
      );
      return { id: saved.Id, created };
    });
  });
  rest.delete('/composite/sobjects', (request, response) => {
    const records = String(request.query.ids ?? '')
      .split(',')
      .map((id) => ({ Id: id }));
    request.body = { allOrNone: request.query.allOrNone === 'true', records };
    run(request, response, ({ Id = '' }) => {
      org.remove(objectOf(org, Id), Id);
      return { id: Id };
    });
  });
  retrieveRoute(rest, org);
}

/** By the first three characters of the id. */
function objectOf(org: Org, id: string): string {
  const object = [...org.objects.values()].find(({ prefix }) => id.startsWith(prefix));
  if (object === undefined) {
    throw new SfError('MALFORMED_ID', `malformed id ${id}`);
  }
  return object.name;
}

/** Records by id, null for those that are not there. */
function retrieveRoute(rest: Router, org: Org): void {
  rest.post('/composite/sobjects/:object', (request, response) => {
    const { ids, fields } = request.body as { ids: string[]; fields: string[] };
    response.json(
      ids.map((id) => {
        const record = org.find(request.params.object, id);
        return record === undefined || record.IsDeleted === true
          ? null
          : {
              attributes: { type: request.params.object },
              ...Object.fromEntries(fields.map((field) => [field, record[field] ?? null])),
            };
      }),
    );
  });
}

interface CollectionResult {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: unknown[];
}

/** What the platform finds while it reads the call, before any record: it refuses the whole of it. */
const UNREADABLE = ['JSON_PARSER_ERROR', 'INVALID_FIELD', 'NOT_FOUND'];

function attempt(work: () => { id: string; created?: boolean }): CollectionResult {
  try {
    return { ...work(), success: true, errors: [] };
  } catch (error) {
    if (error instanceof SfError && !UNREADABLE.includes(error.code)) {
      // The records that a duplicate rule found are named only in the answer to a single record.
      return {
        success: false,
        errors: [{ statusCode: error.code, message: error.message, fields: error.fields }],
      };
    }
    throw error;
  }
}

function rolledBack(): CollectionResult {
  const message =
    'Record rolled back because not all records were valid and the request was using AllOrNone header';
  return {
    success: false,
    errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message, fields: [] }],
  };
}
