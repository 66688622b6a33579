import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../../src/compose.ts';
import { bareEnvironment } from './environment.ts';
import { freePort } from './ports.ts';
import { SECRETS } from './receiver.ts';

/** One process of the service. */
export interface Member {
  role: Role;
  port: number;
  url: string;
  /** SIGTERM; its exit code. */
  stop(): Promise<number | null>;
}

/** Several processes of each role over one PostgreSQL and one queue, with the stand-ins of both CRMs in a process of their own. */
export interface Fleet {
  members: Member[];
  /** Adds a process and waits until it is ready. */
  add(role: Role, port?: number): Promise<Member>;
  /** Records of a stand-in. */
  records<T>(crm: 'hubspot' | 'salesforce', object: string): Promise<T[]>;
  stop(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, '../../src/cli/pql.ts');

export async function startFleet(databaseUrl: string, settings: Record<string, string>): Promise<Fleet> {
  const dir = mkdtempSync(join(tmpdir(), 'pql-fleet-'));
  const env = {
    ...bareEnvironment(),
    DATABASE_URL: databaseUrl,
    PQL_DATA_DIR: dir,
    SEGMENT_WEBHOOK_SECRET: SECRETS.segmentSecret,
    SEGMENT_WEBHOOK_TOKEN: SECRETS.segmentToken,
    ...settings,
  };
  const children: ChildProcess[] = [];
  const run = (args: string[], port: number) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...env, PORT: String(port) },
      stdio: 'pipe',
    });
    children.push(child);
    return child;
  };
  const sandboxes = JSON.parse(await line(run(['sandbox', '--json'], 0))) as Record<string, string>;
  const members: Member[] = [];
  return {
    members,
    add: async (role, port) => {
      const own = port ?? (await freePort());
      const child = run(['start', '--role', role, '--json'], own);
      await line(child);
      const member = { role, port: own, url: `http://127.0.0.1:${own}`, stop: () => ended(child) };
      members.push(member);
      return member;
    },
    records: async (crm, object) =>
      (await (await fetch(`${sandboxes[crm]}/__sandbox/records/${object}`)).json()) as never,
    stop: async () => {
      await Promise.all(children.map(ended));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The first line of its standard output: it is ready then. */
function line(child: ChildProcess): Promise<string> {
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-20_000);
  });
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk).split('\n')[0] ?? ''));
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready: ${errors}`)));
  });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  return child.exitCode;
}
