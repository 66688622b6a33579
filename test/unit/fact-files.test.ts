import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CsvSource } from '../../src/accounts/facts-config.ts';
import { factLines, fingerprint, sourceProblems } from '../../src/fact-files.ts';
import { formatProblem } from '../../src/shared/config-file.ts';
import { factsFile } from '../support/facts.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'facts-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const SOURCE: CsvSource = {
  file: 'c.csv',
  key: 'domain',
  key_column: 'Website',
  columns: {
    Employees: { trait: 'employees', type: 'number' },
    Industry: 'industry',
    Stack: { trait: 'tech_stack', type: 'list' },
    Customer: { trait: 'is_customer', type: 'boolean' },
  },
};
const HEADER = 'Website,Employees,Industry,Stack,Customer';

async function read(text: string | Buffer, source: CsvSource = SOURCE) {
  writeFileSync(join(dir, 'c.csv'), text);
  const lines: unknown[] = [];
  for await (const line of factLines(join(dir, 'c.csv'), source)) {
    lines.push('row' in line ? line.row : `${line.line}: ${line.wrong}`);
  }
  return lines;
}

describe('a CSV with facts about companies', () => {
  it('gives rows by the registered domain; an empty cell is unknown', async () => {
    expect(
      await read(
        [
          HEADER,
          'https://www.Acme.co.uk/about,"1,200",Paper,"Slack; AWS",yes',
          'b.com,,"Bags, and ""boxes""",,0',
        ].join('\r\n'),
      ),
    ).toEqual([
      {
        name: 'acme.co.uk',
        facts: { employees: 1200, industry: 'Paper', tech_stack: ['Slack', 'AWS'], is_customer: true },
      },
      { name: 'b.com', facts: { industry: 'Bags, and "boxes"', is_customer: false } },
    ]);
  });

  it('a cell of another encoding is told, not kept with other letters; in columns nobody reads it does not matter', async () => {
    const text = [`${HEADER},Note`, 'a.com,10,Caf\u00e9,,,', 'b.com,10,Paper,,,\u00e9'].join('\n');
    const lines = await read(Buffer.from(text, 'latin1'));
    expect(new Set(lines)).toEqual(
      new Set([
        '2: Industry: "Caf\ufffd" is no text in UTF-8',
        { name: 'b.com', facts: { employees: 10, industry: 'Paper' } },
      ]),
    );
  });

  it('a bad line is told with its number and skipped; the others count (I9)', async () => {
    const lines = await read(
      [
        HEADER,
        'a.com,10,Paper,,',
        'a.com,10',
        'not a domain,1,,,',
        'c.com,n/a,,,',
        'd.com,1,,,maybe',
        'f.com,5,,,',
      ].join('\n'),
    );
    const told = (line: unknown) => typeof line === 'string';
    expect([...lines.filter((line) => !told(line)), ...lines.filter(told).sort()]).toEqual([
      { name: 'a.com', facts: { employees: 10, industry: 'Paper' } },
      { name: 'f.com', facts: { employees: 5 } },
      '3: Invalid Record Length: columns length is 5, got 2',
      '4: "not a domain" is no domain',
      '5: Employees: "n/a" is no number',
      '6: Customer: "maybe" is no boolean',
    ]);
  });

  it('a quote that is never closed ends the file there, and costs no more memory than a line may have', async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `x${i}.com,1,,,`);
    const lines = await read([HEADER, 'a.com,10,Paper,,', 'b.com,1,"open,,', ...rows].join('\n'));
    expect(lines[0]).toEqual({ name: 'a.com', facts: { employees: 10, industry: 'Paper' } });
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^\d+: a line of more than 100000 characters: a quote that is never closed\?$/),
    ]);
  });

  it.each([
    ['semicolons', `${HEADER.replaceAll(',', ';')}\na.com;1;"Paper;Bags";;`],
    ['tabs and a byte order mark', `\ufeff${HEADER.replaceAll(',', '\t')}\na.com\t1\tPaper;Bags\t\t`],
  ])('spreadsheets write %s too', async (_, text) => {
    expect(await read(text)).toEqual([{ name: 'a.com', facts: { employees: 1, industry: 'Paper;Bags' } }]);
  });

  it('texts that the database refuses are replaced', async () => {
    expect(await read(`${HEADER}\na.com,1,Pa\0per,,`)).toEqual([
      { name: 'a.com', facts: { employees: 1, industry: 'Pa\ufffdper' } },
    ]);
  });

  it('by account key, the key is taken as it is', async () => {
    const byAccount: CsvSource = { file: 'c.csv', key: 'account', columns: { size: 'employees' } };
    expect(await read('account,size\n acct-7 ,3\n,4', byAccount)).toEqual([
      { name: 'acct-7', facts: { employees: '3' } },
      '3: "" is no account key',
    ]);
  });

  it('equal files have equal fingerprints', async () => {
    await read(HEADER);
    const path = join(dir, 'c.csv');
    const before = await fingerprint(path);
    expect(await fingerprint(path)).toBe(before);
    writeFileSync(path, `${HEADER}\n`);
    expect(await fingerprint(path)).not.toBe(before);
  });
});

describe('I11: a file that is not there, or lacks a column, stops the start with the line of facts.yaml', () => {
  const problemsOf = () =>
    sourceProblems(
      dir,
      factsFile(
        [
          'sources:',
          '  firms:',
          '    file: firms.csv',
          '    key: domain',
          '    columns:',
          '      Employes: employees',
          '      Industry: industry',
        ].join('\n'),
      ),
    ).map((problem) =>
      formatProblem({ ...problem, allowed: problem.allowed.replace(/: .*firms.csv/, ': …') }),
    );

  it('no such file', () => {
    expect(problemsOf()).toEqual([
      'facts.yaml:3 sources.firms.file: found "firms.csv"; allowed: a file that is there: … is not',
    ]);
  });
  it('a column that the header lacks', () => {
    writeFileSync(join(dir, 'firms.csv'), 'Domain,Employees,Industry\n');
    expect(problemsOf()).toEqual([
      'facts.yaml:2 sources.firms.key_column: found "domain"; allowed: a column of firms.csv: Domain, Employees, Industry (did you mean "Domain"?)',
      'facts.yaml:6 sources.firms.columns.Employes: found "Employes"; allowed: a column of firms.csv: Domain, Employees, Industry (did you mean "Employees"?)',
    ]);
  });
});
