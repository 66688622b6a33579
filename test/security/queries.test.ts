import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opportunitiesFrom } from '../../src/crm/salesforce/opportunities.ts';
import { containing, inList, literal } from '../../src/crm/salesforce/soql.ts';
import { readMapping } from '../../src/decide/mapping.ts';
import { isCursor } from '../../src/read-model.ts';
import { retryParked, showError } from '../../src/store/errors.ts';
import { postgresReadModel } from '../../src/store/read/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { group } from '../support/event.ts';
import { liveOn } from '../support/live.ts';
import { parsedSources, type Syntax } from '../support/syntax.ts';

const sources = parsedSources();

/** Whatever is put into the text of a query, as `file expression`. */
function putInto(folders: RegExp, words: RegExp): string[] {
  return sources
    .filter(({ file }) => folders.test(file))
    .flatMap((source) =>
      source
        .nodes('TemplateLiteral')
        .filter((node) => words.test(source.textOf(node)))
        .flatMap((node) => node.expressions as Syntax[])
        .map((expression) => `${source.file} ${source.textOf(expression)}`),
    );
}

describe('SQL', () => {
  const WORDS =
    /\b(SELECT|INSERT INTO|UPDATE [a-z_"$]|DELETE FROM|CREATE TABLE|CREATE DATABASE|PARTITION OF)\b/;
  /** A constant of the module, or one of the few texts below, each made of nothing that came from outside. */
  const OURS = [
    / [A-Z][A-Z_]*(\[\w+\])?$/,
    // Days of UTC that were computed: digits and hyphens.
    /^store\/retention\/partitions\.ts (name|day|next)$/,
    /^store\/embedded\/server\.ts client\.escapeIdentifier\(DATABASE\)$/,
    // One of two literal texts each.
    /^store\/(facts\/import|reads\/ours)\.ts where$/,
    /^store\/fold\/accounts\.ts (table|empty)$/,
    // Names of columns as PostgreSQL's own catalogue gave them.
    /^store\/merge\/kept\.ts (table|columns)$/,
    // Tables and columns likewise, quoted by `tablesOf` and `asText`; what is looked for goes as a parameter.
    /^store\/forget\/(journal|mentions|scan)\.ts (table|list|finds|counts\.join\(', '\)|sets\.join\(', '\)|unchanged\.join\(' AND '\))$/,
    // Literal texts of the same function.
    /^store\/forget\/remove\.ts (table|left|named|gone)$/,
  ];

  it('nothing but constants is ever put into the text of a statement', () => {
    const found = putInto(/^(store|limits|jobs|read-model|wiring|cli)\//, WORDS);
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((one) => !OURS.some((pattern) => pattern.test(one)))).toEqual([]);
  });

  const EVIL = [
    "'; DROP TABLE accounts; --",
    "' OR '1'='1",
    '%',
    '_',
    '\\',
    '$1',
    '"; SELECT pg_sleep(10); --',
    "E'\\x27'",
    '{"a":1}',
    'x'.repeat(100_000),
  ];
  let database: TestDatabase;
  let live: ReturnType<typeof liveOn>;
  beforeAll(async () => {
    database = await testDatabase();
    live = liveOn(database);
    await live.live(EVIL.slice(0, -1).map((name, i) => group(name, { name }, { userId: `u-${i}` })));
  });
  afterAll(() => database.drop());
  const read = () =>
    postgresReadModel(
      database.db,
      () => live.now,
      () => live.mappings.signals.hash,
      () => null as never,
      () => null,
    );

  it.each(EVIL)(
    '%.40s is a key, a name, a search, a tier, an owner and an error id like any other',
    async (text) => {
      const model = live.mappings.champion.model;
      const all = { model, tier: null, q: null, owner: null, limit: 50, cursor: null };
      const found = await read().listAccounts({ ...all, q: text });
      expect(found.accounts.map(({ key }) => key)).toEqual(
        text.length > 1000 ? [] : expect.arrayContaining([text]),
      );
      // Wildcards are plain characters: only names that hold them are found.
      expect(found.accounts.every(({ key }) => key.toLowerCase().includes(text.toLowerCase()))).toBe(true);
      expect((await read().findAccount(text))?.key ?? null).toBe(text.length > 1000 ? null : text);
      expect((await read().listAccounts({ ...all, tier: text })).accounts).toEqual([]);
      expect((await read().listAccounts({ ...all, owner: text })).accounts).toEqual([]);
      expect(
        (await read().listAccounts({ ...all, model: text })).accounts.every(({ value }) => value === null),
      ).toBe(true);
      expect(await showError(database.db, text)).toBeNull();
      expect(await retryParked(database.db, { code: text }, 0, { author: text, reason: text })).toBe(0);
      expect(isCursor(text)).toBe(false);
    },
  );
});

describe('SOQL', () => {
  const WORDS = /\b(SELECT|FROM|WHERE|IN \(|LIKE|ORDER BY)\b/;
  const OURS = [
    / (literal|inList|containing|ours|condition|select)\(/,
    // Names of fields: of the mapping, which its schema holds to letters, digits and underscores, or of our own lists.
    / (matching\.key|keyField|field|sobject|names\.join\(', '\)|fields\.join\(', '\)|\[\.\.\.fields\]\.join\(', '\)|\['Id', \.\.\.names\]\.join\(', '\))$/,
    / [A-Z][A-Z_]*$/,
    /^crm\/salesforce\/opportunities\.ts (when|where)$/,
    // Conditions of the same file, whose own parts are looked at here as well.
    /^crm\/salesforce\/activity-queries\.ts (where|behind)$/,
    /^crm\/salesforce\/soql\.ts (select|escaped\(text\).*|field|values\.map\(literal\)\.join\(', '\))$/s,
  ];

  it('a value stands in a query only as a literal that it cannot end', () => {
    const found = putInto(/^crm\/salesforce\//, WORDS);
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter((one) => !OURS.some((pattern) => pattern.test(one)))).toEqual([]);
  });

  /** A reader of SOQL literals of its own: where the text that begins at 0 ends, and what is in it. */
  function firstLiteral(soql: string): { text: string; rest: string } {
    let text = '';
    for (let i = 1; i < soql.length; i++) {
      const mark = soql[i];
      if (mark === "'") {
        return { text, rest: soql.slice(i + 1) };
      }
      const next = soql[i + 1] ?? '';
      text += mark === '\\' ? ({ n: '\n', r: '\r' }[next] ?? next) : mark;
      i += mark === '\\' ? 1 : 0;
    }
    return { text, rest: 'it never ends' };
  }

  it.each([
    "x' OR Name != '",
    "\\' OR Name != '",
    "x\\\\' OR Id != null --",
    'x\n\r\n',
    "'",
    '\\',
    '\u2028',
    "a@b.c' AND (SELECT Id FROM User) != '",
    '%_%',
  ])('%j stays inside its literal, and is read as itself', (text) => {
    expect(firstLiteral(literal(text))).toEqual({ text, rest: '' });
    expect(firstLiteral(containing(text)).rest).toBe('');
    expect(inList('Id', [text, text])).toBe(`Id IN (${literal(text)}, ${literal(text)})`);
    expect(opportunitiesFrom({ at: 0, id: text }, new Set())).toContain(`Id > ${literal(text)})`);
  });

  it.each(['Id FROM User WHERE Id != null', "Name', Id", 'Name,Id', 'a.b', ''])(
    'regression: a field of the mapping named %j is refused by name, before any query',
    (field) => {
      const text = `crm: salesforce\nAccount:\n  match: [link]\n  fields:\n    ${JSON.stringify(field)}: { from: score.value, type: number }\n`;
      const found = readMapping('salesforce', 'salesforce.yaml', text);
      expect(
        found.ok ? [] : found.error.filter(({ path }) => path === `Account.fields.${field}`),
      ).not.toEqual([]);
    },
  );
});
