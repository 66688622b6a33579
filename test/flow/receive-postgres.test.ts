import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Journal } from '../../src/events/journal.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Receiver, segmentHeaders, startReceiver } from '../support/receiver.ts';

/** From a signed request to rows in PostgreSQL, with the texts and the failures that PostgreSQL knows. */
let database: TestDatabase;
let receiver: Receiver<Journal>;
beforeAll(async () => {
  database = await testDatabase();
  receiver = await startReceiver({ journal: postgresJournal(database.db) });
});
afterAll(async () => {
  await receiver.close();
  await database.drop();
});

const element = (messageId: string, more: string) =>
  `{"type":"track","event":"Signed In","userId":"u-1","timestamp":"2026-03-02T11:00:00Z","messageId":"${messageId}"${more}}`;
const post = (body: string, signed = body) =>
  receiver.send('/webhooks/segment', body, { headers: segmentHeaders(signed) });
const stored = async (id: string) =>
  (await database.db.query(`SELECT event FROM events WHERE event->>'id' = $1`, [id])).rows.map(
    (row) => row.event,
  );

describe('receiving into PostgreSQL', () => {
  const accepted: [string, string, object][] = [
    [
      'NUL and lone surrogates in texts and keys',
      ',"properties":{"a\\u0000":"b\\ud83d"}',
      { 'a\uFFFD': 'b\uFFFD' },
    ],
    [
      'polluting keys',
      ',"properties":{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"own":1}',
      { own: 1 },
    ],
    [
      'numbers as text and numbers out of range',
      ',"properties":{"n":"12","big":1e999}',
      { n: '12', big: null },
    ],
    [
      'quotes and backslashes',
      ',"properties":{"q":"\'\\"; DROP TABLE events; --\\\\"}',
      { q: '\'"; DROP TABLE events; --\\' },
    ],
  ];
  it.each(accepted)('%s', async (title, more, properties) => {
    const id = title.slice(0, 8);
    expect((await post(element(id, more))).status).toBe(200);
    expect(await stored(id)).toMatchObject([{ properties }]);
  });

  it('10,000 properties', async () => {
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, i]));
    expect((await post(element('many', `,"properties":${JSON.stringify(properties)}`))).status).toBe(200);
    expect(await stored('many')).toMatchObject([{ properties }]);
  });

  it('I9: what is refused is in quarantine with its reason; the rest of the batch is stored', async () => {
    const good = element('good', '');
    const bad = [
      element('bad-id', ',"userId":"u\\u0000"'),
      element('bad-time', ',"timestamp":"9999-01-01T00:00:00Z"'),
      element('bad-depth', `,"properties":${'{"a":'.repeat(50)}1${'}'.repeat(50)}`),
    ];
    expect((await post(`[${[good, ...bad].join(',')}]`, good)).status).toBe(200);
    expect(await stored('good')).toHaveLength(1);
    const { rows } = await database.db.query('SELECT code, message_id FROM quarantine ORDER BY id');
    const reasons = Object.fromEntries(rows.map((row) => [row.message_id, row.code]));
    expect(reasons).toMatchObject({
      'bad-id': 'bad_text',
      'bad-time': 'from_the_future',
      'bad-depth': 'too_deep',
    });
  });

  it('I2: a hundred requests at once with the same event count once', async () => {
    const body = element('once', '');
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await stored('once')).toHaveLength(1);
  });

  it('I1: 503 while the database is away, 200 again without a restart, and nothing acknowledged is lost', async () => {
    const statuses: number[] = [];
    await withoutDatabase(async () => {
      const down = await post(element('down', ''));
      statuses.push(down.status);
      expect(down.headers.get('retry-after')).not.toBeNull();
    });
    statuses.push((await post(element('down', ''))).status);
    expect(statuses).toEqual([503, 200]);
    expect(await stored('down')).toHaveLength(1);
  });
});

/** Runs `during` while the test's database refuses every connection. */
async function withoutDatabase(during: () => Promise<void>): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  try {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await during();
  } finally {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await admin.end();
  }
}
