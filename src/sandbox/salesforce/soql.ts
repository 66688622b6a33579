import { type Org, SfError, type SfRecord } from './org.ts';

/** Runs a query of the subset that a sync needs: one object, AND/OR/NOT, comparisons, LIKE, IN, ORDER BY, LIMIT. With `deleted` also what lies in the recycle bin. */
export function runQuery(org: Org, soql: string, deleted = false): SfRecord[] {
  const parsed = new Parser(tokens(soql)).query();
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

type Literal = string | number | boolean | null;
type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; inner: Condition }
  | { kind: 'compare'; field: string; op: string; value: Literal }
  | { kind: 'in'; field: string; values: Literal[]; negated: boolean };

interface Query {
  select: string[];
  from: string;
  where: Condition | null;
  order: { field: string; descending: boolean }[];
  limit: number;
}

type Token = { kind: 'word' | 'symbol'; text: string } | { kind: 'text'; text: string };

function tokens(soql: string): Token[] {
  const found: Token[] = [];
  const pattern = /\s+|'((?:\\.|[^'\\])*)'|(!=|<=|>=|[=<>(),])|([\w.:+-]+)/gy;
  while (pattern.lastIndex < soql.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(soql);
    if (match === null) {
      throw new SfError('MALFORMED_QUERY', `unexpected token: '${soql.slice(start, start + 10)}'`);
    }
    if (match[1] !== undefined) {
      found.push({ kind: 'text', text: unescaped(match[1]) });
    } else if (match[2] !== undefined || match[3] !== undefined) {
      found.push({ kind: match[2] === undefined ? 'word' : 'symbol', text: match[2] ?? match[3] ?? '' });
    }
  }
  return found;
}

/** `\%` and `\_` stay escaped: LIKE reads them. */
function unescaped(text: string): string {
  const names: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return text.replace(/\\([^%_])/g, (_whole, char: string) => names[char] ?? char);
}

class Parser {
  private readonly list: Token[];
  private at = 0;

  constructor(list: Token[]) {
    this.list = list;
  }

  query(): Query {
    this.word('SELECT');
    const select = [this.name()];
    while (this.symbolIs(',')) {
      select.push(this.name());
    }
    this.word('FROM');
    const from = this.name();
    const where = this.wordIs('WHERE') ? this.or() : null;
    const order = this.wordIs('ORDER') ? this.order() : [];
    const limit = this.wordIs('LIMIT') ? Number(this.name()) : Number.POSITIVE_INFINITY;
    if (this.at < this.list.length) {
      this.fail();
    }
    return { select, from, where, order, limit };
  }

  private order(): Query['order'] {
    this.word('BY');
    const order: Query['order'] = [];
    do {
      const field = this.name();
      const descending = this.wordIs('DESC');
      this.wordIs('ASC');
      order.push({ field, descending });
    } while (this.symbolIs(','));
    return order;
  }

  private or(): Condition {
    let left = this.and();
    while (this.wordIs('OR')) {
      left = { kind: 'or', left, right: this.and() };
    }
    return left;
  }

  private and(): Condition {
    let left = this.unary();
    while (this.wordIs('AND')) {
      left = { kind: 'and', left, right: this.unary() };
    }
    return left;
  }

  private unary(): Condition {
    if (this.wordIs('NOT')) {
      return { kind: 'not', inner: this.unary() };
    }
    if (this.symbolIs('(')) {
      const inner = this.or();
      this.symbol(')');
      return inner;
    }
    const field = this.name();
    const negated = this.wordIs('NOT');
    if (this.wordIs('IN')) {
      return { kind: 'in', field, values: this.values(), negated };
    }
    const op = this.wordIs('LIKE') ? 'LIKE' : this.operator();
    return { kind: 'compare', field, op, value: this.literal() };
  }

  private values(): Literal[] {
    this.symbol('(');
    const values = [this.literal()];
    while (this.symbolIs(',')) {
      values.push(this.literal());
    }
    this.symbol(')');
    return values;
  }

  private operator(): string {
    const token = this.list[this.at];
    if (token?.kind !== 'symbol' || !['=', '!=', '<', '>', '<=', '>='].includes(token.text)) {
      this.fail();
    }
    this.at += 1;
    return token.text;
  }

  private literal(): Literal {
    const token = this.list[this.at];
    this.at += 1;
    if (token?.kind === 'text') {
      return token.text;
    }
    const word = token?.kind === 'word' ? token.text : this.fail();
    if (/^(true|false)$/i.test(word)) {
      return word.toLowerCase() === 'true';
    }
    if (/^null$/i.test(word)) {
      return null;
    }
    return /^[+-]?\d+(\.\d+)?$/.test(word) ? Number(word) : word;
  }

  private name(): string {
    const token = this.list[this.at];
    if (token?.kind !== 'word') {
      this.fail();
    }
    this.at += 1;
    return token.text;
  }

  private wordIs(word: string): boolean {
    const token = this.list[this.at];
    const is = token?.kind === 'word' && token.text.toUpperCase() === word;
    this.at += is ? 1 : 0;
    return is;
  }

  private word(word: string): void {
    if (!this.wordIs(word)) {
      this.fail();
    }
  }

  private symbolIs(symbol: string): boolean {
    const token = this.list[this.at];
    const is = token?.kind === 'symbol' && token.text === symbol;
    this.at += is ? 1 : 0;
    return is;
  }

  private symbol(symbol: string): void {
    if (!this.symbolIs(symbol)) {
      this.fail();
    }
  }

  private fail(): never {
    const token = this.list[this.at];
    throw new SfError('MALFORMED_QUERY', `unexpected token: '${token?.text ?? '<EOF>'}'`);
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
