import type { Request, Router } from 'express';
import { type Org, SfError, type SfRecord } from './org.ts';
import type { Field } from './schema.ts';
import { runQuery } from './soql.ts';
import { createRecord, headersOf, updateRecord, upsertRecord } from './write.ts';

const PAGE = 2000;
const PAGE_MIN = 200;

export function queryRoutes(rest: Router, org: Org): void {
  const cursors = new Map<string, { rows: SfRecord[]; total: number }>();
  const page = (rows: SfRecord[], total: number, size: number) => {
    const rest = rows.slice(size);
    if (rest.length === 0) {
      return { totalSize: total, done: true, records: rows };
    }
    const id = `01g${String(cursors.size).padStart(15, '0')}`;
    cursors.set(id, { rows: rest, total });
    return {
      totalSize: total,
      done: false,
      nextRecordsUrl: `/services/data/v64.0/query/${id}-${size}`,
      records: rows.slice(0, size),
    };
  };
  const sizeOf = (request: Request) => {
    const asked = /batchSize=(\d+)/.exec(String(request.headers['sforce-query-options'] ?? ''))?.[1] ?? PAGE;
    return Math.min(PAGE, Math.max(PAGE_MIN, Number(asked)));
  };
  rest.get('/query', (request, response) => {
    const rows = runQuery(org, String(request.query.q ?? ''));
    response.json(page(rows, rows.length, sizeOf(request)));
  });
  rest.get('/queryAll', (request, response) => {
    const rows = runQuery(org, String(request.query.q ?? ''), true);
    response.json(page(rows, rows.length, sizeOf(request)));
  });
  rest.get('/query/:cursor', (request, response) => {
    const cursor = cursors.get(String(request.params.cursor).split('-')[0] ?? '');
    if (cursor === undefined) {
      throw new SfError('INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    response.json(page(cursor.rows, cursor.total, sizeOf(request)));
  });
}

export function recordRoutes(rest: Router, org: Org): void {
  rest.get('/sobjects', (_request, response) => {
    const sobjects = [...org.objects.values()].map(({ name, prefix }) => ({
      name,
      keyPrefix: prefix,
      queryable: true,
      createable: true,
      updateable: true,
    }));
    response.json({ encoding: 'UTF-8', maxBatchSize: 200, sobjects });
  });
  rest.get('/sobjects/:object/describe', (request, response) => {
    const object = org.object(request.params.object);
    response.json({
      name: object.name,
      keyPrefix: object.prefix,
      queryable: true,
      createable: true,
      updateable: true,
      fields: org.visibleFields(object).map(describeField),
    });
  });
  rest.post('/sobjects/:object', (request, response) => {
    const record = createRecord(org, request.params.object, request.body as SfRecord, headersOf(request));
    response.status(201).json({ id: record.Id, success: true, errors: [] });
  });
  rest.get('/sobjects/:object/:id', (request, response) => {
    const record = org.find(request.params.object, request.params.id);
    if (record === undefined || record.IsDeleted === true) {
      throw new SfError('NOT_FOUND', 'Provided external ID field does not exist or is not accessible');
    }
    response.json({ attributes: { type: request.params.object }, ...record });
  });
  rest.patch('/sobjects/:object/:id', (request, response) => {
    updateRecord(org, request.params.object, request.params.id, request.body as SfRecord, headersOf(request));
    response.status(204).end();
  });
  rest.patch('/sobjects/:object/:by/:value', (request, response) => {
    const { object, by, value } = request.params;
    const { record, created } = upsertRecord(
      org,
      object,
      by,
      { ...(request.body as SfRecord), [by]: value },
      headersOf(request),
    );
    response.status(created ? 201 : 200).json({ id: record.Id, success: true, created, errors: [] });
  });
  rest.delete('/sobjects/:object/:id', (request, response) => {
    org.remove(request.params.object, request.params.id);
    response.status(204).end();
  });
}

function describeField(field: Field) {
  return {
    name: field.name,
    label: field.name,
    type: field.type,
    length: field.length,
    createable: !field.readOnly,
    updateable: !field.readOnly,
    nillable: !field.required && field.type !== 'boolean',
    defaultedOnCreate: field.type === 'boolean' || field.default !== undefined,
    calculated: field.calculated ?? false,
    autoNumber: false,
    precision: field.type === 'double' ? 18 : 0,
    scale: field.scale ?? (field.type === 'double' ? 2 : 0),
    externalId: field.externalId ?? false,
    unique: field.unique ?? false,
    restrictedPicklist: field.restricted ?? false,
    idLookup: field.externalId ?? field.type === 'id',
    picklistValues: (field.values ?? []).map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: value === field.default,
    })),
  };
}
