import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { type Db, inTransaction, openPool, type Tx } from '../../src/store/db.ts';
import { type ClaimedEvent, claimInbox, leaveInbox } from '../../src/store/fold/claim.ts';
import { postgresJournal } from '../../src/store/journal.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event } from '../support/event.ts';

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
beforeEach(() => database.db.query('TRUNCATE event_keys, events, inbox'));

const TRIGGER = 'Limit Breach Attempted';

/** Journaled one after the other, so that the order is theirs. */
async function waiting(...batches: ProductEvent[][]): Promise<void> {
  const journal = postgresJournal(writer, ({ name }) => name === TRIGGER);
  for (const batch of batches) {
    await journal.append(batch.map((one) => ({ type: 'event', event: one })));
  }
}

const many = (count: number, of: (i: number) => Partial<ProductEvent>) =>
  Array.from({ length: count }, (_, i) => event(of(i)));

async function take(tx: Tx, limit: number): Promise<ClaimedEvent[]> {
  const claimed = await claimInbox(tx, limit);
  await leaveInbox(tx, claimed);
  return claimed;
}

/** How many batches of `limit` it takes until an event for which `holds` is claimed; its own included. */
async function batchesUntil(limit: number, holds: (event: ProductEvent) => boolean): Promise<number> {
  for (let batch = 1; ; batch++) {
    const claimed = await inTransaction(database.db, (tx) => take(tx, limit));
    if (claimed.length === 0 || claimed.some((one) => holds(one.event))) {
      return claimed.length === 0 ? Number.POSITIVE_INFINITY : batch;
    }
  }
}

const flood = (name: string, count = 400) => many(count, (i) => ({ userId: `u-${i}`, name }));

describe('a flood from one source', () => {
  it('holds up no event of another: it is in the next batch, however many wait before it', async () => {
    await waiting(flood('Signed In'), [event({ vendor: 'amplitude', userId: 'ann' })]);
    expect(await batchesUntil(20, ({ userId }) => userId === 'ann')).toBe(1);
  });

  it('of triggers holds up no trigger of another, and nothing else either', async () => {
    const late = [
      event({ vendor: 'amplitude', userId: 'ann', name: TRIGGER }),
      event({ vendor: 'amplitude', userId: 'bob' }),
    ];
    await waiting(flood(TRIGGER), late);
    const claimed = await inTransaction(database.db, (tx) => take(tx, 20));
    expect(claimed.map(({ event: { userId } }) => userId)).toEqual(expect.arrayContaining(['ann', 'bob']));
  });

  it('gets the places that no other needs', async () => {
    await waiting(flood('Signed In'), [event({ vendor: 'amplitude' })]);
    const claimed = await inTransaction(database.db, (tx) => take(tx, 100));
    expect(claimed).toHaveLength(100);
  });
});

describe('an account with more waiting than a batch holds', () => {
  const large = () => many(300, (i) => ({ userId: `u-${i}`, accountId: 'acct-large' }));
  const trigger = (accountId: string, userId: string) => event({ userId, accountId, name: TRIGGER });

  it('holds up no trigger of another account', async () => {
    await waiting(
      large(),
      [trigger('acct-large', 'eve')],
      [event({ userId: 'ann' })],
      [trigger('acct-7', 'bob')],
    );
    expect(await batchesUntil(40, ({ userId }) => userId === 'bob')).toBe(1);
  });

  it('has its trigger folded after all that waited before it', async () => {
    await waiting(flood('Signed In', 200), large(), [trigger('acct-large', 'eve')]);
    const seen: string[] = [];
    await batchesUntil(40, ({ userId, accountId }) => {
      seen.push(`${accountId} ${userId}`);
      return userId === 'eve';
    });
    expect(seen.filter((one) => /^acct-large u-/.test(one))).toHaveLength(300);
  });

  it('is folded before what others, without a trigger, have waiting', async () => {
    await waiting(
      flood('Signed In'),
      many(12, () => ({ userId: 'eve' })),
      [event({ userId: 'eve', name: TRIGGER })],
    );
    expect(await batchesUntil(40, ({ name }) => name === TRIGGER)).toBe(1);
  });
});

it('two workers at once claim everything once between them', async () => {
  await waiting(
    flood('Signed In', 150),
    flood(TRIGGER, 50),
    many(50, () => ({ vendor: 'amplitude' })),
  );
  const worker = async (): Promise<number[]> => {
    const claimed = await inTransaction(database.db, (tx) => take(tx, 15));
    return claimed.length === 0 ? [] : [...claimed.map(({ seq }) => seq), ...(await worker())];
  };
  const taken = (await Promise.all([worker(), worker()])).flat();
  expect([taken.length, new Set(taken).size]).toEqual([250, 250]);
});
