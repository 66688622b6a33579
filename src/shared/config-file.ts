import type { z } from 'zod';
import { mistakesOf, takeOut } from './config-mistakes.ts';
import { Pruning } from './config-prune.ts';
import { dotted, show } from './config-words.ts';
import { readYaml, type YamlValue } from './config-yaml.ts';
import { didYouMean } from './did-you-mean.ts';
import { err, ok, type Result } from './result.ts';
import { keysAt } from './schema-keys.ts';

export { didYouMean } from './did-you-mean.ts';

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

/**
 * A parsed file that still knows on which line each value stands. It may lack what the schema refused: the entry,
 * or the optional key, that the mistake is in. Paths given to it are those of `value`; it answers with those of the file.
 */
export interface ConfigFile<T> {
  file: string;
  value: T;
  /** Line of the value at `path`, or of its nearest parent that exists. */
  lineOf(path: readonly PropertyKey[]): number;
  /** A problem at `path`, for rules that a schema cannot say. `checked` leaves out what only a lost part caused. */
  problem(path: readonly PropertyKey[], found: unknown, allowed: string): ConfigProblem;
  /**
   * A name that should be the key or the id of something: nothing when it is known, or lost with a mistake of its own.
   *
   * @param declaredAt the lists or sections of this file whose entries it may name
   * @param what what the names are, such as "an acting tier"
   */
  unknownName(
    path: readonly PropertyKey[],
    name: string,
    known: readonly string[],
    what: string,
    declaredAt?: readonly (readonly PropertyKey[])[],
  ): ConfigProblem[];
  /** The keys, or the ids of the list's entries, that the file has at `path` and `value` lacks. */
  lost(path: readonly PropertyKey[]): ReadonlySet<string>;
  /** True when `value` has at `path` all that the file has: only then can something be missing. */
  whole(path: readonly PropertyKey[]): boolean;
}

/** What could be read, and all that a schema finds wrong. `file` is null when nothing is left to look at. */
export interface ReadConfig<T> {
  file: ConfigFile<T> | null;
  problems: ConfigProblem[];
  /** True for a rule's problem that a lost part may have caused. */
  doubtful(problem: ConfigProblem): boolean;
}

/**
 * YAML text -> checked value and every problem. An entry of a list or a section, or an optional key, that the schema
 * refuses is taken out, and the rest is handed on, so that rules can be checked too; `checked` joins both.
 * A key that is a near miss of another is read as that one.
 */
export function readConfig<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
): ReadConfig<z.output<S>> {
  const yaml = readYaml(text);
  if (Array.isArray(yaml)) {
    const problems = yaml.map(({ path, ...rest }) => ({ file, path: dotted(path), ...rest }));
    return { file: null, problems: byLine(problems), doubtful: () => false };
  }
  const pruning = new Pruning(yaml.value);
  const problems: ConfigProblem[] = [];
  for (;;) {
    const raw = pruning.value();
    const parsed = schema.safeParse(raw);
    if (parsed.success) {
      return handOn<z.output<S>>({ file, schema, yaml, pruning, problems, value: parsed.data });
    }
    const mistakes = mistakesOf(parsed.error.issues, raw, schema, pruning);
    problems.push(
      ...mistakes
        .filter(({ consequence }) => !consequence)
        .map(({ at, finding }) => problemOf(file, yaml, at, finding.found, finding.allowed)),
    );
    if (!takeOut(mistakes, pruning, schema)) {
      return { file: null, problems: byLine(problems), doubtful: () => false };
    }
  }
}

/** The schema's problems and those of `check`, by line; its value only when there are none. */
export function checked<T, V>(
  { file, problems, doubtful }: ReadConfig<T>,
  check: (file: ConfigFile<T>) => Result<V, ConfigProblem[]>,
): Result<V, ConfigProblem[]> {
  if (file === null) {
    return err(byLine(problems));
  }
  const result = check(file);
  const more = result.ok ? [] : result.error.filter((problem) => !doubtful(problem));
  if (result.ok && problems.length === 0) {
    return ok(result.value);
  }
  return err(byLine([...problems, ...more]));
}

function byLine(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...problems].sort((a, b) => a.line - b.line);
}

function problemOf(
  file: string,
  yaml: YamlValue,
  path: readonly PropertyKey[],
  found: unknown,
  allowed: string,
): ConfigProblem {
  return { file, line: yaml.lineOf(path), path: dotted(path), found: show(found), allowed };
}

/** A message names some of the names; the nearest one follows it anyway. */
const MOST_LISTED = 30;

function listed(names: readonly string[]): string {
  if (names.length === 0) {
    return 'nothing: there is none';
  }
  const more = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(', ') + (more > 0 ? `, and ${more} more` : '');
}

interface Readable<T> {
  file: string;
  schema: z.ZodType;
  yaml: YamlValue;
  pruning: Pruning;
  problems: ConfigProblem[];
  value: T;
}

function handOn<T>({ file, schema, yaml, pruning, problems, value }: Readable<T>): ReadConfig<T> {
  const places = new Map<ConfigProblem, PropertyKey[]>();
  const problem = (path: readonly PropertyKey[], found: unknown, allowed: string) => {
    const at = pruning.asWritten(path);
    const made = problemOf(file, yaml, at, found, allowed);
    places.set(made, at);
    return made;
  };
  const lost = (path: readonly PropertyKey[]) => pruning.lost(pruning.asWritten(path));
  const config: ConfigFile<T> = {
    file,
    value,
    problem,
    lost,
    lineOf: (path) => yaml.lineOf(pruning.asWritten(path)),
    whole: (path) => pruning.whole(pruning.asWritten(path)),
    unknownName: (path, name, known, what, declaredAt = []) => {
      const standIn = !pruning.whole(pruning.asWritten(path));
      if (standIn || known.includes(name) || declaredAt.some((place) => lost(place).has(name))) {
        return [];
      }
      const made = problem(path, name, `${what}: ${listed(known)}${didYouMean(name, known)}`);
      places.delete(made);
      return [made];
    },
  };
  const doubtful = (made: ConfigProblem) => {
    const at = places.get(made);
    return at !== undefined && (!pruning.whole(at) || lacksKey(at.slice(0, -1), pruning, schema));
  };
  return { file: config, problems, doubtful };
}

/** True for a section of fixed keys that lost one. Entries of an open section stand alone, like those of a list. */
function lacksKey(at: readonly PropertyKey[], pruning: Pruning, schema: z.ZodType): boolean {
  return pruning.lacksKey(at) && keysAt(schema, at).length > 0;
}
