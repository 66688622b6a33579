import { parseJson } from '../../src/receive/json-text.ts';
import { translateSegment } from '../../src/receive/segment/translate.ts';
import { isoDate, isoInstant } from '../../src/shared/time.ts';
import { hashId, openPool } from '../../src/store/db.ts';
import { toRow } from '../../src/store/event-row.ts';
import { eventText, type Population } from './traffic.ts';

/**
 * The journal's rows straight into one table of PostgreSQL: no HTTP, no signature, no translation, no inbox, made before the
 * measurement. As large and as many at a time as the service's own groups.
 */
export interface BareOrder {
  run: string;
  from: number;
  events: number;
  population: Population;
}

const ROWS = 1000;
const LANES = 2;
const [url = ''] = process.argv.slice(2);
const db = openPool(url, LANES);
await db.query(
  'CREATE TABLE IF NOT EXISTS bare_events (key uuid PRIMARY KEY, day date, at timestamptz, received_at timestamptz, event json)',
);

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
  const lines = Array.from({ length: events }, (_, i) => {
    const parsed = parseJson(Buffer.from(eventText(run, from + i, now, population)));
    const [entry] = parsed.ok ? translateSegment(parsed.value, arrival, { accountPaths: [] }) : [];
    if (entry?.type !== 'event') {
      throw new Error('the event was not understood');
    }
    return { key: hashId(entry.event.id), text: toRow(entry.event) };
  });
  const groups = Array.from({ length: Math.ceil(events / ROWS) }, (_, i) =>
    lines.slice(i * ROWS, (i + 1) * ROWS),
  );
  return groups.map((group) => [
    `{${group.map(({ key }) => key).join(',')}}`,
    isoDate(now),
    isoInstant(now),
    group.map(({ text }) => text).join('\n'),
  ]);
}

async function insert(groups: string[][]): Promise<number> {
  const began = performance.now();
  const left = [...groups];
  const lane = async () => {
    for (let values = left.pop(); values !== undefined; values = left.pop()) {
      await db.query({
        name: 'bare',
        text: `INSERT INTO bare_events SELECT key, $2::date, $3::timestamptz, $3::timestamptz, event::json
               FROM ROWS FROM (unnest($1::uuid[]), string_to_table($4, E'\\n')) AS row (key, event)`,
        values,
      });
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
