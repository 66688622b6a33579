import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { migrationProblems } from '../../support/migration-rules.ts';

const FOLDER = fileURLToPath(new URL('../../../src/store/migrations/', import.meta.url));
/** Those before it were made while nothing was released; 0018 and 0021 take away what was there. */
const FIRST = '0022';

it('migrations only add, so that workers of the version before them go on beside the new ones', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));
  expect(files.length).toBeGreaterThan(15);
  const found = files
    .filter((name) => name >= FIRST)
    .flatMap((name) => migrationProblems(name, readFileSync(`${FOLDER}${name}`, 'utf8')));
  expect(found).toEqual([]);
});

it('the rule finds what the migrations of before the first release did to running workers', () => {
  const problemsOf = (name: string) => migrationProblems(name, readFileSync(`${FOLDER}${name}`, 'utf8'));
  expect(problemsOf('0018_retention.sql')[0]).toContain('ALTER TABLE scores DROP COLUMN outlook');
  expect(problemsOf('0021_leaner_inbox.sql')[0]).toContain('changes a type');
});

it.each([
  ['ALTER TABLE t DROP COLUMN a', 'drops what they use'],
  ['alter table t\n  drop a', 'drops what they use'],
  ['DROP TABLE t', 'drops what they use'],
  ['DROP VIEW v', 'drops what they use'],
  ['ALTER TABLE t RENAME COLUMN a TO b', 'renames what they use'],
  ['ALTER TABLE t RENAME TO u', 'renames what they use'],
  ['ALTER TABLE t ALTER COLUMN a TYPE bigint', 'changes a type that they use'],
  ['ALTER TABLE t ALTER a SET DATA TYPE bigint', 'changes a type that they use'],
  ["ALTER TYPE tier ADD VALUE 'x'", 'changes a type that they use'],
  ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', 'refuses rows that they write'],
  ['ALTER TABLE t ALTER COLUMN a DROP DEFAULT', 'refuses rows that they write'],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', 'may refuse rows that they write'],
  ['CREATE UNIQUE INDEX i ON t (a)', 'may refuse rows that they write'],
  ['ALTER TABLE t ADD COLUMN a text, ADD COLUMN b text NOT NULL', 'adds a column that they do not fill'],
  ['-- safe: of another statement\nALTER TABLE t ADD COLUMN b text; DROP TABLE t', 'drops what they use'],
  ['-- safe:\nDROP TABLE t', 'drops what they use'],
])('refuses %s', (sql, why) => {
  expect(migrationProblems('0099_x.sql', `${sql};`)).toEqual([expect.stringContaining(why)]);
});

it.each([
  "CREATE TABLE t (a text NOT NULL, b text CHECK (b <> ''))",
  'ALTER TABLE t ADD COLUMN a text, ADD COLUMN b integer NOT NULL DEFAULT 0',
  'CREATE INDEX i ON t (a); DROP INDEX j',
  'ALTER TABLE t ALTER COLUMN a DROP NOT NULL, DROP CONSTRAINT c',
  "INSERT INTO t VALUES ('DROP TABLE t') -- then RENAME; later",
  'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE x; END $$',
  '-- safe: no version reads it\nALTER TABLE t DROP COLUMN a',
  'ALTER TABLE t DROP COLUMN a; -- safe: no version reads it',
])('takes %s', (sql) => {
  expect(migrationProblems('0099_x.sql', `${sql}\n;`)).toEqual([]);
});
