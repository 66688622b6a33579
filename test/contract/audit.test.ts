import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteConfiguration } from '../../src/store/configurations.ts';
import { inTransaction } from '../../src/store/db.ts';
import { dismissError, errorDesk, retryParked } from '../../src/store/errors.ts';
import { keepQuarantined } from '../../src/store/keep-quarantined.ts';
import { savePublication } from '../../src/store/models.ts';
import { listAudit } from '../../src/store/read/audit.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { NOON } from '../support/event.ts';

const BY = { author: 'ann', reason: 'ticket 7' };
const ALL = { since: null, what: null, account: null, decided: false, limit: 100 };

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

async function decided(): Promise<string[]> {
  const lines = await listAudit(database.db, { ...ALL, decided: true });
  return lines.map(({ what, author, reason }) => `${what} by ${author}: ${reason}`);
}

describe('the audit', () => {
  it('says who tried again and who dismissed what, and nothing where nothing came of it', async () => {
    const { db } = database;
    await retryParked(db, {}, NOON, BY);
    expect(await decided()).toEqual([]);
    await db.query(
      `INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at)
       VALUES (gen_random_uuid(), 'k', 's', 'salesforce', 'fields', gen_random_uuid(), 'parked', '', '', '{}', now(), now(), now())`,
    );
    await retryParked(db, { code: 'none' }, NOON, BY);
    await errorDesk(
      db,
      () => NOON,
      () => {},
    ).retry({});
    const element = {
      vendor: 'segment',
      route: 'r',
      code: 'no_ids',
      reason: '',
      raw: '{}',
      id: null,
      receivedAt: NOON,
    } as const;
    await inTransaction(db, (tx) => keepQuarantined(tx, [element]));
    await dismissError(db, 'event-1', NOON, BY);
    await dismissError(db, 'event-1', NOON, BY);
    expect(await decided()).toEqual(['dismissed by ann: ticket 7', 'tried again by api: ']);
  });

  it('says who published; what an edited file changed has no author', async () => {
    const said = { champion: 'm', version: 'v', shadows: [], before: null };
    await inTransaction(database.db, async (tx) => {
      await savePublication(tx, { how: 'publish', ...BY, ...said }, NOON);
      await savePublication(tx, { how: 'file', author: null, reason: null, ...said }, NOON + 1);
    });
    expect(await decided()).toEqual(['model published by ann: ticket 7']);
    expect((await listAudit(database.db, ALL)).map(({ author }) => author)).toEqual([null, 'ann']);
  });

  it('names the files of a configuration that changed, once for all processes', async () => {
    const { db } = database;
    await noteConfiguration(db, { 'a.yaml': '1', 'b.yaml': '1' }, NOON);
    await Promise.all([1, 2, 3].map(() => noteConfiguration(db, { 'a.yaml': '2', 'c.yaml': '1' }, NOON + 1)));
    const lines = await listAudit(db, { ...ALL, what: 'Configuration' });
    expect(lines.map(({ detail }) => detail.changed)).toEqual([
      ['a.yaml', 'b.yaml', 'c.yaml'],
      ['(first start)'],
    ]);
    expect(await listAudit(db, { ...ALL, since: new Date(NOON + 1).toISOString() })).toHaveLength(1);
  });
});
