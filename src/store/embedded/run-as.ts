import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** The operating-system user that runs the server. Empty when the process is not root: then it is the process's own. */
export type RunAs = { uid: number; gid: number } | Record<string, never>;

const SYSTEM_USER = 'postgres';

/**
 * PostgreSQL refuses to run as root. As root, the user `postgres` runs it, and is created when the machine
 * lacks it (a container with nothing but Node).
 */
export function postgresUser(): RunAs {
  if (process.getuid?.() !== 0) {
    return {};
  }
  return lookUp() ?? create();
}

function lookUp(): RunAs | undefined {
  const uid = spawnSync('id', ['-u', SYSTEM_USER], { encoding: 'utf8' });
  const gid = spawnSync('id', ['-g', SYSTEM_USER], { encoding: 'utf8' });
  if (uid.status !== 0 || gid.status !== 0) {
    return undefined;
  }
  return { uid: Number(uid.stdout.trim()), gid: Number(gid.stdout.trim()) };
}

function create(): RunAs {
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--no-create-home', '--user-group', SYSTEM_USER]],
    ['adduser', ['-S', '-H', '-D', SYSTEM_USER]],
  ];
  for (const [program, args] of attempts) {
    spawnSync(program, args, { stdio: 'ignore' });
    const user = lookUp();
    if (user !== undefined) {
      return user;
    }
  }
  throw new Error(
    'Running as root, and no user "postgres" could be created to run the embedded PostgreSQL. ' +
      'Create that user, run as another user, or set DATABASE_URL.',
  );
}

/** Whether `user` can reach and execute `program`. */
export function canExecute(program: string, user: RunAs): boolean {
  return spawnSync(program, ['--version'], { ...user, stdio: 'ignore', cwd: '/' }).status === 0;
}

/** Whether `user` can write into the folder `dir`, which exists. */
export function canWrite(dir: string, user: RunAs): boolean {
  if (!('uid' in user)) {
    return isWritable(dir);
  }
  return spawnSync('test', ['-w', dir, '-a', '-x', dir], { ...user, stdio: 'ignore', cwd: '/' }).status === 0;
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs one of PostgreSQL's programs to its end; throws with what it said when it fails. */
export function runProgram(program: string, args: string[], user: RunAs): string {
  try {
    return execFileSync(program, args, {
      ...user,
      cwd: '/',
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C' },
    });
  } catch (error) {
    const said = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`${program} failed: ${(said.stderr || said.stdout || said.message).trim()}`);
  }
}
