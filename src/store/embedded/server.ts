import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { freePort } from './free-port.ts';
import { type ServerHandle, serverHandle } from './handle.ts';
import { choosePlaces, type Places } from './places.ts';
import { postgresUser, type RunAs, runProgram } from './run-as.ts';

export interface EmbeddedServer {
  url: string;
  /** Lines for the start-up summary. */
  notes: string[];
  /** Leaves the server; the last process that used it stops it. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** Server settings, `name=value`. Tests pass `fsync=off`; the service passes none: commits reach the disk. */
  settings?: string[];
}

const USER = 'pql';
const DATABASE = 'pql';
const START_ATTEMPTS = 8;
const ATTEMPT_PAUSE = 1000;

/**
 * Starts the PostgreSQL that npm brought, or joins the one that already runs on this data folder.
 *
 * Processes on one data folder share one server, and the last to leave stops it: a verb that was there first must
 * not take the database away from the service that started meanwhile. A server that outlived its processes
 * (killed hard) is adopted with its data. The port is picked anew at every start, so a taken port never stops it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const handle = serverHandle(dataDir);
  const user = postgresUser();
  const places = choosePlaces(dataDir, await findBinaries(), user);
  return handle.locked(async () => {
    const running = handle.url();
    const joined = running !== undefined && (await answers(running));
    const notes = joined && !handle.othersInside() ? [ADOPTED] : [];
    const url = joined ? running : await start(places, user, dataDir, options.settings ?? []);
    handle.note(url);
    handle.enter();
    return { url, notes: [...places.notes, ...notes], stop: () => leave(handle, places, user) };
  });
}

function passwordIn(dataDir: string): string {
  return join(dataDir, 'postgres.json.password');
}

/** Whether a server was ever made in this data folder. */
export function hasEmbedded(dataDir: string): boolean {
  return existsSync(passwordIn(resolve(dataDir)));
}

const ADOPTED = 'adopted the PostgreSQL that the last run left running';

async function start(places: Places, user: RunAs, dataDir: string, settings: string[]): Promise<string> {
  const password = initialise(places, user, passwordIn(dataDir));
  const url = await startOnFreePort(places, user, password, settings);
  await ensureDatabase(url);
  return url;
}

function leave(handle: ServerHandle, places: Places, user: RunAs): Promise<void> {
  return handle.locked(async () => {
    handle.leave();
    if (!handle.othersInside()) {
      handle.note(undefined);
      runProgram(places.binaries.pg_ctl, ['-D', places.cluster, '-m', 'fast', '-w', '-s', 'stop'], user);
    }
  });
}

/** Creates the cluster once; returns the password of its only user. */
function initialise(places: Places, user: RunAs, passwordFile: string): string {
  if (existsSync(join(places.cluster, 'PG_VERSION')) && existsSync(passwordFile)) {
    return readFileSync(passwordFile, 'utf8').trim();
  }
  rmSync(places.cluster, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  const dir = mkdtempSync(join(tmpdir(), 'pql-initdb-'));
  try {
    const file = join(dir, 'password');
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    if ('uid' in user) {
      chownSync(dir, user.uid as number, user.gid as number);
      chownSync(file, user.uid as number, user.gid as number);
    }
    const flags = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${file}`];
    runProgram(
      places.binaries.initdb,
      [`--pgdata=${places.cluster}`, ...flags, '--encoding=UTF8', '--locale=C', '--no-sync'],
      user,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  return password;
}

async function startOnFreePort(
  places: Places,
  user: RunAs,
  password: string,
  settings: string[],
): Promise<string> {
  const urlAt = (port: number) => `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`;
  for (let attempt = 1; ; attempt++) {
    const running = runningPort(places);
    if (running !== undefined && (await answers(urlAt(running)))) {
      return urlAt(running);
    }
    const port = await freePort();
    try {
      startAt(port, places, user, settings);
      return urlAt(port);
    } catch (error) {
      if (attempt === START_ATTEMPTS) {
        throw new Error(
          `The embedded PostgreSQL does not start; its log is ${places.log}. ${(error as Error).message}`,
        );
      }
      await sleep(ATTEMPT_PAUSE);
    }
  }
}

function startAt(port: number, places: Places, user: RunAs, settings: string[]): void {
  const options = [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    "-c unix_socket_directories=''",
    '-c max_connections=200',
    ...settings.map((setting) => `-c ${setting}`),
  ].join(' ');
  const args = ['-D', places.cluster, '-l', places.log, '-w', '-t', '60', '-s', '-o', options, 'start'];
  runProgram(places.binaries.pg_ctl, args, user);
}

/**
 * The port in the cluster's pid file: of a server that still runs, or of one that was killed. It is only asked, never
 * stopped by its number: after a hard kill that number may belong to another program by now. A server that is
 * still going down or coming up answers, or makes room, within the pauses between attempts.
 */
function runningPort(places: Places): number | undefined {
  try {
    const lines = readFileSync(join(places.cluster, 'postmaster.pid'), 'utf8').split('\n');
    return Number.parseInt(lines[3] ?? '', 10) || undefined;
  } catch {
    return undefined;
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
    }
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    // A run that was killed at its first start may have left a server without our database.
    return (error as { code?: string }).code === '3D000';
  }
}
