import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { choosePlaces, type Places } from './places.ts';
import { postgresUser, type RunAs, runProgram } from './run-as.ts';

/** What a second process (a verb beside the service) needs to reach the server: kept in `PQL_DATA_DIR`. */
interface Handle {
  url: string;
  /** The process that started the server and will stop it. */
  owner: number;
}

export interface EmbeddedServer {
  url: string;
  /** false: another live process started it and will stop it. */
  owned: boolean;
  /** Lines for the start-up summary. */
  notes: string[];
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** Server settings, `name=value`. Tests pass `fsync=off`; the service passes none: commits reach the disk. */
  settings?: string[];
}

const USER = 'pql';
const DATABASE = 'pql';
const START_ATTEMPTS = 5;

/**
 * Starts the PostgreSQL that npm brought, or joins the one that already runs on this data folder.
 *
 * One process owns the server. A server that outlived its owner (killed hard) is adopted with its data. The
 * port is picked anew at every start, so a taken port never stops it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const handleFile = join(resolve(options.dataDir), 'postgres.json');
  const running = readHandle(handleFile);
  if (running !== undefined && (await answers(running.url))) {
    return joinRunning(handleFile, running, options);
  }
  const user = postgresUser();
  const places = choosePlaces(options.dataDir, await findBinaries(), user);
  const password = initialise(places, user, handleFile);
  const url = await startOnFreePort(places, user, password, options.settings ?? []);
  await ensureDatabase(url);
  writeHandle(handleFile, { url, owner: process.pid });
  return { url, owned: true, notes: places.notes, stop: () => stop(places, user, handleFile) };
}

async function joinRunning(
  handleFile: string,
  running: Handle,
  options: EmbeddedOptions,
): Promise<EmbeddedServer> {
  if (running.owner !== process.pid && isAlive(running.owner)) {
    return { url: running.url, owned: false, notes: [], stop: async () => {} };
  }
  const user = postgresUser();
  const places = choosePlaces(options.dataDir, await findBinaries(), user);
  writeHandle(handleFile, { ...running, owner: process.pid });
  const notes = [...places.notes, 'adopted the PostgreSQL that the last run left running'];
  return { url: running.url, owned: true, notes, stop: () => stop(places, user, handleFile) };
}

/** Creates the cluster once; returns the password of its only user. */
function initialise(places: Places, user: RunAs, handleFile: string): string {
  const passwordFile = `${handleFile}.password`;
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
  stopQuietly(places, user);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const options = [
      `-p ${port}`,
      '-c listen_addresses=127.0.0.1',
      "-c unix_socket_directories=''",
      '-c max_connections=200',
      ...settings.map((setting) => `-c ${setting}`),
    ].join(' ');
    try {
      const args = ['-D', places.cluster, '-l', places.log, '-w', '-t', '60', '-s', '-o', options, 'start'];
      runProgram(places.binaries.pg_ctl, args, user);
      return `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`;
    } catch (error) {
      if (attempt === START_ATTEMPTS) {
        throw new Error(
          `The embedded PostgreSQL does not start; its log is ${places.log}. ${(error as Error).message}`,
        );
      }
    }
  }
}

/** A server whose handle was lost may still hold the data folder. */
function stopQuietly(places: Places, user: RunAs): void {
  if (!existsSync(join(places.cluster, 'postmaster.pid'))) {
    return;
  }
  try {
    runProgram(places.binaries.pg_ctl, ['-D', places.cluster, '-m', 'fast', '-w', '-s', 'stop'], user);
  } catch {
    // Not running: a stale pid file of a killed run. The server removes it itself when it starts.
  }
}

async function stop(places: Places, user: RunAs, handleFile: string): Promise<void> {
  rmSync(handleFile, { force: true });
  runProgram(places.binaries.pg_ctl, ['-D', places.cluster, '-m', 'fast', '-w', '-s', 'stop'], user);
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
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readHandle(file: string): Handle | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Handle;
  } catch {
    return undefined;
  }
}

function writeHandle(file: string, handle: Handle): void {
  writeFileSync(`${file}.new`, JSON.stringify(handle), { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}
