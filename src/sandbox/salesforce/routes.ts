import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { vendorFault } from '../http.ts';
import type { BulkJobs } from './bulk.ts';
import { answerSoap } from './metadata.ts';
import { type Org, type Rule, SfError } from './org.ts';
import { bulkRoutes } from './routes-bulk.ts';
import { collectionRoutes } from './routes-collections.ts';
import { compositeRoutes } from './routes-composite.ts';
import { queryRoutes, recordRoutes } from './routes-records.ts';
import type { Sessions } from './sessions.ts';

/** The org's calls of the last 24 hours. Its hours never pass by themselves: a test sets `used`. */
export interface Day {
  used: number;
  max: number;
}

export interface RouteDeps {
  org: Org;
  sessions: Sessions;
  jobs: BulkJobs;
  day: Day;
  orgId: string;
  userId: string;
}

const OLDEST_VERSION = 31;
const NEWEST_VERSION = 67;
const URI_MAX = 16_384;

/** Salesforce's own routes: token, REST, Metadata SOAP. */
export function salesforceRoutes(deps: RouteDeps): Router {
  const router = express.Router();
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
  router.get('/services/data', (_request, response) => {
    const count = NEWEST_VERSION - OLDEST_VERSION + 1;
    const versions = Array.from({ length: count }, (_, i) => `${OLDEST_VERSION + i}.0`);
    response.json(
      versions.map((version) => ({ label: `v${version}`, url: `/services/data/v${version}`, version })),
    );
  });
  const rest = express.Router();
  rest.use((request, response, next) => {
    deps.day.used += 1;
    if (vendorFault(response, 'expire_sessions') !== null) {
      deps.sessions.expireAll();
    }
    lockRows(deps.org, response);
    response.setHeader('Sforce-Limit-Info', `api-usage=${deps.day.used}/${deps.day.max}`);
    const version = Number(/\/v(\d+)\.\d\//.exec(`${request.originalUrl}/`)?.[1] ?? 0);
    if (version < OLDEST_VERSION) {
      sendErrors(
        response,
        410,
        new SfError('UNSUPPORTED_API_VERSION', 'The requested API version is retired'),
      );
    } else if (version > NEWEST_VERSION) {
      sendErrors(response, 404, new SfError('NOT_FOUND', 'The requested resource does not exist'));
    } else if (!deps.sessions.isLive(request.headers.authorization)) {
      sendErrors(response, 401, new SfError('INVALID_SESSION_ID', 'Session expired or invalid'));
    } else if (request.originalUrl.length > URI_MAX) {
      response.status(414).type('html').send('<html><body>Request-URI Too Long</body></html>');
    } else if (deps.day.used > deps.day.max) {
      sendErrors(response, 403, new SfError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'));
    } else {
      next();
    }
  });
  queryRoutes(rest, deps.org);
  recordRoutes(rest, deps.org);
  compositeRoutes(rest, deps.org);
  collectionRoutes(rest, deps.org);
  bulkRoutes(rest, deps.jobs, deps.userId);
  rest.get('/limits', (_request, response) => {
    response.json({
      DailyApiRequests: { Max: deps.day.max, Remaining: Math.max(0, deps.day.max - deps.day.used) },
      DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 - deps.jobs.batches() },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
    });
  });
  rest.use((_request, response) =>
    sendErrors(response, 404, new SfError('NOT_FOUND', 'The requested resource does not exist')),
  );
  router.use(/^\/services\/data\/v\d+\.\d/, rest);
  return router;
}

/** Somebody else holds these rows, for as long as this one call takes: `detail` is a list of record ids or external ids. */
function lockRows(org: Org, response: Response): void {
  const locked = vendorFault(response, 'lock_rows')?.detail;
  if (!Array.isArray(locked)) {
    return;
  }
  const rule: Rule = (_object, record) =>
    Object.values(record).some((value) => locked.includes(value))
      ? new SfError('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record')
      : null;
  org.rules.push(rule);
  response.on('close', () => org.rules.splice(org.rules.indexOf(rule), 1));
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

function sendErrors(response: Response, status: number, error: SfError): void {
  response
    .status(status)
    .json([{ ...error.extra, message: error.message, errorCode: error.code, fields: error.fields }]);
}

function soapFault(): string {
  return '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>';
}
