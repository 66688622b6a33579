import { fromRow } from '../../src/store/event-row.ts';
import { postgresJournal } from '../../src/store/journal.ts';
import { testDatabase } from '../support/database.ts';
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
