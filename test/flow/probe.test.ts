import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bareEnvironment } from '../support/environment.ts';
import { freePort } from '../support/ports.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'pql-probe-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What the Dockerfile asks, in a container whose first process was started with these words. */
async function probe(words: string[], port: number): Promise<number | null> {
  const [, command] = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').match(/HEALTHCHECK[^[]*(\[.*\])/) ?? [];
  const [program, ...args] = JSON.parse(command ?? '[]') as string[];
  expect(program).toBe('node');
  const file = join(dir, 'cmdline');
  writeFileSync(file, words.map((word) => `${word}\0`).join(''));
  const child = spawn(process.execPath, [...args, file], {
    cwd: ROOT,
    env: { ...bareEnvironment(), PORT: String(port) },
  });
  return new Promise((resolve) => child.once('exit', resolve));
}

it.each([
  ['a receiver', ['node', 'src/cli/pql.ts', 'start', '--role', 'receive'], 1],
  ['the whole service', ['node', 'src/cli/pql.ts', 'start'], 1],
  ['a worker', ['node', 'src/cli/pql.ts', 'start', '--role', 'work'], 0],
  ['a scheduler', ['node', 'src/cli/pql.ts', 'start', '--role=schedule'], 0],
  [
    'a worker behind an init',
    ['/sbin/docker-init', '--', 'node', 'src/cli/pql.ts', 'start', '--role', 'work'],
    0,
  ],
])('the health check of the image, with nothing on the port: %s', async (_who, words, code) => {
  expect(await probe(words, await freePort())).toBe(code);
});

it.each([
  [200, 0],
  [503, 1],
])('the health check of the image asks /healthz of a receiver: %i', async (status, code) => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await probe(['node', 'start', '--role', 'receive'], (server.address() as AddressInfo).port)).toBe(
    code,
  );
  expect(asked).toEqual(['/healthz']);
  server.close();
});
