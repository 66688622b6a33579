import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { openBackend } from '../../src/jobs/backend.ts';

let admin: pg.Client;
beforeEach(async () => {
  admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
});
afterEach(() => admin.end());

/** Ends the connection that waits to make the tables of `schema`. */
async function cut(schema: string): Promise<void> {
  for (;;) {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND NOT granted AND objid = hashtext($1)::bigint & 4294967295`,
      [schema],
    );
    if ((rowCount ?? 0) > 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// An 'error' event that nobody listens to ends the process; here it fails the run.
it('a database that goes away while BullMQ makes its tables does not end the process, and the queue works later', async () => {
  const schema = `q_${randomBytes(6).toString('hex')}`;
  await admin.query('BEGIN');
  // The lock under which BullMQ makes them.
  await admin.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [0x42554c4c, schema]);
  const backend = openBackend({ kind: 'postgres', url: inject('postgresUrl'), schema }, () => {});
  const failed = expect(backend.ready()).rejects.toThrow(/terminat/);
  await cut(schema);
  await failed;
  await admin.query('ROLLBACK');
  await backend.ready();
  await backend.add('fold', 0);
  expect(await backend.pending()).toBe(1);
  await backend.close();
});
