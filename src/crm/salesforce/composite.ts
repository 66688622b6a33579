import type { SalesforceClient } from './client.ts';
import { failureOfRecord, type WireError } from './failure.ts';
import type { Failure } from './outcomes.ts';

/** Salesforce's cap on the queries of one composite call, which costs one call all the same. */
export const QUERIES_MAX = 5;

export type Rows<Row> = { ok: true; records: Row[]; more: boolean } | { ok: false; failure: Failure };

interface Answer<Row> {
  compositeResponse: {
    referenceId: string;
    body: WireError[] | { records?: Row[]; done?: boolean };
  }[];
}

/**
 * Up to five queries in one call, deleted and archived rows among their answers. Each has a fate of its own: one that the
 * org does not understand stops no other. Throws what stops the call itself.
 */
export async function queryTogether<Row>(
  client: SalesforceClient,
  version: string,
  queries: readonly string[],
): Promise<Rows<Row>[]> {
  const compositeRequest = queries.map((soql, i) => ({
    method: 'GET',
    url: `/services/data/v${version}/queryAll?q=${encodeURIComponent(soql)}`,
    referenceId: `q${i}`,
  }));
  const body = { allOrNone: false, collateSubrequests: false, compositeRequest };
  const { compositeResponse } = await client.request<Answer<Row>>('POST', '/composite', body);
  return queries.map((_, i) => {
    const found = compositeResponse.find(({ referenceId }) => referenceId === `q${i}`)?.body;
    return found === undefined || Array.isArray(found) || found.records === undefined
      ? { ok: false, failure: failureOfRecord(Array.isArray(found) ? found : undefined) }
      : { ok: true, records: found.records, more: found.done === false };
  });
}
