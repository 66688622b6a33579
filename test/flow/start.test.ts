import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { removePlaces } from '../../src/store/embedded/places.ts';
import { testDatabase } from '../support/database.ts';
import { bareEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { copyOfMappings } from '../support/folder.ts';
import { freePort } from '../support/ports.ts';

const PROGRAM = join(import.meta.dirname, '../../src/cli/pql.ts');

interface Run {
  child: ChildProcess;
  url: string;
  log: () => string;
  ended: Promise<number | null>;
}

const runs: Run[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const { child, ended } of runs.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  folders.splice(0).forEach(removePlaces);
});

describe('the life of the process', () => {
  it('a start whose port is taken ends with 1, says so, and leaves no database running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const dataDir = folder();
    const { ended, log } = start({ PORT: String(port), PQL_DATA_DIR: dataDir });
    expect(await ended).toBe(1);
    expect(log()).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(readdirSync(dataDir)).not.toContain('postgres.json');
    taken.close();
  });

  it('I1: what was acknowledged is there after a hard kill; the database left running is adopted and stopped at the end', async () => {
    const env = { PQL_DATA_DIR: folder() };
    const first = await ready(start(env));
    expect(await track(first, 'm-1')).toBe(200);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await ready(start(env));
    expect(second.log()).toContain('adopted the PostgreSQL');
    expect(await events(second)).toBe(1);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(readdirSync(env.PQL_DATA_DIR)).not.toContain('postgres.json');
  });

  it('I7: a database that goes away while a worker starts on it is waited for', async () => {
    const database = await testDatabase();
    const holder = await database.db.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE fact_rows IN ACCESS EXCLUSIVE MODE');
      const run = start({ DATABASE_URL: database.url }, ['--role', 'work', '--json']);
      const cut = async () => {
        const rows = await database.db.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%fact_rows%'`,
        );
        return (rows.rowCount ?? 0) > 0;
      };
      await eventually(cut);
      await holder.query('ROLLBACK');
      await ready(run);
      run.child.kill('SIGTERM');
      expect(await run.ended).toBe(0);
    } finally {
      holder.release();
      await database.drop();
    }
  });

  it('two processes on one data folder share the database, and the last to leave stops it', async () => {
    const env = { PQL_DATA_DIR: folder() };
    const [one, two] = await Promise.all([ready(start(env)), ready(start(env))]);
    one.child.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(await track(two, 'm-2')).toBe(200);
    two.child.kill('SIGTERM');
    expect(await two.ended).toBe(0);
    expect(readdirSync(env.PQL_DATA_DIR)).not.toContain('postgres.json');
  });

  it('with the database down it starts, answers 503 and not ready, and SIGTERM ends it with 0', async () => {
    const nobody = `postgres://pql@127.0.0.1:${await freePort()}/pql`;
    const run = await ready(start({ PQL_DATA_DIR: folder(), DATABASE_URL: nobody }));
    expect(await track(run, 'm-3')).toBe(503);
    const answer = await fetch(`${run.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ready: false, database: 'unreachable' });
    expect((await fetch(`${run.url}/metrics`)).status).toBe(200);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('I7: with Redis down a trigger is scored all the same, and SIGTERM ends it with 0', async () => {
    const nobody = `redis://127.0.0.1:${await freePort()}`;
    const run = await ready(start({ PQL_DATA_DIR: folder(), REDIS_URL: nobody }));
    expect(await track(run, 'm-4')).toBe(200);
    await expect
      .poll(() => score(run), { timeout: 20_000 })
      .toMatchObject({ model: 'mql-rubric', value: expect.any(Number) });
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('I11: SIGHUP takes a good configuration over, refuses a broken one, and never ends the process', async () => {
    const { dir, edit, remove } = copyOfMappings();
    const run = await ready(start({ PQL_DATA_DIR: folder(), MAPPINGS_DIR: dir }));
    edit('models/mql-rubric.yaml', 'points: 25 points once', 'points: many');
    run.child.kill('SIGHUP');
    await expect.poll(run.log, { timeout: 10_000 }).toContain('the last good one goes on');
    expect(run.log()).toContain('rules.4.points');
    expect(await (await fetch(`${run.url}/readyz`)).json()).toMatchObject({ configuration: 'degraded' });
    edit('models/mql-rubric.yaml', 'points: many', 'points: 26 points once');
    run.child.kill('SIGHUP');
    await expect.poll(run.log, { timeout: 10_000 }).toContain('configuration reloaded');
    expect(await track(run, 'm-5')).toBe(200);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    remove();
  });

  it('a SIGHUP that comes while it starts is answered when it is up', async () => {
    const { dir, edit, remove } = copyOfMappings();
    const run = start({ PQL_DATA_DIR: folder(), MAPPINGS_DIR: dir });
    await expect.poll(run.log, { timeout: 10_000 }).toContain('settings');
    edit('models/mql-rubric.yaml', 'points: 25 points once', 'points: many');
    run.child.kill('SIGHUP');
    await expect.poll(run.log, { timeout: 20_000 }).toContain('the last good one goes on');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    remove();
  });

  it('bad input: the API refuses what it cannot mean, and whoever is not on this machine', async () => {
    const run = await ready(start({ PQL_DATA_DIR: folder() }));
    const refused: [string, number][] = [
      ['/accounts?model=nope', 400],
      ['/accounts/x?model=nope', 400],
      ['/accounts?cursor=nope', 400],
      ['/accounts?limit=0', 400],
      ['/accounts?q=%00', 400],
      ['/accounts/%ff', 400],
      ['/accounts/nobody', 404],
    ];
    for (const [path, status] of refused) {
      const answer = await fetch(`${run.url}/api/v1${path}`);
      expect([path, answer.status]).toEqual([path, status]);
      expect(await answer.json()).toMatchObject({ error: { code: expect.any(String) } });
    }
    const json = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect((await fetch(`${run.url}/api/v1/recompute`, json)).status).toBe(400);
    for (const headers of [{ 'x-forwarded-for': '1.2.3.4' }, { origin: 'https://elsewhere.example' }]) {
      expect((await fetch(`${run.url}/api/v1/status`, { headers })).status).toBe(403);
    }
  });

  it('told to stop it serves on for PQL_DRAIN_SECONDS: red on /readyz, each answer ends its connection; then it ends with 0', async () => {
    const run = await ready(start({ PQL_DATA_DIR: folder(), PQL_DRAIN_SECONDS: '3' }));
    run.child.kill('SIGTERM');
    await expect.poll(run.log, { timeout: 10_000 }).toContain('finishing what is under way');
    const answer = await fetch(`${run.url}/readyz`);
    expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
    expect(await answer.json()).toMatchObject({ ready: false, stopping: true, database: 'ok' });
    expect(await track(run, 'm-6')).toBe(200);
    expect(await run.ended).toBe(0);
    expect(await track(run, 'm-7').catch(() => 'nobody there')).toBe('nobody there');
  });

  it('a second signal ends it at once, and the exit code says by which', async () => {
    const run = await ready(start({ PQL_DATA_DIR: folder(), PQL_DRAIN_SECONDS: '60' }));
    run.child.kill('SIGTERM');
    await expect.poll(run.log, { timeout: 10_000 }).toContain('finishing what is under way');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
  });

  it('a role of its own without DATABASE_URL is refused', async () => {
    const run = start({ PQL_DATA_DIR: folder() }, ['--role', 'work']);
    expect(await run.ended).toBe(2);
    expect(run.log()).toContain('--role needs DATABASE_URL');
  });
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pql-life-'));
  chmodSync(dir, 0o711);
  folders.push(dir);
  return dir;
}

function start(env: Record<string, string>, args: string[] = []): Run {
  const settings = { ...bareEnvironment(), PORT: '0', SEGMENT_WRITE_KEYS: 'wk', ...env };
  const child = spawn(process.execPath, [PROGRAM, 'start', ...args], { env: settings, stdio: 'pipe' });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const run = { child, url: '', log: () => text, ended };
  runs.push(run);
  return run;
}

async function ready(run: Run): Promise<Run> {
  await expect.poll(run.log, { timeout: 30_000 }).toContain('"msg":"ready"');
  run.url = /"url":"([^"]+)"/.exec(run.log())?.[1] ?? '';
  return run;
}

async function track({ url }: Run, messageId: string): Promise<number> {
  const call = {
    type: 'track',
    event: 'Limit Reached',
    userId: `user-${randomBytes(4).toString('hex')}`,
    context: { groupId: 'acct-life' },
    messageId,
  };
  const answer = await fetch(`${url}/v1/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa('wk:')}` },
    body: JSON.stringify(call),
  });
  return answer.status;
}

async function events({ url }: Run): Promise<number> {
  const status = (await (await fetch(`${url}/api/v1/status`)).json()) as { journal: { events: number } };
  return status.journal.events;
}

async function score({ url }: Run): Promise<unknown> {
  const found = (await (await fetch(`${url}/api/v1/accounts/acct-life`)).json()) as { score?: unknown };
  return found.score;
}
