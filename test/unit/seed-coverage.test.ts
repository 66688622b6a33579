import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const PAGE = 'docs/seed-coverage.md';

const textOf = (file: string) => readFileSync(new URL(file, ROOT), 'utf8');

interface Row {
  id: string;
  where: string;
  test: string;
}

const rows: Row[] = textOf(PAGE)
  .split('\n')
  .map((line) => /^\| ([SX]\d?-\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/.exec(line))
  .flatMap((match) =>
    match === null ? [] : [{ id: match[1] ?? '', where: match[2] ?? '', test: match[3] ?? '' }],
  );

/** What must be on the page: `S0 1-15` is S0-1 up to S0-15. */
const REQUIRED: Record<string, string> = {
  S0: '1-15 18-23 45',
  S1: '7 9-11 19-21 23 25-49 51-54 56 64-69 71 73-75 90-100 108-117',
  S2: '8 11-27 35-37 42-48 50-58 60-66 68-87 91 92 106-109 113-128 133-140',
  S3: '7-10 13-20 22-28 30 48 49',
  S4: '4 8 11-13 16-71 77-79 81-87 89-93 98 99 101 103-109 137 140-142 144 148 150-152 155-167',
  X: '1-44',
};

function idsIn(group: string, ranges: string): string[] {
  return ranges.split(' ').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => `${group}-${from + i}`);
  });
}

/** Nothing is claimed: what is still to come, what is left to others, and advice in words. */
const isOpen = ({ where }: Row) => /^(not yet|nothing to build|guidance)\b/.test(where);

const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const isFile = (name: string) => name.includes('/') && /\.[a-z]+$/.test(name);
const filesIn = (cell: string) => named(cell).filter(isFile);

/** Whether a text names the item, alone or within a range such as `S0-1 … S0-15`. */
function mentions(text: string, id: string): boolean {
  const [group, number] = [id.slice(0, id.lastIndexOf('-')), Number(id.split('-').at(-1))];
  const spans = text.matchAll(/\b([SX]\d?)-(\d+)(?: (?:…|\.\.\.) ([SX]\d?)-(\d+))?/g);
  return [...spans].some(
    ([, from, first, to = from, last = first]) =>
      from === group && to === group && Number(first) <= number && number <= Number(last),
  );
}

describe('docs/seed-coverage.md claims nothing that is not there', () => {
  it('every row of its tables can be read', () => {
    const lines = textOf(PAGE)
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (id|---) /.test(line));
    expect(rows).toHaveLength(lines.length);
  });

  it('has every item that the product must meet, and each once', () => {
    const ids = rows.map(({ id }) => id);
    const required = Object.entries(REQUIRED).flatMap(([group, ranges]) => idsIn(group, ranges));
    expect(required.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('every file that it names exists', () => {
    const files = rows.flatMap(({ where, test }) => [...filesIn(where), ...filesIn(test)]);
    expect([...new Set(files)].filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([]);
  });

  it('signals, rules, gates, tiers and keys that it names stand in one of the files beside them', () => {
    const wrong = rows
      .filter((row) => !isOpen(row))
      .flatMap(({ id, where }) => {
        const texts = filesIn(where).map(textOf);
        const parts = named(where).filter((name) => !isFile(name));
        return parts
          .filter((part) => !texts.some((text) => text.includes(part)))
          .map((part) => `${id} ${part}`);
      });
    expect(wrong).toEqual([]);
  });

  it('what is not open has tests, and each of them names the item', () => {
    const claimed = rows.filter((row) => !isOpen(row));
    expect(claimed.filter(({ test }) => filesIn(test).length === 0).map(({ id }) => id)).toEqual([]);
    const silent = claimed.flatMap(({ id, test }) =>
      filesIn(test)
        .filter((file) => !mentions(textOf(file), id))
        .map((file) => `${id} ${file}`),
    );
    expect(silent).toEqual([]);
  });

  it('what is open claims no test', () => {
    expect(rows.filter((row) => isOpen(row) && filesIn(row.test).length > 0)).toEqual([]);
  });
});
