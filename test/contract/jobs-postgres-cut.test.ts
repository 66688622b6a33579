import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { openBackend } from '../../src/jobs/backend.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

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

/** What a client of PostgreSQL says last; and what it is told first, before the process that serves it. */
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);
const KEY = Buffer.from([0x4b, 0, 0, 0, 12]);

/** A way to the database on which it ends each connection in the moment in which the client is about to end it. */
async function endingFirst(
  to: TestDatabase,
): Promise<{ url: string; cuts: () => number; close: () => void }> {
  let cuts = 0;
  const { host, port, user, password, database: name } = new pg.Client({ connectionString: to.url });
  const place = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const database = connect(place);
    let pid = 0;
    database.on('data', (said) => {
      const key = said.indexOf(KEY);
      pid = pid === 0 && key >= 0 ? said.readInt32BE(key + KEY.length) : pid;
      client.write(said);
    });
    database.on('end', () => client.end());
    client.on('data', (said) => {
      if (said.equals(TERMINATE)) {
        cuts += 1;
        // Those that BullMQ ends last may come when the test is over.
        to.db.query('SELECT pg_terminate_backend($1)', [pid]).catch(() => {});
      } else {
        database.write(said);
      }
    });
    client.on('error', () => database.destroy());
    database.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const login = `${user}:${encodeURIComponent(String(password ?? ''))}`;
  const url = `postgres://${login}@127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  return { url, cuts: () => cuts, close: () => server.close() };
}

it('a database that goes away while BullMQ closes does not end the process', async () => {
  const database = await testDatabase();
  const way = await endingFirst(database);
  const backend = openBackend({ kind: 'postgres', url: way.url }, () => {});
  const seen: string[] = [];
  await backend.ready();
  const worker = backend.work(async (name) => void seen.push(name), 1);
  await backend.add('fold', 0);
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['fold']);
  await worker.close();
  await backend.close();
  expect(way.cuts()).toBeGreaterThan(0);
  way.close();
  await database.drop();
});
