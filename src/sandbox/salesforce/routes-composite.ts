import type { Router } from 'express';
import { type Org, SfError } from './org.ts';
import { runQuery } from './soql.ts';

interface Subrequest {
  method: string;
  url: string;
  referenceId: string;
}

const MOST = 25;
/** Of them queries, or collections. */
const QUERIES = 5;
const PAGE = 2000;

/** Several requests in one call: each has a status of its own, whatever became of the others. Only queries are known here. */
export function compositeRoutes(rest: Router, org: Org): void {
  rest.post('/composite', (request, response) => {
    const { compositeRequest } = (request.body ?? {}) as { compositeRequest?: Subrequest[] };
    if (!Array.isArray(compositeRequest) || compositeRequest.length > MOST) {
      throw new SfError('BAD_REQUEST', `The composite request holds more than ${MOST} subrequests, or none`);
    }
    if (compositeRequest.length > QUERIES) {
      throw new SfError('BAD_REQUEST', `At most ${QUERIES} of the subrequests may be queries`);
    }
    response.json({ compositeResponse: compositeRequest.map((one) => answerTo(org, one)) });
  });
}

function answerTo(org: Org, { method, url, referenceId }: Subrequest) {
  const answer = (httpStatusCode: number, body: unknown) => ({
    body,
    httpHeaders: {},
    httpStatusCode,
    referenceId,
  });
  const [, path] = /^\/services\/data\/v\d+\.\d\/(query|queryAll)\?/.exec(url) ?? [];
  if (method !== 'GET' || path === undefined) {
    return answer(404, [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }]);
  }
  try {
    const soql = new URL(url, 'http://org.invalid').searchParams.get('q') ?? '';
    const rows = runQuery(org, soql, path === 'queryAll');
    const records = rows.slice(0, PAGE);
    return answer(200, { totalSize: rows.length, done: records.length === rows.length, records });
  } catch (error) {
    if (error instanceof SfError) {
      return answer(400, [{ errorCode: error.code, message: error.message }]);
    }
    throw error;
  }
}
