import { type Org, SfError, type SfRecord } from './org.ts';
import { type Condition, type Literal, parseQuery, type Query } from './soql-parser.ts';

/** Runs a query on the records that the user sees. With `deleted` also on what lies in the recycle bin. */
export function runQuery(org: Org, soql: string, deleted = false): SfRecord[] {
  const parsed = parseQuery(soql);
  const object = [...org.objects.values()].find(
    ({ name }) => name.toLowerCase() === parsed.from.toLowerCase(),
  );
  if (object === undefined) {
    throw new SfError('INVALID_TYPE', `sObject type '${parsed.from}' is not supported.`);
  }
  const known = new Map(org.visibleFields(object).map(({ name }) => [name.toLowerCase(), name]));
  const nameOf = (field: string) => {
    const name = known.get(field.toLowerCase());
    if (name === undefined) {
      throw new SfError('INVALID_FIELD', `No such column '${field}' on entity '${object.name}'.`);
    }
    return name;
  };
  const fields = parsed.select.map(nameOf);
  const test = parsed.where === null ? () => true : compile(parsed.where, nameOf);
  const order = parsed.order.map(({ field, descending }) => ({ field: nameOf(field), descending }));
  // The indexes know nothing of what lies in the recycle bin.
  const among = deleted ? org.all(object.name) : candidates(org, object.name, parsed.where, nameOf);
  const rows = among
    .filter((record) => (deleted || record.IsDeleted !== true) && test(record))
    .sort((a, b) => compareBy(order, a, b))
    .slice(0, parsed.limit);
  return rows.map((record) => ({
    attributes: { type: object.name, url: `/services/data/v64.0/sobjects/${object.name}/${record.Id}` },
    ...(Object.fromEntries(fields.map((field) => [field, record[field] ?? null])) as SfRecord),
  }));
}

/** Records that may match: by an index where the query asks for values of a field, else all. */
function candidates(
  org: Org,
  object: string,
  where: Condition | null,
  nameOf: (field: string) => string,
): SfRecord[] {
  const [narrow] = where === null ? [] : lookups(where);
  return narrow === undefined
    ? org.all(object)
    : [...new Set(narrow.values.flatMap((value) => org.having(object, nameOf(narrow.field), value)))];
}

function lookups(condition: Condition): { field: string; values: Literal[] }[] {
  switch (condition.kind) {
    case 'in':
      return condition.negated || condition.values.includes(null) ? [] : [condition];
    case 'and':
      return [...lookups(condition.left), ...lookups(condition.right)];
    default:
      return [];
  }
}

function compile(condition: Condition, nameOf: (field: string) => string): (record: SfRecord) => boolean {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const left = compile(condition.left, nameOf);
      const right = compile(condition.right, nameOf);
      return condition.kind === 'and'
        ? (record) => left(record) && right(record)
        : (record) => left(record) || right(record);
    }
    case 'not': {
      const inner = compile(condition.inner, nameOf);
      return (record) => !inner(record);
    }
    case 'in': {
      const field = nameOf(condition.field);
      return (record) => condition.values.some((value) => same(record[field], value)) !== condition.negated;
    }
    default:
      return comparison(nameOf(condition.field), condition.op, condition.value);
  }
}

function comparison(field: string, op: string, value: Literal): (record: SfRecord) => boolean {
  switch (op) {
    case '=':
      return (record) => same(record[field], value);
    case '!=':
      return (record) => !same(record[field], value);
    case 'LIKE': {
      const pattern = likePattern(String(value));
      return (record) => pattern.test(String(record[field] ?? ''));
    }
    default:
      return (record) => ordered(record[field], op, value);
  }
}

/** Text is compared without case, as Salesforce does, and an instant whatever its form. */
function same(a: unknown, b: Literal): boolean {
  const [x, y] = [instant(a), instant(b)];
  if (x !== null && y !== null) {
    return x === y;
  }
  return typeof a === 'string' && typeof b === 'string'
    ? a.toLowerCase() === b.toLowerCase()
    : (a ?? null) === b;
}

function ordered(a: unknown, op: string, b: Literal): boolean {
  if (a === null || a === undefined || b === null) {
    return false;
  }
  const left = typeof b === 'number' ? Number(a) : (instant(a) ?? String(a));
  const right = typeof b === 'number' ? b : (instant(b) ?? String(b));
  return op === '<' ? left < right : op === '>' ? left > right : op === '<=' ? left <= right : left >= right;
}

/** An id is no date, though `Date.parse` would read some as one. */
function instant(value: unknown): number | null {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? Date.parse(value) : null;
}

function likePattern(like: string): RegExp {
  const parts = like.split(/(\\[%_]|[%_])/).map((part) => {
    if (part === '%') {
      return '[\\s\\S]*';
    }
    return part === '_'
      ? '[\\s\\S]'
      : part.replace(/^\\([%_])$/, '$1').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 'i');
}

function compareBy(order: Query['order'], a: SfRecord, b: SfRecord): number {
  for (const { field, descending } of order) {
    const left = String(a[field] ?? '');
    const right = String(b[field] ?? '');
    if (left !== right) {
      return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
  }
  return 0;
}
