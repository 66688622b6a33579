import { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { keysAt } from './schema-keys.ts';
import { formAt, formOf, meantOption } from './union-branch.ts';

/** What a schema found wrong at one place, in words. */
export interface Finding {
  path: PropertyKey[];
  found: unknown;
  allowed: string;
  /** Set when the place is a key that the schema does not know. */
  unknownKey?: string;
}

/** An issue of zod -> what an operator reads. `raw` is what the schema was given. */
export function findingsOf(issue: z.core.$ZodIssue, raw: unknown, schema: z.ZodType): Finding[] {
  const found = valueAt(raw, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const place = formAt(schema, raw, issue.path);
      const names = place instanceof z.core.$ZodUnion ? namedBy(place, found) : [];
      if (names.length > 0) {
        return [{ path: issue.path, found: keysOf(found), allowed: `exactly one of ${names.join(', ')}` }];
      }
      const form = place === undefined ? undefined : formOf(place, found);
      const known =
        form instanceof z.core.$ZodObject ? Object.keys(form._zod.def.shape) : keysAt(schema, issue.path);
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        found: new Word(`unknown key "${key}"`),
        allowed: known.join(', ') + didYouMean(key, known),
        unknownKey: key,
      }));
    }
    case 'invalid_key': {
      const allowed = issue.issues.map(({ message }) => message).join(', ');
      return [{ path: issue.path, found: issue.path.at(-1), allowed }];
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      return [{ path: issue.path, found, allowed: allowed.join(', ') + meant(found, allowed) }];
    }
    case 'invalid_union':
      return (
        unionFindings(issue, raw, schema) ?? [{ path: issue.path, found, allowed: choice(issue, found) }]
      );
    default:
      return [{ path: issue.path, found, allowed: wordsOf(issue, found) }];
  }
}

/** Words that stand as they are, not as a quoted value. */
export class Word {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value as a message shows it: JSON, cut at 80 characters. */
export function show(found: unknown): string {
  if (found === undefined) {
    return 'nothing';
  }
  if (found instanceof Word) {
    return found.text;
  }
  const text = typeof found === 'number' ? String(found) : (JSON.stringify(found) ?? String(found));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      return undefined;
    }
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

const YES_NO: Record<string, string> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

function meant(found: unknown, allowed: readonly string[]): string {
  return found === undefined || typeof found === 'object' ? '' : didYouMean(String(found), allowed);
}

/**
 * Of the shapes that a value may have, the one that it tries to have, by the keys that name it, else the only one
 * whose outermost form fits. Its own findings say more than "none of the shapes fits".
 */
function unionFindings(
  issue: z.core.$ZodIssueInvalidUnion,
  raw: unknown,
  schema: z.ZodType,
): Finding[] | null {
  const found = valueAt(raw, issue.path);
  const union = formAt(schema, raw, issue.path);
  if (union instanceof z.core.$ZodUnion && isSection(found)) {
    const meant = meantOption(union, found);
    if ('option' in meant) {
      return within(issue, issue.errors[meant.index] ?? [], raw, schema);
    }
    if (meant.namedBy.length > 0) {
      const allowed = `exactly one of ${meant.namedBy.join(', ')}`;
      return [{ path: issue.path, found: keysOf(found), allowed }];
    }
  }
  const deeper = issue.errors.filter((branch) =>
    branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return deeper.length === 1 ? deeper.flatMap((branch) => within(issue, branch, raw, schema)) : null;
}

function within(
  issue: z.core.$ZodIssueInvalidUnion,
  inner: readonly z.core.$ZodIssue[],
  raw: unknown,
  schema: z.ZodType,
): Finding[] {
  return inner.flatMap((one) =>
    findingsOf({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue, raw, schema),
  );
}

/** The keys that tell the forms apart, when the value has those of none, or of several that exclude each other. */
function namedBy(union: z.core.$ZodUnion, found: unknown): string[] {
  const meant = union instanceof z.core.$ZodDiscriminatedUnion ? null : meantOption(union, found);
  return meant !== null && 'namedBy' in meant ? meant.namedBy : [];
}

function isSection(found: unknown): boolean {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

function keysOf(found: unknown): Word {
  return new Word(Object.keys(found ?? {}).join(', '));
}

/** The schema's words for the choice, else those of each shape that it offers. */
function choice(issue: z.core.$ZodIssueInvalidUnion, found: unknown): string {
  const outer = issue.errors.flatMap((branch) => branch.filter(({ path }) => path.length === 0).slice(0, 1));
  return issue.message !== 'Invalid input' || outer.length === 0
    ? issue.message
    : [...new Set(outer.map((inner) => outerWords(inner, found)))].join(', or ');
}

function outerWords(issue: z.core.$ZodIssue, found: unknown): string {
  return issue.code === 'invalid_value' ? issue.values.map(String).join(', ') : wordsOf(issue, found);
}

/** The schema's own words; zod's default ones name its types, which are not the field's words. */
function wordsOf(issue: z.core.$ZodIssue, found: unknown): string {
  if (!/^(Invalid|Too|Unrecognized|Expected)/.test(issue.message)) {
    return issue.message;
  }
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, found);
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${sizeWords(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${sizeWords(issue.origin, issue.maximum)}`;
    default:
      return issue.message;
  }
}

function typeWords(expected: string, found: unknown): string {
  switch (expected) {
    case 'string':
      return typeof found === 'number' || typeof found === 'boolean'
        ? `a text, in quotes: "${found}"`
        : 'a text';
    case 'number':
      return 'a number';
    case 'int':
      return 'a whole number';
    case 'boolean': {
      const word = YES_NO[String(found).toLowerCase()];
      return `true or false${word === undefined ? '' : ` (did you mean ${word}?)`}`;
    }
    case 'array':
    case 'tuple':
      return 'a list';
    case 'object':
    case 'record':
      return 'a section with keys';
    default:
      return expected;
  }
}

function sizeWords(origin: string, size: number | bigint): string {
  const many = size === 1 || size === 1n ? '' : 's';
  switch (origin) {
    case 'string':
      return `${size} character${many}`;
    case 'array':
    case 'set':
      return size === 1 ? '1 entry' : `${size} entries`;
    case 'object':
    case 'record':
      return `${size} key${many}`;
    default:
      return String(size);
  }
}
