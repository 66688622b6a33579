import { parseJson } from '../../src/receive/json-text.ts';
import { translateSegment } from '../../src/receive/segment/translate.ts';
import { isoDate, isoInstant } from '../../src/shared/time.ts';
import { hashId, lines, openPool, plainArray } from '../../src/store/db.ts';
import { toRow } from '../../src/store/event-row.ts';
import { eventText, type Population } from './traffic.ts';

/**
 * Rows straight into PostgreSQL: no HTTP, no signature, no translation, made before the measurement, as many at a time as in the
 * service's own groups, several in a statement. `journal`: the events alone, in one table with a primary key. `all`: every row that
 * the service writes of an event (its key, the event, the run in the inbox) into tables with the same indexes, in the cheapest form
 * that we know: columns as arrays, read by one statement. `values`: the same rows as INSERT ... VALUES with a parameter for each
 * value, in a transaction, which is what a multi-row insert usually means.
 */
export interface BareOrder {
  run: string;
  from: number;
  events: number;
  population: Population;
}

const ROWS = 1000;
const LANES = 2;
const [url = '', what = 'journal'] = process.argv.slice(2);
const db = openPool(url, LANES);

const INCOMING = `SELECT key, $2::date AS day, $3::timestamptz AS at, event::json AS event FROM ROWS FROM (
    unnest($1::uuid[]), string_to_table($4, E'\\n')
  ) AS row (key, event)`;
const INSERTS = {
  journal: {
    tables:
      'CREATE TABLE bare_events (key uuid PRIMARY KEY, day date, at timestamptz, received_at timestamptz, event json)',
    insert: `INSERT INTO bare_events SELECT key, day, at, at, event FROM (${INCOMING}) AS incoming`,
  },
  all: {
    tables: `CREATE SCHEMA bare;
      CREATE TABLE bare.event_keys (LIKE public.event_keys INCLUDING ALL);
      CREATE TABLE bare.events (LIKE public.events INCLUDING ALL);
      CREATE TABLE bare.inbox_runs (LIKE public.inbox_runs INCLUDING ALL)`,
    insert: `WITH incoming AS MATERIALIZED (SELECT nextval('event_seq') AS seq, rows.* FROM (${INCOMING}) AS rows),
      keys AS (INSERT INTO bare.event_keys (key, day) SELECT key, day FROM incoming),
      inbox AS (INSERT INTO bare.inbox_runs (class, first, last, day, received_at)
        SELECT 's', min(seq), max(seq), min(day), min(at) FROM incoming)
      INSERT INTO bare.events (day, seq, key, at, received_at, event) SELECT day, seq, key, at, at, event FROM incoming`,
  },
  values: {
    tables: `CREATE SCHEMA bare_values;
      CREATE TABLE bare_values.event_keys (LIKE public.event_keys INCLUDING ALL);
      CREATE TABLE bare_values.events (LIKE public.events INCLUDING ALL);
      CREATE TABLE bare_values.inbox_runs (LIKE public.inbox_runs INCLUDING ALL)`,
    insert: '',
  },
}[what as 'journal' | 'all' | 'values'];
await db.query(INSERTS.tables);

function rowsOf({ run, from, events, population }: BareOrder): string[][] {
  const now = Date.now();
  const arrival = {
    vendor: 'segment' as const,
    route: 'bench',
    receivedAt: now,
    horizonDays: 400,
    skew: 0,
    direct: false,
  };
  const rows = Array.from({ length: events }, (_, i) => {
    const parsed = parseJson(Buffer.from(eventText(run, from + i, now, population)));
    const [entry] = parsed.ok ? translateSegment(parsed.value, arrival, { accountPaths: [] }) : [];
    if (entry?.type !== 'event') {
      throw new Error('the event was not understood');
    }
    return { key: hashId(entry.event.id), text: toRow(entry.event) };
  });
  const groups = Array.from({ length: Math.ceil(events / ROWS) }, (_, i) =>
    rows.slice(i * ROWS, (i + 1) * ROWS),
  );
  return groups.map((group) => [
    plainArray(group.map(({ key }) => key)),
    isoDate(now),
    isoInstant(now),
    lines(group.map(({ text }) => text)),
  ]);
}

/** `($1, $2), ($3, $4)`; `before`: what stands before the parameters of each row. */
function tuples(rows: number, columns: number, before = ''): string {
  const row = (r: number) => Array.from({ length: columns }, (_, c) => `$${r * columns + c + 1}`).join(', ');
  return Array.from({ length: rows }, (_, r) => `(${before}${row(r)})`).join(', ');
}

/** One group, as `rowsOf` wrote it. */
async function insertValues([keys = '', day = '', at = '', events = '']: string[]): Promise<void> {
  const ids = keys.slice(1, -1).split(',');
  const texts = events.split('\n');
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    await client.query({
      name: `keys ${ids.length}`,
      text: `INSERT INTO bare_values.event_keys (key, day) VALUES ${tuples(ids.length, 2)}`,
      values: ids.flatMap((id) => [id, day]),
    });
    await client.query({
      name: `events ${ids.length}`,
      text: `INSERT INTO bare_values.events (seq, day, key, at, received_at, event) VALUES ${tuples(ids.length, 5, "nextval('event_seq'), ")}`,
      values: ids.flatMap((id, i) => [day, id, at, at, texts[i]]),
    });
    await client.query(
      `INSERT INTO bare_values.inbox_runs (class, first, last, day, received_at) VALUES ('s', nextval('event_seq'), nextval('event_seq'), $1, $2)`,
      [day, at],
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function insert(groups: string[][]): Promise<number> {
  const began = performance.now();
  const left = [...groups];
  const lane = async () => {
    for (let values = left.pop(); values !== undefined; values = left.pop()) {
      await (what === 'values'
        ? insertValues(values)
        : db.query({ name: 'bare', text: INSERTS.insert, values }));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return (performance.now() - began) / 1000;
}

let prepared: string[][] = [];
process.on('message', async (told: BareOrder | 'insert') => {
  if (told === 'insert') {
    process.send?.(await insert(prepared));
  } else {
    prepared = rowsOf(told);
    process.send?.('prepared');
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ url });
