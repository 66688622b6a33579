import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { runPql } from '../support/pql.ts';

let database: TestDatabase;
let dir: string;

beforeAll(async () => {
  database = await testDatabase();
  dir = mkdtempSync(join(tmpdir(), 'pql-facts-'));
  cpSync('mappings', dir, { recursive: true });
  mkdirSync(join(dir, 'facts'));
  const source =
    'companies: { file: facts/companies.csv, key: domain, columns: { Size: { trait: employees, type: number } } }';
  const path = join(dir, 'facts.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('sources: {}', `sources:\n  ${source}`));
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});

function csv(...lines: string[]): void {
  writeFileSync(join(dir, 'facts/companies.csv'), lines.join('\n'));
}

const pql = (...args: string[]) =>
  runPql(args, { DATABASE_URL: database.url, MAPPINGS_DIR: dir, PQL_DATA_DIR: dir });

it('pql facts import takes a CSV in, tells bad lines, and does not read an unchanged file again', async () => {
  csv('domain,Size', 'one.com,240', 'two.com,many', 'three.com,7');
  expect(await pql('facts', 'import')).toEqual({
    code: 0,
    err: '',
    out: [
      'companies: 2 rows, 2 new or changed, 0 gone, 0 accounts to score again, 1 lines skipped',
      '  line 3: Size: "many" is no number\n',
    ].join('\n'),
  });
  expect((await pql('facts', 'import')).out).toBe('companies: unchanged since the last import\n');
  const rows = await database.db.query('SELECT name, facts FROM fact_rows ORDER BY name');
  expect(rows.rows).toEqual([
    { name: 'one.com', facts: { employees: 240 } },
    { name: 'three.com', facts: { employees: 7 } },
  ]);
});

it('a file that ends inside a quote is an error, and takes nothing away', async () => {
  csv('domain,Size', 'one.com,240', 'four.com,"1');
  const { code, out } = await pql('facts', 'import');
  expect(code).toBe(1);
  expect(out).toContain('the file ends there; rows it had before are kept');
  expect((await database.db.query('SELECT 1 FROM fact_rows')).rowCount).toBe(2);
});

it('I11: a column that the file lacks is told by pql check with the line of facts.yaml, and stops every verb', async () => {
  csv('domain,Sise', 'one.com,240');
  const { code, out } = await pql('check');
  expect(code).toBe(2);
  expect(out).toMatch(
    /facts\.yaml:\d+ sources\.companies\.columns\.Size: found "Size"; allowed: .*did you mean "Sise"/,
  );
  expect((await pql('facts', 'import')).code).toBe(2);
  appendFileSync(join(dir, 'facts.yaml'), '\nprefr: [csv]\n');
  expect((await pql('check')).out).toContain('did you mean "prefer"');
});
