import { type Org, SfError, type SfRecord } from './org.ts';
import type { SObject } from './schema.ts';
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
  const refusal = org.queryRules.get(object.name);
  if (refusal !== undefined) {
    throw refusal;
  }
  const nameOf = namesOf(org, object);
  const getOf: GetOf = (record, name) => {
    const [parent = '', field] = name.split('.');
    return field === undefined ? record[name] : org.find(parent, String(record[`${parent}Id`]))?.[field];
  };
  const fields = parsed.select.map(nameOf);
  const test = parsed.where === null ? () => true : compile(parsed.where, nameOf, getOf);
  const order = parsed.order.map(({ field, descending }) => ({ field: nameOf(field), descending }));
  // The indexes know nothing of what lies in the recycle bin.
  const among = deleted ? org.all(object.name) : candidates(org, object.name, parsed.where, nameOf);
  const rows = among
    .filter((record) => isShown(org, record, deleted) && test(record))
    .sort((a, b) => compareBy(order, getOf, a, b))
    .slice(0, parsed.limit);
  return rows.map((record) => ({
    attributes: { type: object.name, url: `/services/data/v64.0/sobjects/${object.name}/${record.Id}` },
    ...(nested(fields.map((field) => [field, getOf(record, field) ?? null])) as SfRecord),
  }));
}

type GetOf = (record: SfRecord, name: string) => unknown;

/** The names of fields as they are spelt; of a parent's field with the parent's before it. */
function namesOf(org: Org, object: SObject): (field: string) => string {
  const known = (of: SObject) => new Map(org.visibleFields(of).map(({ name }) => [name.toLowerCase(), name]));
  const own = known(object);
  return (field) => {
    const [parent = '', ofParent] = field.split('.');
    const isParent = ofParent !== undefined && own.has(`${parent.toLowerCase()}id`);
    const there = isParent ? [...org.objects.values()].find(({ name }) => name === parent) : object;
    const name = there && known(there).get((ofParent ?? field).toLowerCase());
    if (name === undefined) {
      throw new SfError('INVALID_FIELD', `No such column '${field}' on entity '${object.name}'.`);
    }
    return isParent ? `${parent}.${name}` : name;
  };
}

/** Old activities lie in the archive, which only `queryAll` opens; somebody's private events are nobody else's. */
function isShown(org: Org, record: SfRecord, all: boolean): boolean {
  const isPrivate = record.IsPrivate === true && record.OwnerId !== org.runningUser;
  return !isPrivate && (all || (record.IsDeleted !== true && record.IsArchived !== true));
}

/** Fields of a parent stand in a record of their own. */
function nested(values: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, value] of values) {
    const [parent = '', field] = name.split('.');
    if (field === undefined) {
      row[name] = value;
    } else {
      row[parent] = { ...(row[parent] as object | undefined), [field]: value };
    }
  }
  return row;
}

/** Records that may match: by an index where the query asks for values of a field, else all. */
function candidates(
  org: Org,
  object: string,
  where: Condition | null,
  nameOf: (field: string) => string,
): SfRecord[] {
  const [narrow] = where === null ? [] : lookups(where).filter(({ field }) => !field.includes('.'));
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

function compile(
  condition: Condition,
  nameOf: (field: string) => string,
  getOf: GetOf,
): (record: SfRecord) => boolean {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const left = compile(condition.left, nameOf, getOf);
      const right = compile(condition.right, nameOf, getOf);
      return condition.kind === 'and'
        ? (record) => left(record) && right(record)
        : (record) => left(record) || right(record);
    }
    case 'not': {
      const inner = compile(condition.inner, nameOf, getOf);
      return (record) => !inner(record);
    }
    case 'in': {
      const field = nameOf(condition.field);
      return (record) =>
        condition.values.some((value) => same(getOf(record, field), value)) !== condition.negated;
    }
    default:
      return comparison(nameOf(condition.field), condition.op, condition.value, getOf);
  }
}

function comparison(field: string, op: string, value: Literal, getOf: GetOf): (record: SfRecord) => boolean {
  switch (op) {
    case '=':
      return (record) => same(getOf(record, field), value);
    case '!=':
      return (record) => !same(getOf(record, field), value);
    case 'LIKE': {
      const pattern = likePattern(String(value));
      return (record) => pattern.test(String(getOf(record, field) ?? ''));
    }
    default:
      return (record) => ordered(getOf(record, field), op, value);
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

function compareBy(order: Query['order'], getOf: GetOf, a: SfRecord, b: SfRecord): number {
  for (const { field, descending } of order) {
    const left = String(getOf(a, field) ?? '');
    const right = String(getOf(b, field) ?? '');
    if (left !== right) {
      return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
  }
  return 0;
}
