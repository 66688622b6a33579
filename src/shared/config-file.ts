import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { err, ok, type Result } from './result.ts';
import { keysAt, schemaAt, valueAt } from './schema-keys.ts';
import { meantOption } from './union-branch.ts';

/** One thing wrong with a configuration file, in the words an operator needs (I11). */
export interface ConfigProblem {
  file: string;
  /** 1-based; 1 when the place is unknown. */
  line: number;
  /** Dotted path inside the file, '' for the whole file. */
  path: string;
  found: string;
  allowed: string;
}

/** `mappings/signals.yaml:12 signals.seats_invited.count: found "sum", allowed: once, each, …` */
export function formatProblem(problem: ConfigProblem): string {
  const where = problem.path === '' ? '' : ` ${problem.path}:`;
  return `${problem.file}:${problem.line}${where} found ${problem.found}; allowed: ${problem.allowed}`;
}

/** A parsed file that still knows on which line each value stands. */
export interface ConfigFile<T> {
  file: string;
  value: T;
  /** Line of the value at `path`, or of its nearest parent that exists. */
  lineOf(path: readonly PropertyKey[]): number;
  /** A problem at `path`, for rules that a schema cannot say. */
  problem(path: readonly PropertyKey[], found: unknown, allowed: string): ConfigProblem;
}

const MAX_BYTES = 1_000_000;

/**
 * YAML text -> checked value, or every problem at once.
 * Anchors may be expanded at most 100 times, so that a small file cannot become a huge value.
 */
export function readConfig<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
): Result<ConfigFile<z.output<S>>, ConfigProblem[]> {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    const found = `${Buffer.byteLength(text)} bytes`;
    return err([{ file, line: 1, path: '', found, allowed: `at most ${MAX_BYTES} bytes` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    return err(
      document.errors.map((error) => ({
        file,
        line: lines.linePos(error.pos[0]).line,
        path: '',
        found: error.message,
        allowed: 'valid YAML',
      })),
    );
  }
  const raw = expand(() => document.toJS({ maxAliasCount: 100 }));
  if (!raw.ok) {
    return err([{ file, line: 1, path: '', found: raw.error, allowed: 'at most 100 uses of anchors' }]);
  }
  const lineOf = (path: readonly PropertyKey[]) => lineAt(document.contents, lines, path);
  const problem = (path: readonly PropertyKey[], found: unknown, allowed: string): ConfigProblem => ({
    file,
    line: lineOf(path),
    path: path.map(String).join('.'),
    found: show(found),
    allowed,
  });
  const parsed = schema.safeParse(raw.value);
  if (!parsed.success) {
    return err(parsed.error.issues.flatMap((issue) => problemsOf(issue, raw.value, schema, problem)));
  }
  return ok({ file, value: parsed.data, lineOf, problem });
}

/** The nearest of the allowed names, when one is near enough to be what was meant. */
export function didYouMean(found: string, allowed: readonly string[]): string {
  const near = allowed
    .map((name) => ({ name, distance: editDistance(found.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 4)))
    .sort((a, b) => a.distance - b.distance)[0];
  return near === undefined ? '' : ` (did you mean "${near.name}"?)`;
}

function expand(toJs: () => unknown): Result<unknown, string> {
  try {
    return ok(toJs());
  } catch (error) {
    return err((error as Error).message);
  }
}

type Report = (path: readonly PropertyKey[], found: unknown, allowed: string) => ConfigProblem;

function problemsOf(
  issue: z.core.$ZodIssue,
  raw: unknown,
  schema: z.core.$ZodType,
  report: Report,
): ConfigProblem[] {
  const found = valueAt(raw, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const union = schemaAt(schema, raw, issue.path);
      const meant = union instanceof z.core.$ZodUnion ? meantOption(union, found) : null;
      if (meant !== null && 'namedBy' in meant && meant.namedBy.length > 0) {
        return [report(issue.path, keysOf(found), `exactly one of ${meant.namedBy.join(', ')}`)];
      }
      const known = keysAt(schema, raw, issue.path);
      return issue.keys.map((key) =>
        report([...issue.path, key], `unknown key "${key}"`, known.join(', ') + didYouMean(key, known)),
      );
    }
    case 'invalid_key': {
      const allowed = issue.issues.map(({ message }) => message).join(', ');
      return [report(issue.path, issue.path.at(-1), allowed)];
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      return [report(issue.path, found, allowed.join(', ') + didYouMean(String(found), allowed))];
    }
    case 'invalid_union':
      return unionProblems(issue, found, schemaAt(schema, raw, issue.path), report);
    default:
      return [report(issue.path, found, issue.message)];
  }
}

/** Of several forms, only what is wrong with the one that was meant. */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  found: unknown,
  union: z.core.$ZodType | undefined,
  report: Report,
): ConfigProblem[] {
  if (!(union instanceof z.core.$ZodUnion) || !isObject(found)) {
    return [report(issue.path, found, issue.message)];
  }
  const meant = meantOption(union, found);
  if ('namedBy' in meant) {
    return [report(issue.path, keysOf(found), `exactly one of ${meant.namedBy.join(', ')}`)];
  }
  const at: Report = (path, inner, allowed) => report([...issue.path, ...path], inner, allowed);
  return (issue.errors[meant.index] ?? []).flatMap((inner) => problemsOf(inner, found, meant.option, at));
}

function keysOf(found: unknown): string {
  return isObject(found) ? Object.keys(found).join(', ') : String(found);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(found: unknown): string {
  if (found === undefined) {
    return 'nothing';
  }
  if (typeof found === 'string' && found.startsWith('unknown key')) {
    return found;
  }
  const text = JSON.stringify(found) ?? String(found);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function lineAt(contents: unknown, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = contents;
  let line = isNode(node) ? lineOfNode(node, lines) : 1;
  for (const key of path) {
    const next = childOf(node, key);
    if (next === undefined) {
      return line;
    }
    line = next.line(lines) ?? line;
    node = next.node;
  }
  return line;
}

function childOf(
  node: unknown,
  key: PropertyKey,
): { node: unknown; line: (lines: LineCounter) => number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (pair === undefined || !isPair(pair)) {
      return undefined;
    }
    return {
      node: pair.value,
      line: (lines) => (isNode(pair.key) ? lineOfNode(pair.key, lines) : undefined),
    };
  }
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key];
    return item === undefined
      ? undefined
      : { node: item, line: (lines) => (isNode(item) ? lineOfNode(item, lines) : undefined) };
  }
  return undefined;
}

function lineOfNode(node: Node, lines: LineCounter): number {
  return node.range == null ? 1 : lines.linePos(node.range[0]).line;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
