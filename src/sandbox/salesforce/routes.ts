import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { answerSoap } from './metadata.ts';
import { type Org, SfError, type SfRecord } from './org.ts';
import type { Field } from './schema.ts';
import type { Sessions } from './sessions.ts';
import { runQuery } from './soql.ts';
import { createRecord, updateRecord, upsertRecord } from './write.ts';

export interface RouteDeps {
  org: Org;
  sessions: Sessions;
  /** Calls that the org may make in a day. */
  dailyMax: number;
  orgId: string;
  userId: string;
}

const COLLECTION_MAX = 200;
const OLDEST_VERSION = 31;
const URI_MAX = 16_384;

/** Salesforce's own routes: token, REST, Metadata SOAP. */
export function salesforceRoutes(deps: RouteDeps): Router {
  const router = express.Router();
  let used = 0;
  router.post('/services/oauth2/token', (request, response) => token(deps, request, response));
  router.post(/^\/services\/Soap\/m\/\d+\.\d+$/, (request, response) => {
    const xml = String(request.body);
    const session = /<(?:\w+:)?sessionId>([^<]*)</.exec(xml)?.[1] ?? '';
    if (!deps.sessions.isLiveToken(session)) {
      response.status(500).type('text/xml').send(soapFault());
      return;
    }
    response.type('text/xml').send(answerSoap(deps.org, xml));
  });
  const rest = express.Router();
  rest.use((request, response, next) => {
    used += 1;
    response.setHeader('Sforce-Limit-Info', `api-usage=${used}/${deps.dailyMax}`);
    const version = Number(/\/v(\d+)\.\d\//.exec(`${request.originalUrl}/`)?.[1] ?? 0);
    if (version < OLDEST_VERSION) {
      sendErrors(
        response,
        410,
        new SfError('UNSUPPORTED_API_VERSION', 'The requested API version is retired'),
      );
    } else if (!deps.sessions.isLive(request.headers.authorization)) {
      sendErrors(response, 401, new SfError('INVALID_SESSION_ID', 'Session expired or invalid'));
    } else if (request.originalUrl.length > URI_MAX) {
      response.status(414).type('html').send('<html><body>Request-URI Too Long</body></html>');
    } else if (used > deps.dailyMax) {
      sendErrors(response, 403, new SfError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'));
    } else {
      next();
    }
  });
  queryRoutes(rest, deps);
  recordRoutes(rest, deps);
  collectionRoutes(rest, deps);
  rest.get('/limits', (_request, response) => {
    response.json({ DailyApiRequests: { Max: deps.dailyMax, Remaining: deps.dailyMax - used } });
  });
  rest.use((_request, response) =>
    sendErrors(response, 404, new SfError('NOT_FOUND', 'The requested resource does not exist')),
  );
  router.use(/^\/services\/data\/v\d+\.\d/, rest);
  return router;
}

export const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof SfError) {
    const statuses: Record<string, number> = {
      NOT_FOUND: 404,
      INVALID_CROSS_REFERENCE_KEY: 404,
      ENTITY_IS_DELETED: 404,
      MULTIPLE_CHOICES: 300,
    };
    sendErrors(response, statuses[error.code] ?? 400, error);
  } else {
    sendErrors(response, 400, new SfError('JSON_PARSER_ERROR', (error as Error).message));
  }
};

function token({ sessions, orgId, userId }: RouteDeps, request: Request, response: Response): void {
  const answer = sessions.grant(request.body as Record<string, string | undefined>);
  if (!answer.ok) {
    response.status(400).json({ error: answer.error, error_description: answer.description });
    return;
  }
  const base = `http://${request.headers.host}`;
  response.json({
    access_token: answer.token,
    instance_url: base,
    id: `${base}/id/${orgId}/${userId}`,
    token_type: 'Bearer',
    scope: 'api',
    issued_at: String(Date.now()),
    signature: 'unsigned',
  });
}

const PAGE = 2000;

function queryRoutes(rest: Router, { org }: RouteDeps): void {
  const cursors = new Map<string, SfRecord[]>();
  const page = (rows: SfRecord[], total: number, size: number) => {
    const rest = rows.slice(size);
    if (rest.length === 0) {
      return { totalSize: total, done: true, records: rows };
    }
    const id = `01g${String(cursors.size).padStart(15, '0')}`;
    cursors.set(id, rest);
    return {
      totalSize: total,
      done: false,
      nextRecordsUrl: `/services/data/v64.0/query/${id}-${size}`,
      records: rows.slice(0, size),
    };
  };
  const sizeOf = (request: Request) =>
    Number(/batchSize=(\d+)/.exec(String(request.headers['sforce-query-options'] ?? ''))?.[1] ?? PAGE);
  rest.get('/query', (request, response) => {
    const rows = runQuery(org, String(request.query.q ?? ''));
    response.json(page(rows, rows.length, sizeOf(request)));
  });
  rest.get('/query/:cursor', (request, response) => {
    const rows = cursors.get(String(request.params.cursor).split('-')[0] ?? '');
    if (rows === undefined) {
      throw new SfError('INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    response.json(page(rows, rows.length, sizeOf(request)));
  });
}

function recordRoutes(rest: Router, { org }: RouteDeps): void {
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

interface Collection {
  allOrNone?: boolean;
  records: (Record<string, unknown> & { attributes?: { type?: string }; Id?: string; id?: string })[];
}

function collectionRoutes(rest: Router, { org }: RouteDeps): void {
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
    const results = records.map((record) => attempt(() => one(record)));
    const failed = results.some((result) => !result.success);
    response.json(
      allOrNone && failed ? results.map((result) => (result.success ? rolledBack() : result)) : results,
    );
  };
  rest.post('/composite/sobjects', (request, response) =>
    run(request, response, (record) => ({
      id: createRecord(org, record.attributes?.type ?? '', record, headersOf(request)).Id,
    })),
  );
  rest.patch('/composite/sobjects', (request, response) =>
    run(request, response, ({ id, Id, ...record }) => ({
      id: updateRecord(org, record.attributes?.type ?? '', String(Id ?? id), record, headersOf(request)).Id,
    })),
  );
  rest.patch('/composite/sobjects/:object/:by', (request, response) =>
    run(request, response, (record) => {
      const { record: saved, created } = upsertRecord(
        org,
        request.params.object,
        request.params.by,
        record,
        headersOf(request),
      );
      return { id: saved.Id, created };
    }),
  );
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

function attempt(work: () => { id: string; created?: boolean }): CollectionResult {
  try {
    return { ...work(), success: true, errors: [] };
  } catch (error) {
    if (error instanceof SfError) {
      return {
        success: false,
        errors: [{ statusCode: error.code, message: error.message, fields: error.fields, ...error.extra }],
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

function headersOf(request: Request): Record<string, string | undefined> {
  return { duplicateRule: request.headers['sforce-duplicate-rule-header'] as string | undefined };
}

function describeField(field: Field) {
  return {
    name: field.name,
    label: field.name,
    type: field.type,
    length: field.length,
    createable: !field.readOnly,
    updateable: !field.readOnly,
    nillable: !field.required,
    externalId: field.externalId ?? false,
    unique: field.unique ?? false,
    idLookup: field.externalId ?? field.type === 'id',
    picklistValues: (field.values ?? []).map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: value === field.default,
    })),
  };
}

function sendErrors(response: Response, status: number, error: SfError): void {
  response.status(status).json([{ message: error.message, errorCode: error.code, fields: error.fields }]);
}

function soapFault(): string {
  return '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>';
}
