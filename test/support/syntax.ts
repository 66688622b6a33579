import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { parseAst } from 'vitest/node';

const SRC = join(import.meta.dirname, '../../src');

/** A node of the syntax tree (ESTree). */
export interface Syntax {
  type: string;
  [key: string]: unknown;
}

/** What stands in a source file of `src/`, types left out: its text has the same places. */
export interface ParsedSource {
  /** Path below src. */
  file: string;
  nodes: (type: string) => Syntax[];
  lineOf(node: Syntax): number;
  textOf(node: Syntax): string;
}

export function parsedSources(): ParsedSource[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => parsedText(file, readFileSync(join(SRC, file), 'utf8')));
}

export function parsedText(file: string, typescript: string): ParsedSource {
  const text = stripTypeScriptTypes(typescript);
  const all = [...walk(parseAst(text))];
  const start = (node: Syntax) => Number(node.start);
  return {
    file,
    nodes: (type) => all.filter((node) => node.type === type),
    lineOf: (node) => text.slice(0, start(node)).split('\n').length,
    textOf: (node) => text.slice(start(node), Number(node.end)),
  };
}

function* walk(value: unknown): Generator<Syntax> {
  if (Array.isArray(value)) {
    for (const item of value) {
      yield* walk(item);
    }
  } else if (typeof value === 'object' && value !== null) {
    if ('type' in value) {
      yield value as Syntax;
    }
    for (const inner of Object.values(value)) {
      yield* walk(inner);
    }
  }
}
