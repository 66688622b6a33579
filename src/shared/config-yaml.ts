import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { isPlain } from './plain.ts';

/** Something wrong with the text before anybody asks what it means. */
export interface YamlProblem {
  line: number;
  path: PropertyKey[];
  found: string;
  allowed: string;
}

/** A value that still knows on which line each part of it stands. */
export interface YamlValue {
  value: unknown;
  /** 1-based line of the value at `path`, or of its nearest parent that exists. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Bytes of one file. Lists longer than this are data and belong into a CSV. */
export const MAX_BYTES = 1_000_000;
/** Levels of lists and sections within each other. The shipped files need less than ten. */
const MAX_DEPTH = 64;
/** Uses of anchors, weighed by what they expand to, so that a small file cannot become a huge value. */
const MAX_ALIASES = 100;

const TOO_DEEP = `lists or sections nested more than ${MAX_DEPTH} levels deep`;
const DEPTH_ALLOWED = `at most ${MAX_DEPTH} levels, and no anchor inside itself`;

/**
 * YAML 1.2 text -> plain value: texts, numbers, booleans, null, lists, sections. `no`, `on` and dates are texts;
 * `012` is 12 and `0o14` is octal. Everything with two readings, or that could harm the process, is a problem:
 * tabs, repeated keys, tags, several documents, another YAML version, numbers that would lose digits, `__proto__`,
 * and what no database keeps: NUL and halves of letters.
 */
export function readYaml(text: string): YamlValue | YamlProblem[] {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    return [whole(`${bytes} bytes`, `at most ${MAX_BYTES} bytes`)];
  }
  const lines = new LineCounter();
  const document = attempt(() =>
    // Its own look for repeated keys compares each with each: a large section would take minutes.
    parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false }),
  );
  if (document instanceof Error) {
    return [tooDeep()];
  }
  const wrong = attempt(() => [
    ...syntaxProblems(document, lines),
    ...strangeKeys(document, lines),
    ...repeatedKeys(document, lines),
  ]);
  if (wrong instanceof Error) {
    return [tooDeep()];
  }
  if (wrong.length > 0) {
    return distinct(wrong);
  }
  const value = attempt(() => document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown);
  if (value instanceof Error) {
    return [value instanceof RangeError ? tooDeep() : expands(value, document, lines)];
  }
  const find = finder(document, lines);
  const odd = oddities(value, find);
  return odd.length > 0 ? odd : { value: value ?? undefined, lineOf: find };
}

/** Of several on one line the first: one slip makes the parser stumble again and again. */
function distinct(problems: readonly YamlProblem[]): YamlProblem[] {
  return problems.filter(({ line }, i) => problems.findIndex((other) => other.line === line) === i);
}

function whole(found: string, allowed: string): YamlProblem {
  return { line: 1, path: [], found, allowed };
}

function tooDeep(): YamlProblem {
  return whole(TOO_DEEP, DEPTH_ALLOWED);
}

/** A stack that overflows in the parser is an answer here, not a crash. */
function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}

const WORDS: Record<string, [found: string, allowed: string]> = {
  TAB_AS_INDENT: ['a tab', 'spaces for indentation'],
  MULTIPLE_DOCS: ['a second document after "---"', 'one document in a file'],
  RESOURCE_EXHAUSTION: [TOO_DEEP, DEPTH_ALLOWED],
  TAG_RESOLVE_FAILED: ['a tag such as !name', 'plain values without tags'],
  BAD_DIRECTIVE: ['a directive that begins with %', 'no directives'],
};

function syntaxProblems(document: Document, lines: LineCounter): YamlProblem[] {
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) => {
    const [found, allowed] = WORDS[code] ?? [message, 'valid YAML'];
    return { line: lines.linePos(pos[0]).line, path: [], found, allowed };
  });
  const { explicit, version } = document.directives?.yaml ?? {};
  return explicit === true && version !== '1.2'
    ? [whole(`%YAML ${version}`, 'YAML 1.2, in which no and on are texts'), ...problems]
    : problems;
}

function expands(error: Error, document: Document, lines: LineCounter): YamlProblem {
  let line = 1;
  visit(document, {
    Alias: (_key, alias) => {
      line = lineOfNode(alias, lines);
      return visit.BREAK;
    },
  });
  const name = /before the alias\): (.+)/.exec(error.message)?.[1];
  return name === undefined
    ? { ...whole('anchors that expand without end', `at most ${MAX_ALIASES} uses of anchors`), line }
    : { ...whole(`*${name}`, 'the name of an anchor that stands before it'), line };
}

/** A list or a section as a key, which is mostly a text that wanted quotes: `{{ name }}: 1`. */
function strangeKeys(document: Document, lines: LineCounter): YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (isCollection(key) || isAlias(key)) {
        const found = 'a list, a section or an anchor as a key';
        problems.push({ ...whole(found, 'a text, in quotes where needed'), line: lineOfNode(key, lines) });
      }
    },
  });
  return problems;
}

function repeatedKeys(document: Document, lines: LineCounter): YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (isScalar(key) && seen.has(key.value)) {
          const found = 'a key that stands here twice';
          problems.push({ ...whole(found, 'each key once'), line: lineOfNode(key, lines) });
        }
        seen.add(isScalar(key) ? key.value : key);
      }
    },
  });
  return problems;
}

/** Values that JSON has no word for. The walk keeps a list of its own: depth must not cost stack. */
function oddities(root: unknown, lineOf: YamlValue['lineOf']): YamlProblem[] {
  const problems: YamlProblem[] = [];
  const rest: { value: unknown; path: PropertyKey[] }[] = [{ value: root, path: [] }];
  for (let item = rest.pop(); item !== undefined; item = rest.pop()) {
    const { value, path } = item;
    if (path.length > MAX_DEPTH) {
      return [tooDeep()];
    }
    const odd = oddity(value, path.at(-1));
    if (odd !== null) {
      problems.push({ line: lineOf(path), path, ...odd });
    } else if (typeof value === 'object' && value !== null) {
      for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
        rest.push({ value: (value as Record<PropertyKey, unknown>)[key], path: [...path, key] });
      }
    }
  }
  return problems.sort((a, b) => a.line - b.line);
}

function oddity(value: unknown, key: PropertyKey | undefined): { found: string; allowed: string } | null {
  if (key === '__proto__') {
    return { found: 'the key "__proto__"', allowed: 'another name: programs give this one a meaning' };
  }
  if ([value, key].some((one) => typeof one === 'string' && !isStorable(one))) {
    return { found: 'a NUL, or half of a letter', allowed: 'text that a database can keep' };
  }
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    const allowed = `whole numbers up to ${Number.MAX_SAFE_INTEGER}; longer ids as text in quotes`;
    return { found: String(value), allowed };
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlain(value)
    ? { found: 'a value with a tag', allowed: 'plain values without tags' }
    : null;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Remembers the keys of each section: a file full of mistakes asks for thousands of lines. */
function finder(document: Document, lines: LineCounter): YamlValue['lineOf'] {
  const known = new Map<unknown, Map<string, Pair>>();
  const pairsOf = (node: { items: Pair[] }): Map<string, Pair> => {
    const pairs = known.get(node) ?? new Map(node.items.map((pair) => [keyOf(pair), pair]));
    known.set(node, pairs);
    return pairs;
  };
  return (path) => {
    let node: unknown = document.contents;
    let line = isNode(node) ? lineOfNode(node, lines) : 1;
    for (const key of path) {
      const pair = isMap(node) ? pairsOf(node as { items: Pair[] }).get(String(key)) : undefined;
      const item = isSeq(node) && typeof key === 'number' ? node.items[key] : undefined;
      const place = pair?.key ?? item;
      if (!isNode(place)) {
        return line;
      }
      line = lineOfNode(place, lines);
      node = pair === undefined ? item : pair.value;
    }
    return line;
  };
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function lineOfNode(node: Node, lines: LineCounter): number {
  return node.range == null ? 1 : lines.linePos(node.range[0]).line;
}
