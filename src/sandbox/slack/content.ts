import type { Request } from 'express';
import { blocksProblem } from './rules.ts';
import type { KeptMessage } from './workspace.ts';

export type Answer = Record<string, unknown>;
export type Arguments = Record<string, unknown>;

/** Nested values of a form are JSON texts. */
export function argumentsOf({ body, query }: Request): Arguments {
  const given = { ...query, ...(typeof body === 'object' && body !== null ? (body as Arguments) : {}) };
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, NESTED.has(name) ? nested(value) : value]),
  );
}

const NESTED = new Set(['blocks', 'attachments', 'metadata']);

function nested(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return undefined;
  }
}

export function fail(error: string): Answer {
  return { ok: false, error };
}

export function contentOf({ text, blocks }: Arguments): Pick<KeptMessage, 'text' | 'blocks'> {
  return { text: typeof text === 'string' ? text : '', blocks: Array.isArray(blocks) ? blocks : [] };
}

/** What is wrong with a message; null: nothing. `most`: characters of its text. */
export function contentProblem({ text, blocks }: Arguments, most: number): Answer | null {
  const hasText = typeof text === 'string' && text !== '';
  if (!hasText && blocks === undefined) {
    return fail('no_text');
  }
  if (hasText && text.length > most) {
    return fail('msg_too_long');
  }
  const found = blocks === undefined ? null : blocksProblem(blocks);
  return found === null
    ? null
    : { ...fail(found.error), errors: found.messages, response_metadata: { messages: found.messages } };
}
