import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEntries } from '../../src/events/journal.ts';
import { openPool } from '../../src/store/db.ts';
import { fromRow } from '../../src/store/event-row.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event } from '../support/event.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { journalContract } from './journal.ts';

journalContract('in memory', async () => {
  const journal = memoryJournal();
  return {
    journal,
    events: async () => journal.events,
    quarantined: async (wanted) =>
      journal.quarantined
        .filter(({ code }) => code === wanted)
        .map(({ code, reason, raw, id, route }) => ({ code, reason, raw, id, route })),
    close: async () => undefined,
  };
});

journalContract('PostgreSQL', async () => {
  const { db, drop } = await testDatabase();
  return {
    journal: postgresJournal(db),
    events: async () =>
      (await db.query('SELECT event FROM events ORDER BY seq')).rows.map((row) => fromRow(row.event)),
    quarantined: async (code) => {
      const sql =
        'SELECT code, reason, raw, message_id AS id, route FROM quarantine WHERE code = $1 ORDER BY id';
      return (await db.query(sql, [code])).rows;
    },
    close: drop,
  };
});

describe('I1: a commit waits for the disk, even where the database is set not to', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    // A trigger that fires at the commit itself sees what the commit goes by.
    await database.db.query(`
      CREATE TABLE seen (synchronous text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON event_keys DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION see();
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`);
  });
  afterAll(() => database.drop());

  it.each([
    ['events alone, which are one statement', {}],
    ['events with a twin, which are several', { twin: 'client-9' }],
  ])('%s', async (_title, over) => {
    await database.db.query('TRUNCATE seen');
    const later = openPool(database.url, 1);
    await appendEntries(postgresJournal(later), [{ type: 'event', event: event(), ...over }]);
    expect((await later.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }]);
    await later.end();
    const seen = await database.db.query('SELECT DISTINCT synchronous FROM seen');
    expect(seen.rows).toEqual([{ synchronous: 'on' }]);
  });
});
