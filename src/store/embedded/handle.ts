import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What processes on one data folder know of each other: the running server's URL, who uses it, and a lock
 * around starting, joining and stopping it. Dead processes' marks count for nothing.
 */
export interface ServerHandle {
  /** Runs `work` while no other process starts, joins or stops the server. */
  locked<T>(work: () => Promise<T>): Promise<T>;
  url(): string | undefined;
  /** Notes the running server; undefined: there is none any more. */
  note(url: string | undefined): void;
  enter(): void;
  leave(): void;
  /** Whether another live process uses the server. */
  othersInside(): boolean;
}

const LOCK_PATIENCE = 90_000;

export function serverHandle(dataDir: string): ServerHandle {
  const file = join(dataDir, 'postgres.json');
  const users = join(dataDir, 'postgres.users');
  const mine = join(users, String(process.pid));
  return {
    locked: (work) => locked(join(dataDir, 'postgres.lock'), work),
    url: () => readUrl(file),
    note: (url) => {
      if (url === undefined) {
        rmSync(file, { force: true });
      } else {
        writeFileSync(`${file}.new`, JSON.stringify({ url }), { mode: 0o600 });
        renameSync(`${file}.new`, file);
      }
    },
    enter: () => {
      mkdirSync(users, { recursive: true });
      writeFileSync(mine, '');
    },
    leave: () => rmSync(mine, { force: true }),
    othersInside: () => pidsIn(users).some((pid) => pid !== process.pid && isAlive(pid)),
  };
}

async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + LOCK_PATIENCE;
  while (!takeLock(file)) {
    if (Date.now() > end) {
      throw new Error(`Another process holds ${file}. If none runs any more, remove that file.`);
    }
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function takeLock(file: string): boolean {
  try {
    const lock = openSync(file, 'wx', 0o600);
    writeFileSync(lock, String(process.pid));
    closeSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
    dropStaleLock(file);
    return false;
  }
}

/** The holder was killed. An empty file is one whose holder is just writing its number into it. */
function dropStaleLock(file: string): void {
  const holder = readNumber(file);
  if (holder !== undefined && (holder === process.pid || !isAlive(holder))) {
    rmSync(file, { force: true });
  }
}

function readNumber(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function readUrl(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { url?: string }).url;
  } catch {
    return undefined;
  }
}

function pidsIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
