import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FactRow } from '../../src/accounts/fact-row.ts';
import type { Facts } from '../../src/accounts/facts.ts';
import { hashId } from '../../src/store/db.ts';
import { attachFacts, type FactLookup } from '../../src/store/facts/attach.ts';
import { type FactFile, importFacts } from '../../src/store/facts/import.ts';
import { loadStates } from '../../src/store/read/accounts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { group, identify } from '../support/event.ts';
import { factsFile } from '../support/facts.ts';
import { type Live, liveOn } from '../support/live.ts';

let database: TestDatabase;
let world: Live;

const { reader } = factsFile();
const lookup: FactLookup = { sources: ['first', 'second'], reader };

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await world.empty();
  await database.db.query('TRUNCATE fact_rows');
  await database.db.query(`DELETE FROM settings WHERE name LIKE 'facts:%'`);
});

type Rows = Record<string, Facts>;

function file(source: string, key: 'domain' | 'account', rows: Rows, wrong: string[] = []): FactFile {
  const good = Object.entries(rows).map(([name, facts], i) => ({
    line: i + 2,
    row: { name, facts } as FactRow,
  }));
  const bad = wrong.map((why, i) => ({ line: 100 + i, wrong: why }));
  return {
    source,
    key,
    fingerprint: async () => JSON.stringify([rows, wrong]),
    lines: async function* () {
      yield* [...good, ...bad];
    },
  };
}

const take = (...files: FactFile[]) => importFacts(database.db, files, { act: false, realNow: world.now });

async function csvOf(account: string): Promise<Facts | undefined> {
  const id = hashId(account);
  const states = await loadStates(database.db, [id], lookup);
  return states.get(id)?.facts?.csv;
}

async function dirty(): Promise<{ key: string; act: boolean }[]> {
  const rows = await database.db.query<{ key: string; act: boolean }>(
    'SELECT key, act FROM dirty_accounts JOIN accounts ON id = account ORDER BY key',
  );
  return rows.rows;
}

const joins = (account: string, email: string, traits = {}) => [
  identify({ email }, { userId: email, email }),
  group(account, traits, { userId: email }),
];

describe('facts from CSV files', () => {
  it('a row that came before its account counts when the account appears', async () => {
    await take(file('first', 'domain', { 'acme.com': { employees: 240 } }));
    await world.live(joins('acct-1', 'ada@acme.com'));
    expect(await csvOf('acct-1')).toEqual({ employees: 240 });
  });

  it('an account is found by its key, by a key it had before, and by its domain', async () => {
    await world.live([identify({ email: 'ada@acme.com' }, { userId: 'ada', email: 'ada@acme.com' })]);
    await take(
      file('first', 'account', { 'acme.com': { csm: 'Grace' } }),
      file('second', 'domain', { 'acme.com': { employees: 5 } }),
    );
    expect(await csvOf('acme.com')).toEqual({ csm: 'Grace', employees: 5 });
    await world.live([group('acct-1', {}, { userId: 'ada' })]);
    expect(await csvOf('acct-1')).toEqual({ csm: 'Grace', employees: 5 });
  });

  it('per trait the first source counts', async () => {
    await world.live(joins('acct-1', 'ada@acme.com'));
    await take(
      file('second', 'account', { 'acct-1': { employees: 1, industry: 'Paper' } }),
      file('first', 'domain', { 'acme.com': { employees: 2 } }),
    );
    expect(await csvOf('acct-1')).toEqual({ employees: 2, industry: 'Paper' });
  });

  it('only accounts whose row changed are scored again, and they do not act: the operator is no behaviour (decision 11)', async () => {
    await world.live(
      joins('acct-1', 'ada@one.com'),
      joins('acct-2', 'bob@two.com'),
      joins('acct-3', 'eve@three.com'),
    );
    await take(
      file('first', 'domain', {
        'one.com': { employees: 1 },
        'two.com': { employees: 2 },
        'three.com': { employees: 3 },
      }),
    );
    expect(await dirty()).toEqual(['acct-1', 'acct-2', 'acct-3'].map((key) => ({ key, act: false })));
    await world.score();
    const [again] = await take(
      file('first', 'domain', { 'one.com': { employees: 1 }, 'two.com': { employees: 20 } }, ['x']),
    );
    expect(again).toEqual({
      source: 'first',
      state: 'imported',
      rows: 2,
      changed: 1,
      removed: 1,
      accounts: 2,
      bad: [{ line: 100, why: 'x' }],
      badLines: 1,
    });
    expect((await dirty()).map(({ key }) => key)).toEqual(['acct-2', 'acct-3']);
    expect([await csvOf('acct-2'), await csvOf('acct-3')]).toEqual([{ employees: 20 }, undefined]);
  });

  it('with --act what the new facts alone made is acted on', async () => {
    await world.live(joins('acct-1', 'ada@one.com'));
    await importFacts(database.db, [file('first', 'domain', { 'one.com': { employees: 1 } })], {
      act: true,
      realNow: world.now,
    });
    expect(await dirty()).toEqual([{ key: 'acct-1', act: true }]);
  });

  it('a file that has not changed is not read again', async () => {
    const rows = file('first', 'domain', { 'one.com': { employees: 1 } });
    const unreadable: FactFile = {
      ...rows,
      lines: () => {
        throw new Error('read again');
      },
    };
    await take(rows);
    expect((await take(unreadable)).map(({ state }) => state)).toEqual(['unchanged']);
  });

  it('a file that ends in the middle of a line takes nothing away, and is read again next time', async () => {
    const whole = file('first', 'domain', { 'one.com': { employees: 1 }, 'two.com': { employees: 2 } });
    await take(whole);
    const broken: FactFile = {
      ...whole,
      fingerprint: async () => 'broken',
      lines: async function* () {
        yield { line: 2, row: { name: 'one.com', facts: { employees: 10 } } };
        yield { line: 3, wrong: 'a quote', last: true as const };
      },
    };
    expect((await take(broken)).map(({ state, removed }) => [state, removed])).toEqual([['broken', 0]]);
    const rows = await database.db.query('SELECT name, facts FROM fact_rows ORDER BY name');
    expect(rows.rows).toEqual([
      { name: 'one.com', facts: { employees: 10 } },
      { name: 'two.com', facts: { employees: 2 } },
    ]);
    expect((await take(broken)).map(({ state }) => state)).toEqual(['broken']);
  });

  it('an import that broke off is done again', async () => {
    const rows = file('first', 'domain', { 'one.com': { employees: 1 } });
    const breaking: FactFile = {
      ...rows,
      lines: async function* () {
        yield* rows.lines();
        throw new Error('the disk is gone');
      },
    };
    await expect(take(breaking)).rejects.toThrow('the disk is gone');
    expect((await take(rows)).map(({ state, rows: read }) => [state, read])).toEqual([['imported', 1]]);
  });

  it('a file that facts.yaml no longer names says nothing any more', async () => {
    await world.live(joins('acct-1', 'ada@one.com'));
    await take(file('first', 'domain', { 'one.com': { employees: 1 } }));
    await world.score();
    await take();
    expect(await dirty()).toEqual([{ key: 'acct-1', act: false }]);
    expect(await csvOf('acct-1')).toBeUndefined();
  });

  it('100,000 rows come in within seconds, and one row that stands twice counts as it stands last', async () => {
    const many: FactFile = {
      source: 'first',
      key: 'domain',
      fingerprint: async () => 'many',
      lines: async function* () {
        for (let i = 0; i < 100_000; i++) {
          yield { line: i, row: { name: `d${i % 99_999}.com`, facts: { employees: i } } };
        }
      },
    };
    const started = performance.now();
    const [report] = await take(many);
    expect(report?.rows).toBe(100_000);
    expect(performance.now() - started).toBeLessThan(30_000);
    const state = { key: 'x', parts: [] };
    await attachFacts(database.db, new Map([[hashId('x'), state]]), {
      sources: ['first'],
      reader: { ...reader, domainOf: () => 'd0.com' },
    });
    expect(state).toMatchObject({ facts: { csv: { employees: 99_999 } } });
  });
});
