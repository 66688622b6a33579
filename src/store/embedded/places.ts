import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { canExecute, canWrite, type RunAs } from './run-as.ts';

const AWAY = '/var/lib/pql-bridge';

/** Where the server's programs and data are, and what the start-up summary should say about it. */
export interface Places {
  binaries: PostgresBinaries;
  /** PostgreSQL's data directory. */
  cluster: string;
  log: string;
  notes: string[];
}

/**
 * Programs and data stay beside the project when the server's user can reach them. A checkout below a folder
 * that only root may enter cannot be reached by `postgres`: then both live under /var/lib/pql-bridge, in a
 * folder named after the data folder's path, so that the same checkout finds its data again.
 */
export function choosePlaces(dataDir: string, found: PostgresBinaries, user: RunAs): Places {
  const home = resolve(dataDir);
  mkdirSync(home, { recursive: true });
  const notes: string[] = [];
  const beside = join(home, 'postgres');
  if (ownedFolder(beside, user) && canExecute(found.postgres, user)) {
    return { binaries: found, cluster: join(beside, 'data'), log: join(beside, 'server.log'), notes };
  }
  const away = awayFrom(home);
  ownedFolder(away, user);
  const binaries = canExecute(found.postgres, user) ? found : copyBinaries(found);
  notes.push(`PostgreSQL's user cannot enter ${home}; its data is in ${away}`);
  return { binaries, cluster: join(away, 'data'), log: join(away, 'server.log'), notes };
}

/** Removes a data folder whose server has stopped, and what stands away from it. For runs that keep nothing. */
export function removePlaces(dataDir: string): void {
  rmSync(awayFrom(resolve(dataDir)), { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

function awayFrom(path: string): string {
  return join(AWAY, createHash('sha256').update(path).digest('hex').slice(0, 16));
}

/** Makes `dir`, gives it to the server's user, and tells whether that user can work in it. */
function ownedFolder(dir: string, user: RunAs): boolean {
  mkdirSync(dir, { recursive: true });
  if ('uid' in user) {
    chownSync(dir, user.uid as number, user.gid as number);
  }
  return canWrite(dir, user);
}

/** One copy for each checkout and PostgreSQL version, whatever the data folder: they are 60 MB. */
function copyBinaries(found: PostgresBinaries): PostgresBinaries {
  const native = dirname(dirname(found.postgres));
  const target = `${awayFrom(native)}-programs-${versionOf(found)}`;
  if (!existsSync(target)) {
    const half = `${target}.${process.pid}`;
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    putInPlace(half, target);
  }
  const program = (path: string) => join(target, 'bin', basename(path));
  return {
    initdb: program(found.initdb),
    pg_ctl: program(found.pg_ctl),
    postgres: program(found.postgres),
  };
}

function versionOf({ postgres }: PostgresBinaries): string {
  const said = execFileSync(postgres, ['--version'], { encoding: 'utf8' });
  return /[\d.]+\w*/.exec(said)?.[0] ?? 'unknown';
}

/** Another process may have copied the same meanwhile; then its copy serves. */
function putInPlace(half: string, target: string): void {
  try {
    renameSync(half, target);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(target)) {
      throw error;
    }
  }
}
