import type { ObjectName } from './definitions.ts';
import { validation } from './errors.ts';
import type { Portal } from './portal.ts';
import type { StoredRecord } from './records.ts';
import type { Properties } from './validate.ts';
import { systemProperties } from './views.ts';

interface Filter {
  propertyName: string;
  operator: string;
  value?: string;
  highValue?: string;
  values?: string[];
}

type Sort = string | { propertyName: string; direction?: string };

export interface SearchRequest {
  filterGroups?: { filters: Filter[] }[];
  sorts?: Sort[];
  limit?: number;
  after?: string;
  query?: string;
}

/** HubSpot's caps, from its search guide: groups, filters in one, filters in all, page, and results of a query. */
const CAPS = { groups: 5, filters: 6, total: 18, page: 200, results: 10_000 };

/** One page of what the index sees now: a write of the last `indexLagMs` is not in it. */
export function search(portal: Portal, object: ObjectName, request: SearchRequest) {
  const groups = request.filterGroups ?? [];
  const limit = request.limit ?? 10;
  const from = Number(request.after ?? 0);
  assertWithinCaps(groups, limit, from);
  assertKnown(portal, object, groups, request.sorts ?? []);
  const hits = portal
    .table(object)
    .all()
    .flatMap((record) => indexed(portal, record))
    .filter(
      ({ seen }) =>
        groups.length === 0 || groups.some(({ filters }) => filters.every((f) => passes(f, seen))),
    );
  sort(hits, request.sorts ?? []);
  const next = from + limit < hits.length ? String(from + limit) : null;
  return { total: hits.length, records: hits.slice(from, from + limit).map(({ record }) => record), next };
}

interface Hit {
  record: StoredRecord;
  seen: Properties;
}

function indexed(portal: Portal, record: StoredRecord): Hit[] {
  const properties = portal.now() < record.indexedAt ? record.before : record.properties;
  return properties === null
    ? []
    : [{ record, seen: { ...properties, ...systemProperties(portal, record) } }];
}

function assertWithinCaps(groups: { filters: Filter[] }[], limit: number, from: number): void {
  const total = groups.reduce((sum, { filters }) => sum + filters.length, 0);
  if (
    groups.length > CAPS.groups ||
    total > CAPS.total ||
    groups.some((g) => g.filters.length > CAPS.filters)
  ) {
    throw validation('the search has too many filters');
  }
  if (limit > CAPS.page) {
    throw validation(`limit must be at most ${CAPS.page}`);
  }
  if (from + limit > CAPS.results) {
    throw validation(`a query gives at most ${CAPS.results} results`);
  }
}

function assertKnown(
  portal: Portal,
  object: ObjectName,
  groups: { filters: Filter[] }[],
  sorts: Sort[],
): void {
  const filtered = groups.flatMap(({ filters }) => filters.map((filter) => filter.propertyName));
  for (const propertyName of [...filtered, ...sorts.map(sortedBy)]) {
    if (!portal.schema(object).definitions.has(propertyName)) {
      throw validation(`There was a problem with the request: property ${propertyName} does not exist`);
    }
  }
}

function passes(
  { operator, propertyName, value, highValue, values }: Filter,
  properties: Properties,
): boolean {
  const actual = (properties[propertyName] ?? '').toLowerCase();
  const wanted = (value ?? '').toLowerCase();
  const compared = compare(actual, wanted);
  switch (operator) {
    case 'EQ':
      return actual === wanted;
    case 'NEQ':
      return actual !== wanted;
    case 'IN':
      return (values ?? []).includes(actual);
    case 'NOT_IN':
      return !(values ?? []).includes(actual);
    case 'HAS_PROPERTY':
      return actual !== '';
    case 'NOT_HAS_PROPERTY':
      return actual === '';
    case 'CONTAINS_TOKEN':
      return hasToken(actual, wanted);
    case 'NOT_CONTAINS_TOKEN':
      return !hasToken(actual, wanted);
    case 'GT':
      return actual !== '' && compared > 0;
    case 'GTE':
      return actual !== '' && compared >= 0;
    case 'LT':
      return actual !== '' && compared < 0;
    case 'LTE':
      return actual !== '' && compared <= 0;
    case 'BETWEEN':
      return actual !== '' && compared >= 0 && compare(actual, (highValue ?? '').toLowerCase()) <= 0;
    default:
      throw validation(`operator ${operator} is not valid`);
  }
}

/** Whole words between spaces, markup and separators; a dot or a hyphen does not end one. */
function hasToken(text: string, token: string): boolean {
  return text.split(/[\s;,<>&"'()[\]]+/).includes(token);
}

/** As instants or numbers when both are, else as text. */
function compare(a: string, b: string): number {
  const [x, y] = [numeric(a), numeric(b)];
  return x === null || y === null ? a.localeCompare(b) : x - y;
}

function numeric(text: string): number | null {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text.toUpperCase());
  return Number.isNaN(value) ? null : value;
}

function sortedBy(sort: Sort): string {
  return typeof sort === 'string' ? sort.replace(/^-/, '') : sort.propertyName;
}

function sort(hits: Hit[], sorts: Sort[]): void {
  const [first] = sorts;
  const name = first === undefined ? undefined : sortedBy(first);
  const descending = typeof first === 'string' ? first.startsWith('-') : first?.direction === 'DESCENDING';
  const by = (hit: Hit) => (name === undefined ? hit.record.id : (hit.seen[name] ?? ''));
  hits.sort((a, b) => (descending ? -1 : 1) * compare(by(a), by(b)) || compare(a.record.id, b.record.id));
}
