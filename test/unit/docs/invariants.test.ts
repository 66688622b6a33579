import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Rows of ARCHITECTURE.md's table of what is always true. */
const promised = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| (I\d+) \|.*$/gm)].map(
  ([, id]) => id ?? '',
);

const listed = [...readFileSync('docs/invariants.md', 'utf8').matchAll(/^\| (I\d+) \| `([^`]+)`/gm)].map(
  ([, id = '', file = '']) => ({ id, file }),
);

/** Titles of tests and of groups of them; a title may stand on the line after its call. */
function titlesIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\b(?:it|test|describe)\b[^'"`\n]*\(\s*(['"`])(.*?)\1/g)].map(
    ([, , title]) => title ?? '',
  );
}

const names = (title: string, id: string) => new RegExp(`\\b${id}\\b`).test(title);

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file));
const titles = files.flatMap(titlesIn);

describe('every invariant has its named test', () => {
  it('finds the invariants', () => {
    expect(promised.length).toBeGreaterThanOrEqual(12);
  });

  it.each(promised)('%s stands in the title of a test', (id) => {
    expect(titles.filter((title) => names(title, id)).length).toBeGreaterThan(0);
  });

  it('docs/invariants.md has each of I1 to I12', () => {
    const ids = new Set(listed.map(({ id }) => id));
    expect(Array.from({ length: 12 }, (_, i) => `I${i + 1}`).filter((id) => !ids.has(id))).toEqual([]);
  });

  it.each(listed)('docs/invariants.md: $file has a test that names $id', ({ id, file }) => {
    expect(titlesIn(file).some((title) => names(title, id))).toBe(true);
  });
});
