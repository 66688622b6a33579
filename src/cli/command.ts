import { type ParseArgsConfig, parseArgs } from 'node:util';
import { shownJson, shownText } from '../shared/shown-text.ts';
import { parseInstant } from '../shared/time.ts';

/** Exit codes of the command: done, failed, wrong usage or invalid configuration. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

export type Options = Record<string, string | boolean | undefined>;

export interface Invocation {
  options: Options;
  positionals: string[];
  json: boolean;
}

/** One verb of `pql`. */
export interface Verb {
  name: string;
  /** Arguments behind the name, as help shows them. */
  usage: string;
  summary: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** What each option means, for --help. */
  help: Record<string, string>;
  /** How many arguments may stand beside the options (0). */
  positionals?: number;
  run(invocation: Invocation): Promise<number>;
}

/** The caller asked for something that the verb does not know. */
export class UsageError extends Error {}

/** Configuration that cannot be run with; the message lists every problem. */
export class ConfigurationError extends Error {}

export function parse(verb: Verb, argv: string[]): Invocation | 'help' {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { ...verb.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
    const extra = positionals[verb.positionals ?? 0];
    if (extra !== undefined) {
      throw new Error(
        `${verb.name} takes no argument ${extra}; allowed: ${verb.name} ${verb.usage}`.trimEnd(),
      );
    }
    const options = values as Options;
    return options.help === true ? 'help' : { options, positionals, json: options.json === true };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `--limit`, a whole number from 1. */
export function limitOf(options: Options, ifUnset: number): number {
  const limit = Number(options.limit ?? ifUnset);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000) {
    throw new UsageError(`--limit: found ${String(options.limit)}; allowed: a whole number from 1 to 10000`);
  }
  return limit;
}

/** An instant as an option gives it, in ms; null: not given. */
export function instantOrThrow(name: string, text: string | boolean | undefined): number | null {
  if (typeof text !== 'string') {
    return null;
  }
  const at = parseInstant(text);
  if (at === null) {
    throw new UsageError(`--${name}: found ${text}; allowed: an instant such as 2026-03-02T10:00:00Z`);
  }
  return at;
}

export function helpOf(verb: Verb): string {
  const lines = Object.entries({
    ...verb.help,
    json: 'print one JSON object instead of text',
    help: 'print this',
  });
  const width = Math.max(...lines.map(([name]) => name.length)) + 4;
  return [
    `pql ${verb.name} ${verb.usage}`.trimEnd(),
    '',
    verb.summary,
    '',
    ...lines.map(([name, meaning]) => `  --${name.padEnd(width)}${meaning}`),
  ].join('\n');
}

/** Everything a verb prints goes through here: names in it come from senders, and must not drive the terminal. */
export function print(text: string): void {
  process.stdout.write(`${shownText(text)}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${shownJson(value)}\n`);
}

/** What went wrong, on standard error. */
export function complain(text: string): void {
  process.stderr.write(`${shownText(text)}\n`);
}
