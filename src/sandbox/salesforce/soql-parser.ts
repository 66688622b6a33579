import { SfError } from './org.ts';

/** A query of the subset that a sync needs, read: one object, AND/OR/NOT, comparisons, LIKE, IN, ORDER BY, LIMIT. Throws MALFORMED_QUERY. */
export function parseQuery(soql: string): Query {
  return new Parser(tokens(soql)).query();
}

export type Literal = string | number | boolean | null;
export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; inner: Condition }
  | { kind: 'compare'; field: string; op: string; value: Literal }
  | { kind: 'in'; field: string; values: Literal[]; negated: boolean };

export interface Query {
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
