import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { DAY } from '../../src/shared/time.ts';
import { type Db, inTransaction, openPool } from '../../src/store/db.ts';
import { type ClaimedEvent, claimInbox, leaveInbox } from '../../src/store/fold/claim.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, NOON } from '../support/event.ts';

let database: TestDatabase;
/** One connection: each has numbers in reserve, so that two would not number events in the order of their coming. */
let writer: Db;
beforeAll(async () => {
  database = await testDatabase();
  writer = openPool(database.url, 1);
});
afterAll(async () => {
  await writer.end();
  await database.drop();
});
beforeEach(() => database.db.query('TRUNCATE event_keys, events, inbox_runs'));

/** Journaled one after the other, so that the order is theirs. */
async function waiting(...batches: ProductEvent[][]): Promise<void> {
  const journal = postgresJournal(writer);
  for (const batch of batches) {
    await appendEntries(
      journal,
      batch.map((one) => ({ type: 'event', event: one })),
    );
  }
}

const many = (count: number, of: (i: number) => Partial<ProductEvent>) =>
  Array.from({ length: count }, (_, i) => event(of(i)));

const take = (limit: number) => inTransaction(database.db, (tx) => claimInbox(tx, limit));
const usersOf = (claimed: readonly ClaimedEvent[]) => claimed.map(({ event: { userId } }) => userId);

interface Waiting {
  class: string;
  n: number;
}

/** The runs that wait, in their order. */
async function runs(): Promise<Waiting[]> {
  const rows = await database.db.query<Waiting>(
    'SELECT class, (last - first + 1)::integer AS n FROM inbox_runs ORDER BY class, first',
  );
  return rows.rows;
}

/** How many batches of `limit` it takes until an event for which `holds` is claimed; its own included. */
async function batchesUntil(limit: number, holds: (event: ProductEvent) => boolean): Promise<number> {
  for (let batch = 1; ; batch++) {
    const claimed = await take(limit);
    if (claimed.length === 0 || claimed.some((one) => holds(one.event))) {
      return claimed.length === 0 ? Number.POSITIVE_INFINITY : batch;
    }
  }
}

const flood = (count = 400) => many(count, (i) => ({ userId: `u-${i}` }));
/** Of yesterday, received only now. */
const late = (userId: string) => event({ userId, at: NOON - DAY, receivedAt: NOON });

describe('what waits', () => {
  it('is one row for each run of an append: of one vendor, late or not', async () => {
    await waiting([...flood(40), event({ vendor: 'amplitude' }), late('old')]);
    expect(await runs()).toEqual([
      { class: 'S', n: 1 },
      { class: 'a', n: 1 },
      { class: 's', n: 40 },
    ]);
  });

  it('I2: holds an event that came twice once', async () => {
    const twice = event({ userId: 'ann' });
    await waiting([twice, event({ userId: 'bob' })], [twice]);
    expect(usersOf(await take(10)).sort()).toEqual(['ann', 'bob']);
    expect(await runs()).toEqual([]);
  });

  it('has its beginning taken where it is longer than a batch, and the rest later, in the order of coming', async () => {
    await waiting(flood(40));
    expect(usersOf(await take(15))).toHaveLength(15);
    expect(await runs()).toEqual([{ class: 's', n: 25 }]);
    const rest = [...(await take(15)), ...(await take(15))];
    expect([rest.length, await runs()]).toEqual([25, []]);
  });

  it('is there again when whoever took it failed', async () => {
    await waiting(flood(10));
    const failing = inTransaction(database.db, async (tx) => {
      await claimInbox(tx, 4);
      throw new Error('killed');
    });
    await expect(failing).rejects.toThrow('killed');
    expect(await runs()).toEqual([{ class: 's', n: 10 }]);
  });

  it('I12: is nothing where the journal has the event no more, and keeps nobody else from being taken', async () => {
    await waiting(flood(10), [event({ userId: 'ann' })]);
    await database.db.query(`DELETE FROM events WHERE event ->> 'userId' <> 'ann'`);
    expect(usersOf(await take(5))).toEqual(['ann']);
  });

  it('loses single events from the middle of a run, and the others go on waiting', async () => {
    await waiting(flood(10));
    const rows = await database.db.query<ClaimedEvent>('SELECT seq, day, event FROM events ORDER BY seq');
    const gone = [rows.rows[0], rows.rows[4], rows.rows[5], rows.rows[9]].filter((row) => row !== undefined);
    await inTransaction(database.db, (tx) => leaveInbox(tx, gone));
    expect(await runs()).toEqual([
      { class: 's', n: 3 },
      { class: 's', n: 3 },
    ]);
    const left = (await take(10)).map(({ seq }) => seq);
    expect(left).toEqual(rows.rows.filter((row) => !gone.includes(row)).map(({ seq }) => seq));
  });
});

describe('a flood', () => {
  it('from one source holds up no event of another: it is in the next batch, however many wait before it', async () => {
    await waiting(flood(), [event({ vendor: 'amplitude', userId: 'ann' })]);
    expect(await batchesUntil(20, ({ userId }) => userId === 'ann')).toBe(1);
  });

  it('of what happened long ago (a backfill) holds up nothing that happened just now', async () => {
    await waiting(
      many(400, (i) => late(`old-${i}`)),
      [event({ userId: 'ann' })],
    );
    expect(await batchesUntil(20, ({ userId }) => userId === 'ann')).toBe(1);
  });

  it('of what happens now leaves its share to a backfill', async () => {
    await waiting(flood(), [late('old')]);
    expect(await batchesUntil(20, ({ userId }) => userId === 'old')).toBe(1);
  });

  it('gets the places that no other needs', async () => {
    await waiting(flood(), [event({ vendor: 'amplitude' })]);
    expect(await take(100)).toHaveLength(100);
  });

  it('of single events, each a run of its own, fills a batch too', async () => {
    await waiting(...flood(60).map((one) => [one]));
    expect(await take(50)).toHaveLength(50);
  });
});

it('workers at once claim everything once between them', async () => {
  await waiting(
    flood(150),
    ...flood(50).map((one) => [one]),
    many(50, () => ({ vendor: 'amplitude' })),
  );
  const worker = async (): Promise<number[]> => {
    const claimed = await take(15);
    return claimed.length === 0 ? [] : [...claimed.map(({ seq }) => seq), ...(await worker())];
  };
  const taken: number[] = [];
  for (let more = 1; more > 0; ) {
    const found = (await Promise.all([worker(), worker()])).flat();
    taken.push(...found);
    more = found.length;
  }
  expect([taken.length, new Set(taken).size, await runs()]).toEqual([250, 250, []]);
});
