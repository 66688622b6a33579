import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries } from '../../../src/store/embedded/binaries.ts';
import { choosePlaces, type Places } from '../../../src/store/embedded/places.ts';
import { postgresUser } from '../../../src/store/embedded/run-as.ts';
import { freePort } from '../../support/ports.ts';

const run = promisify(execFile);
const USER = 'chaos';

/** A PostgreSQL that can be stopped hard and comes back on the same port with what was committed. */
export interface Postgres {
  url: string;
  start(): Promise<void>;
  /** `immediate`: as `pg_ctl -m immediate`; `kill`: SIGKILL of the postmaster. */
  stop(how: 'immediate' | 'kill'): Promise<void>;
  /** One statement on a connection of its own. */
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/** Its settings are the shipped ones: commits reach the disk. */
export async function startPostgres(dir: string): Promise<Postgres> {
  mkdirSync(dir, { recursive: true });
  const user = postgresUser();
  if ('uid' in user) {
    chownSync(dir, user.uid as number, user.gid as number);
  }
  const places = choosePlaces(dir, await findBinaries(), user);
  const port = await freePort();
  const inCluster = { ...user, cwd: '/', env: { ...process.env, LC_ALL: 'C' } };
  const init = [`--pgdata=${places.cluster}`, `--username=${USER}`, '--auth=trust', '--encoding=UTF8'];
  await run(places.binaries.initdb, [...init, '--locale=C', '--no-sync'], inCluster);
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  const control = (...args: string[]) =>
    run(places.binaries.pg_ctl, ['-D', places.cluster, ...args], inCluster);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200`;
  const start = () =>
    untilUp(() => control('-l', places.log, '-w', '-t', '60', '-s', '-o', options, 'start'));
  await start();
  return {
    url,
    start,
    stop: async (how) => {
      if (how === 'kill') {
        process.kill(postmaster(places), 'SIGKILL');
      } else {
        await control('-m', 'immediate', '-w', '-s', 'stop');
      }
    },
    query: (sql, values) => query(url, sql, values),
  };
}

function postmaster({ cluster }: Places): number {
  return Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
}

/** After a SIGKILL the orphans of the old server hold its memory for a moment. */
async function untilUp(start: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await start();
      return;
    } catch (error) {
      if (attempt === 60) {
        throw error;
      }
      await sleep(500);
    }
  }
}

async function query<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
