import { checkSync } from 'recheck';
import { describe, expect, it, vi } from 'vitest';
import { numberOf } from '../../src/accounts/coerce.ts';
import { withoutCredentials } from '../../src/events/credentials.ts';
import { withoutUnit } from '../../src/score/find/ranges.ts';
import { storedJson } from '../../src/shared/stored-json.ts';
import { parsedSources, type Syntax } from '../support/syntax.ts';

/** The stand-ins of the CRMs hear our own connectors only. */
const sources = parsedSources().filter(({ file }) => !file.startsWith('sandbox/'));

interface Found {
  where: string;
  pattern: string;
  flags: string;
}

function literals(): Found[] {
  return sources.flatMap((source) =>
    source.nodes('Literal').flatMap((node) => {
      const regex = node.regex as { pattern: string; flags: string } | undefined;
      return regex === undefined ? [] : [{ where: `src/${source.file}:${source.lineOf(node)}`, ...regex }];
    }),
  );
}

/** Those that are put together when their module is loaded. */
async function made(...modules: (() => Promise<unknown>)[]): Promise<Found[]> {
  const found: Found[] = [];
  const Original = RegExp;
  vi.resetModules();
  globalThis.RegExp = new Proxy(Original, {
    construct: (target, [pattern, flags]: [string, string | undefined]) => {
      found.push({ where: '', pattern, flags: flags ?? '' });
      return new target(pattern, flags);
    },
  });
  try {
    for (const load of modules) {
      await load();
    }
  } finally {
    globalThis.RegExp = Original;
  }
  return found;
}

const verdictOf = ({ pattern, flags }: Found) =>
  checkSync(pattern, flags, { checker: 'automaton', timeout: 20_000 }).status;

/** What the checker cannot judge (look-behind, long counts), each with the text that would be worst for it. */
const BY_HAND: Record<string, string> = {
  '^(event-\\d+|action-[0-9a-f-]{36})$': `event-${'1'.repeat(100_000)}x`,
  '^::ffff:(?=\\d+\\.)': `::ffff:${'1'.repeat(100_000)}`,
  '(?<!\\\\)((?:\\\\\\\\)*)\\\\u(?:0000|d[89a-f][0-9a-f]{2})': '\\'.repeat(100_000),
  '(?<!\\/)\\/+$': `${'/'.repeat(100_000)}x`,
  '^(?:[Uu][Ss][Ee][Rr][\\s_]+|[Uu]ser(?=[A-Z]))': `user${' '.repeat(100_000)}`,
  '(?<![^\\s"\'<>:,[\\]{}])[^\\s"\'<>:,[\\]{}]+@[^\\s"\'<>:,[\\]{}]+': 'a'.repeat(100_000),
  '(?<![\\d.])([\\d.]+) points?$': '1'.repeat(100_000),
  "(?<![\\p{L}\\p{N}._+'-])([\\p{L}\\p{N}._+'-]+)(@|%40)([\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+)":
    'a'.repeat(100_000),
  '(?<![.:!])[.:!]+$': `${'!'.repeat(100_000)}x`,
  // Only written into the schema of editors.
  '^models\\/(?!.*\\.test\\.yaml$).+\\.yaml$': `models/${'.test.yaml'.repeat(10_000)}x`,
};

function timeOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe('regular expressions cost no more than the length of their text', () => {
  const found = literals();

  it('there are some to look at', () => {
    expect(found.length).toBeGreaterThan(100);
  });

  it('no literal is super-linear; what a checker cannot judge is tried on its worst text', {
    timeout: 120_000,
  }, () => {
    const verdicts = found.map((one) => ({ ...one, verdict: verdictOf(one) }));
    expect(verdicts.filter(({ verdict }) => verdict === 'vulnerable')).toEqual([]);
    const unknown = verdicts.filter(({ verdict, pattern }) => verdict === 'unknown' && !(pattern in BY_HAND));
    expect(unknown).toEqual([]);
  });

  it.each(Object.entries(BY_HAND))('by hand: %s', (pattern, worst) => {
    const one = found.find((each) => each.pattern === pattern);
    expect(one, 'it stands in no source any more').toBeDefined();
    expect(timeOf(() => new RegExp(pattern, one?.flags).exec(worst))).toBeLessThan(3000);
  });

  it('those that are made of parts are the known ones, and none is super-linear', async () => {
    const makers = sources.flatMap((source) =>
      [...source.nodes('NewExpression'), ...source.nodes('CallExpression')]
        .filter(({ callee }) => (callee as Syntax).name === 'RegExp')
        .map(() => source.file),
    );
    expect([...new Set(makers)].sort()).toEqual([
      'decide/campaign-name.ts',
      'events/credentials.ts',
      'events/needles.ts',
    ]);
    const parts = await made(
      () => import('../../src/decide/campaign-name.ts'),
      () => import('../../src/events/credentials.ts'),
      async () => {
        const { mentions, needlesReplaced, NO_NEEDLES } = await import('../../src/events/needles.ts');
        const who = { ...NO_NEEDLES, users: ['usr-1'], emails: ['bo@x.example'] };
        mentions(who);
        needlesReplaced('00', who, true);
      },
    );
    expect(parts.length).toBeGreaterThanOrEqual(makers.length);
    // The excepted come first: the checker would spend its whole time on each, to be told that it does not matter.
    const bad = parts.filter((one) => !one.pattern.includes('0,7') && verdictOf(one) === 'vulnerable');
    expect(bad).toEqual([]);
  });

  it('regression: a trait of a million digits is read as a number in no time', () => {
    expect(timeOf(() => numberOf(`${'1'.repeat(1_000_000)}x`))).toBeLessThan(3000);
    expect(numberOf('12.')).toBe(12);
    expect(numberOf('.5e3')).toBe(500);
  });

  it('regression: a range that ends in a million blanks is read in no time', () => {
    expect(timeOf(() => withoutUnit(`240${' '.repeat(1_000_000)}x`))).toBeLessThan(3000);
    expect(timeOf(() => withoutUnit(`240${' people'.repeat(100_000)}x`))).toBeLessThan(3000);
    expect(withoutUnit('240 Employees ')).toBe('240');
  });

  it.each([
    '\\',
    '"',
    'write_key',
    '"writeKey"',
    '"writeKey":',
    '"writeKey":"',
    "'api key' : ",
    'apikey=',
    '\\"write-key\\":\\"',
  ])('credentials are taken out of a megabyte of %j in no time', (part) => {
    const text = `writekey ${part.repeat(Math.ceil(1_000_000 / part.length))}`;
    expect(timeOf(() => withoutCredentials(text))).toBeLessThan(3000);
  });

  it('JSON of a megabyte of backslashes is made storable in no time', () => {
    const text = `${'\\'.repeat(500_000)}\ud83d`;
    expect(timeOf(() => storedJson({ text }))).toBeLessThan(3000);
  });
});
